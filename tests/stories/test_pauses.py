"""A rule can let an alert wait: what is over by then wakes nobody, what is not pages as if it had come then."""

from dataclasses import replace
from datetime import timedelta

from tests.stories.night import Night
from tocsin.domain.config import Rule, Urgency
from tocsin.domain.matchers import parse

PAUSE = Rule("flaky", pause=timedelta(minutes=2))
WARNS = (parse('severity="warning"'),)


def test_what_is_resolved_within_its_pause_pages_nobody_and_that_is_said(night: Night) -> None:
    night.rules(PAUSE)
    night.alert("checkout is down")
    night.passes(minutes=1)
    assert night.incident.is_paused
    night.resolves("checkout is down")
    night.passes(minutes=30)
    assert night.is_resolved()
    assert night.told("paused: by the rule flaky: nobody is paged before 02:16:00 UTC") == 1
    assert night.told("resolved", "within its pause: nobody was paged") == 1


def test_what_outlasts_its_pause_pages_the_first_level_and_then_the_next(night: Night) -> None:
    night.rules(PAUSE)
    night.alert("checkout is down")
    night.passes(minutes=1, seconds=50)
    night.phone("primary").stays_silent()
    night.passes(seconds=15)
    night.phone("primary").receives("checkout is down")
    night.passes(minutes=5, seconds=5)
    night.phone("primary").rings()
    night.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_with_its_timer_lost_what_was_paused_is_found_by_the_sweep(night: Night) -> None:
    night.rules(PAUSE)
    night.alert("checkout is down")
    night.world.queue.jobs.clear()
    night.passes(minutes=3, seconds=30)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_what_joins_in_the_pause_makes_it_no_longer_and_no_shorter(night: Night) -> None:
    night.rules(PAUSE)
    night.alert("checkout is down", severity="warning")
    night.passes(minutes=1)
    night.alert("checkout is down", severity="critical")
    night.passes(seconds=50)
    night.phone("primary").stays_silent()
    night.passes(seconds=15)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert night.incident.urgency is Urgency.HIGH


def test_what_no_rule_lets_wait_ends_the_pause_when_it_joins(night: Night) -> None:
    night.rules(replace(PAUSE, match=WARNS, pause=timedelta(hours=1)))
    night.event("trigger", "disk 80 percent", severity="warning", dedup_key="disk")
    night.passes(minutes=10)
    night.event("trigger", "disk 85 percent", severity="warning", dedup_key="disk")
    night.phone("primary").stays_silent()
    night.event("trigger", "disk full", severity="critical", dedup_key="disk")
    night.phone("primary").receives("disk 80 percent")
    assert night.told("pause over", "checkout-pagerduty says what no rule lets wait") == 1
    night.passes(minutes=2)
    night.phone("primary").rings().answers("ack").receives("Acknowledged")
    night.passes(hours=1)
    assert night.is_acknowledged()


def test_what_no_rule_lets_wait_ends_the_pause_of_its_group(night: Night) -> None:
    together = Rule("together", group="{{service}}", continues=True)
    night.rules(together, Rule("flaky", (parse('alertname="flaky"'),), pause=timedelta(hours=1)))
    night.alert("checks fail", name="flaky")
    night.passes(minutes=10)
    night.phone("primary").stays_silent()
    night.alert("checkout is down")
    night.phone("primary").receives("checks fail").answers("ack").receives("Acknowledged")
    assert len(night.incidents()) == 1


def test_what_is_expected_does_not_end_a_pause(night: Night) -> None:
    expected = Rule("expected", (parse('severity="info"'),), suppress=True)
    night.rules(replace(PAUSE, match=WARNS, pause=timedelta(hours=1)), expected)
    night.event("trigger", "disk 80 percent", severity="warning", dedup_key="disk")
    night.event("trigger", "disk is checked", severity="info", dedup_key="disk")
    night.passes(minutes=55)
    night.phone("primary").stays_silent()
    night.event("resolve", "disk 80 percent", dedup_key="disk")
    assert night.is_resolved()


def test_somebody_who_asks_for_the_next_level_ends_the_pause(night: Night) -> None:
    night.rules(PAUSE)
    night.alert("checkout is down")
    night.operator_acknowledges()
    night.passes(minutes=10)
    assert night.is_acknowledged(by="Olga Operator")


def test_a_repeat_of_the_event_pages_nobody_in_the_pause(night: Night) -> None:
    night.rules(PAUSE)
    night.alert("checkout is down")
    for _ in range(3):
        night.alert("checkout is down")
    night.passes(seconds=60)
    assert night.alerts() == 4
    night.phone("primary").stays_silent()
    night.resolves("checkout is down")

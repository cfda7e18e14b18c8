"""Maintenance: trouble that is expected is written down and wakes nobody; what outlasts it does."""

from dataclasses import replace
from datetime import timedelta

from tests.stories.night import Night
from tests.stories.world import UTC_NIGHT
from tocsin.domain.maintenance import Maintenance
from tocsin.domain.matchers import Matcher, Relation
from tocsin.ledger import ledger


def maintain(night: Night, *match: Matcher, service: str = "checkout", minutes: int = 60) -> None:
    """Let an hour of maintenance have begun a minute ago."""
    start = UTC_NIGHT - timedelta(minutes=1)
    window = Maintenance("database move", (service,), start, start + timedelta(minutes=minutes), match)
    night.world.config = replace(night.world.config, maintenance=(window,))


def outcomes(night: Night) -> list[str]:
    return [data["outcome"] for _, data in night.world.store.query("events", order_by="accepted_at")]


def test_an_alert_inside_a_window_is_written_down_with_its_name_and_pages_nobody(night: Night) -> None:
    maintain(night)
    night.alert("checkout is down")
    night.passes(minutes=30)
    assert night.incidents() == []
    [(_, event)] = night.world.store.query("events")
    assert event["reason"] == "suppressed by the maintenance window database move, until 2026-11-21 03:13 UTC"
    books = ledger(night.world.store, UTC_NIGHT, night.world.now).balance
    assert (books.outcomes["suppressed"], books.accepted, books.differences) == (1, 1, ())


def test_what_is_not_over_when_the_window_ends_pages_then_though_it_was_said_only_once(night: Night) -> None:
    maintain(night)
    night.alert("checkout is down")
    night.passes(minutes=58)
    night.phone("primary").stays_silent()
    night.passes(minutes=2)
    phone = night.phone("primary").receives("Maintenance is over: checkout is down. Reply ack")
    phone.answers("ack").receives("Acknowledged")
    assert night.told("maintenance is over", "suppressed by the maintenance window database move", "nobody") == 1
    assert outcomes(night) == ["opened"]
    night.resolves("checkout is down")
    assert night.is_resolved()
    night.passes(hours=9)


def test_what_was_repeated_in_a_window_opens_one_incident_when_it_ends(night: Night) -> None:
    maintain(night, minutes=20)
    for _ in range(3):
        night.alert("checkout is down")
        night.passes(minutes=5)
    night.passes(minutes=5)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert (outcomes(night), len(night.incidents()), night.alerts()) == (["opened", "joined", "joined"], 1, 3)
    books = ledger(night.world.store, UTC_NIGHT, night.world.now).balance
    assert (books.accepted, books.differences) == (3, ())


def test_what_fires_again_just_after_the_window_is_one_incident(night: Night) -> None:
    maintain(night)
    night.alert("checkout is down")
    night.world.sweeps = False
    night.passes(minutes=60)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.world.sweeps = True
    night.passes(minutes=5)
    assert (outcomes(night), len(night.incidents())) == (["joined", "opened"], 1)


def test_what_is_suppressed_by_a_longer_window_or_the_next_one_waits_for_its_end(night: Night) -> None:
    maintain(night, minutes=10)
    night.alert("checkout is down")
    first = night.world.config.maintenance[0]
    following = replace(first, name="the next one", start=first.end, end=first.end + timedelta(minutes=10))
    night.world.config = replace(night.world.config, maintenance=(first, following))
    night.passes(minutes=15)
    [(_, event)] = night.world.store.query("events")
    assert event["reason"] == "suppressed by the maintenance window the next one, until 2026-11-21 02:33 UTC"
    night.passes(minutes=3)
    night.phone("primary").stays_silent()
    night.passes(minutes=2)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_what_was_suppressed_pages_when_the_window_is_called_off(night: Night) -> None:
    maintain(night)
    night.alert("checkout is down")
    night.passes(minutes=5)
    night.world.config = replace(night.world.config, maintenance=())
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_a_window_that_is_called_off_holds_nothing_back_though_others_are_in_force(night: Night) -> None:
    maintain(night)
    night.alert("checkout is down")
    night.passes(minutes=5)
    called_off = night.world.config.maintenance[0]
    shorter = replace(called_off, name="stock moves", services=("stock",), end=called_off.end - timedelta(minutes=30))
    longer = replace(shorter, name="search moves", services=("search",), end=called_off.end + timedelta(hours=2))
    night.world.config = replace(night.world.config, maintenance=(shorter, longer))
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_a_window_that_ends_sooner_than_was_said_holds_back_no_longer(night: Night) -> None:
    maintain(night)
    night.alert("checkout is down")
    sooner = replace(night.world.config.maintenance[0], end=UTC_NIGHT + timedelta(minutes=20))
    other = replace(sooner, name="stock moves", services=("stock",), end=UTC_NIGHT + timedelta(hours=5))
    night.world.config = replace(night.world.config, maintenance=(sooner, other))
    night.passes(minutes=18)
    night.phone("primary").stays_silent()
    night.passes(minutes=3)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_what_a_window_no_longer_means_pages_at_once_though_its_end_stays(night: Night) -> None:
    maintain(night)
    night.alert("checkout is down")
    night.alert("report is late", service="reports")
    night.phone("primary").receives("report is late").answers("ack").receives("Acknowledged")
    [window] = night.world.config.maintenance
    night.world.config = replace(night.world.config, maintenance=(replace(window, services=("reports",)),))
    night.passes(minutes=1)
    night.phone("primary").receives("Maintenance is over: checkout is down").answers("ack").receives("Acknowledged")


def test_what_a_window_in_force_holds_back_is_not_looked_at_again(night: Night) -> None:
    maintain(night)
    night.alert("checkout is down")
    [(_, before)] = night.world.store.query("events")
    night.passes(minutes=10)
    assert [one for _, one in night.world.store.query("events")] == [before]


def test_what_a_window_still_means_when_it_was_changed_waits_on(night: Night) -> None:
    maintain(night)
    night.alert("checkout is down")
    [window] = night.world.config.maintenance
    changed = replace(window, services=("checkout", "reports"))
    night.world.config = replace(night.world.config, maintenance=(changed,))
    night.passes(minutes=57)
    night.phone("primary").stays_silent()
    night.passes(minutes=3)
    night.phone("primary").receives("Maintenance is over: checkout is down").answers("ack").receives("Acknowledged")


def test_what_was_acknowledged_in_a_window_is_nobodys_page_when_it_ends(night: Night) -> None:
    maintain(night)
    night.event("trigger", "queue is long")
    night.event("acknowledge", "queue is long")
    night.passes(minutes=61)
    assert night.is_acknowledged(by="checkout-pagerduty")


def test_a_window_that_ends_while_the_queue_is_away_pages_all_the_same(night: Night) -> None:
    maintain(night, minutes=10)
    night.alert("checkout is down")
    night.world.queue.down = True
    night.passes(minutes=11)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_what_is_over_before_the_window_ends_pages_nobody(night: Night) -> None:
    maintain(night)
    night.alert("checkout is down")
    night.resolves("checkout is down")
    night.passes(hours=2)
    assert outcomes(night) == ["suppressed", "nothing open"]
    reasons = [data["reason"] for _, data in night.world.store.query("events", order_by="accepted_at")]
    assert reasons[0].endswith("until 2026-11-21 03:13 UTC; it was over before that")


def test_another_service_and_what_no_matcher_fits_page_as_ever(night: Night) -> None:
    maintain(night, Matcher("severity", Relation.IS, "warning"))
    night.alert("checkout is slow", severity="warning")
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(minutes=1)
    night.alert("shelves are empty", service="stock")
    night.phone("primary").receives("shelves are empty").answers("ack").receives("Acknowledged")
    assert outcomes(night) == ["suppressed", "opened", "opened"]


def test_a_trouble_that_was_open_before_the_window_is_joined(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    maintain(night)
    night.alert("checkout is down")
    assert night.alerts() == 2
    night.resolves("checkout is down")
    assert night.is_resolved()


def test_an_alert_that_arrives_after_the_window_pages_although_it_was_accepted_inside(night: Night) -> None:
    maintain(night, minutes=10)
    with night.delayed(minutes=15):
        night.alert("checkout is down")
    night.passes(minutes=15)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_a_heartbeat_that_falls_silent_in_a_window_is_told_when_it_ends(night: Night) -> None:
    night.beats()
    maintain(night, service="backup", minutes=60)
    night.passes(minutes=58)
    assert night.incidents() == []
    night.passes(minutes=2)
    night.phone("primary").receives("Nightly backup has sent no heartbeat").answers("ack").receives("Acknowledged")


def test_a_heartbeat_that_is_heard_again_before_the_window_ends_is_not_told(night: Night) -> None:
    night.beats()
    maintain(night, service="backup", minutes=30)
    night.passes(minutes=28)
    night.beats_for(minutes=10)
    assert night.incidents() == []


def test_a_heartbeat_that_falls_silent_in_a_window_is_told_when_that_is_called_off(night: Night) -> None:
    night.beats()
    maintain(night, service="backup", minutes=300)
    night.passes(minutes=60)
    night.world.config = replace(night.world.config, maintenance=())
    night.passes(minutes=5)
    phone = night.phone("primary").receives("Nightly backup has sent no heartbeat").rings()
    phone.answers("ack").receives("Acknowledged")

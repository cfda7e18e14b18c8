"""Orders where somebody else has it, is asleep, or was asked: nothing is taken away, and the words are true."""

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night
from tests.stories.test_digests import HOSTS
from tests.stories.test_quiet_hours import NIGHT
from tocsin import desk
from tocsin.domain.config import ContactRule, Urgency
from tocsin.domain.incident import Incident


def named(night: Night, title: str) -> Incident:
    [found] = [one for one in night.incidents() if one.title == title]
    return found


@pytest.mark.parametrize("order", ["pass {code} manager", "escalate {code}", "snooze {code} 1h"])
def test_an_order_for_a_digest_takes_nothing_from_who_has_it(night: Night, order: str) -> None:
    for title in ("disk is full", *HOSTS):
        night.alert(title, service="reports")
    night.phone("primary").receives("disk is full")
    night.passes(minutes=1)
    night.phone("primary").receives("3 incidents")
    desk.acknowledged(night.world.store, named(night, HOSTS[0]).id, "Secondary Person", night.world.now)
    night.passes(seconds=30)
    night.phone("primary").answers(order).has_had_enough()
    assert named(night, HOSTS[0]).answered_by == "Secondary Person"
    assert named(night, HOSTS[1]).answered_by != "Secondary Person"
    for user in ("secondary", "manager"):
        night.phone(user).has_had_enough()


@pytest.mark.parametrize("order", ["snooze {code} 1h", "pass {code} secondary"])
def test_whoever_was_asked_and_gives_an_order_is_not_called(night: Night, order: str) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged").answers("add {code} manager")
    night.phone("primary").receives("Paged as well")
    night.phone("manager").receives("asks for help").answers(order).receives("checkout is down")
    night.passes(minutes=4)
    assert not night.phone("manager").calls()
    night.phone("secondary").has_had_enough()


def test_whoever_nothing_reached_can_be_asked_again(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.phone("manager").meets(Kind.REFUSED, On.TEXT, code=21211).meets(Kind.REFUSED, On.CALL, code=21211)
    phone.answers("add {code} manager").receives("Paged as well")
    night.passes(minutes=5)
    assert night.told("alarm", "could not be paged") == 1
    phone.answers("add {code} manager").receives("Paged as well")
    night.phone("manager").receives("asks for help").answers("ack").receives("You are on it")


def test_whoever_was_asked_has_the_text_though_the_call_fails_after_the_next_level_was_paged(night: Night) -> None:
    night.alert("checkout is down")
    manager = night.phone("manager").meets(Kind.REFUSED, On.CALL, code=21211)
    phone = night.phone("primary").receives("down").answers("add {code} manager").receives("Paged as well")
    manager.receives("asks for help")
    phone.answers("escalate {code}").receives("Escalated")
    night.passes(minutes=2)
    assert night.incident.asked == ("manager",)
    night.phone("secondary").receives("down").rings().answers("ack").receives("Acknowledged")
    manager.answers("ack").receives("You are on it")


def test_whoever_nothing_reached_is_told_of_though_the_next_level_was_paged_meanwhile(night: Night) -> None:
    night.alert("checkout is down")
    manager = night.phone("manager").meets(Kind.UNDELIVERED, On.TEXT, None, code=30003)
    manager.meets(Kind.CALLBACK_LATE, On.TEXT, None, seconds=20).meets(Kind.REFUSED, On.CALL, None, code=21211)
    phone = night.phone("primary").receives("down").answers("add {code} manager").receives("Paged as well")
    phone.answers("escalate {code}").receives("Escalated")
    night.passes(minutes=1)
    assert (night.told("alarm", "Manager Person, who was asked, could not be paged"), night.incident.asked) == (1, ())
    night.phone("secondary").receives("down").answers("ack").receives("Acknowledged")


def test_whoever_was_asked_and_has_one_rule_only_is_tried_once_by_the_other_channel(night: Night) -> None:
    night.changes("users", "manager", rules={Urgency.HIGH: (ContactRule("sms"),)})
    night.alert("checkout is down")
    manager = night.phone("manager").meets(Kind.UNDELIVERED, On.TEXT, None, code=30003)
    manager.meets(Kind.CALLBACK_LATE, On.TEXT, None, seconds=20).meets(Kind.REFUSED, On.CALL, None, code=21211)
    phone = night.phone("primary").receives("down").answers("add {code} manager").receives("Paged as well")
    phone.answers("escalate {code}").receives("Escalated")
    night.passes(minutes=3)
    assert (night.told("alarm", "could not be paged"), night.told("Manager Person: added")) == (1, 1)
    night.phone("secondary").receives("down").rings().answers("ack").receives("Acknowledged")


def test_the_code_of_what_is_snoozed_for_a_week_lasts_as_long(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down").answers("snooze {code} 7d").receives("Snoozed")
    phone.answers("add {code} primary").has_had_enough()
    night.passes(days=4)
    phone.has_had_enough()
    phone.answers("resolve {code}").receives("Resolved")


@pytest.mark.parametrize(
    ("order", "asleep", "words"),
    [
        ("pass {code} manager", "manager", "who is paged at 07:00 UTC, when quiet hours end"),
        ("add {code} manager", "manager", "Paged as well at 07:00 UTC, when quiet hours end: Manager"),
        ("escalate {code}", "secondary", "The next one is paged at 07:00 UTC, when quiet hours end"),
    ],
)
def test_whoever_is_asleep_is_not_said_to_be_paged_now(night: Night, order: str, asleep: str, words: str) -> None:
    night.changes("users", asleep, quiet_hours=NIGHT, time_zone="Europe/London")
    night.alert("report is late", service="reports")
    night.phone("primary").receives("late").answers(order).receives(words)
    night.phone(asleep).stays_silent()


@pytest.mark.parametrize("order", ["ack {code}", "snooze {code} 1h"])
def test_nobody_is_promised_silence_while_somebody_who_was_asked_is_still_called(night: Night, order: str) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down").answers("add {code} manager").receives("Paged as well")
    night.phone("manager").receives("asks for help")
    phone.answers(order).receives("checkout is down")
    assert "obody" not in phone.text
    night.passes(minutes=2)
    night.phone("manager").rings()

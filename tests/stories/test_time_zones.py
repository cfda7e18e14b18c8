"""Whoever is paged reads every time on the wall where they live."""

import pytest

from tests.stories.night import Night
from tests.stories.test_digests import HOSTS
from tests.stories.test_quiet_hours import NIGHT


@pytest.fixture
def berlin(night: Night) -> Night:
    """Let everybody live in Berlin, where it is 03:14."""
    for user in ("primary", "secondary", "manager"):
        night.changes("users", user, time_zone="Europe/Berlin")
    return night


def test_a_snooze_and_what_stands_open_are_told_in_local_time(berlin: Night) -> None:
    berlin.alert("checkout is down")
    phone = berlin.phone("primary").receives("down").answers("snooze {code} 1h").receives("Snoozed until 04:14 CET")
    phone.answers("status").receives("snoozed until 04:14 CET")
    phone.answers("snooze {code} 2d").receives("Snoozed until Mon 23 Nov 03:14 CET")


def test_when_somebody_was_quicker_is_told_in_local_time(berlin: Night) -> None:
    berlin.alert("cards are refused", service="payments")
    berlin.phone("primary").receives("cards").answers("ack").receives("Acknowledged")
    phone = berlin.phone("secondary").receives("cards").answers("ack {code}")
    phone.receives("Already acknowledged by Primary Person at 03:14 CET")
    phone.answers("ack").receives("Already acknowledged by Primary Person at 03:14 CET")
    phone.answers("resolve {code}").receives("Resolved").answers("snooze {code} 1h").receives("resolved", "03:14 CET")


def test_a_digest_is_told_in_local_time(berlin: Night) -> None:
    for title in ("disk is full", *HOSTS):
        berlin.alert(title)
    berlin.phone("primary").receives("disk is full")
    berlin.passes(minutes=1)
    berlin.phone("primary").receives("3 incidents, oldest 03:14 CET")


def test_a_page_that_is_late_says_since_when_in_local_time(berlin: Night) -> None:
    berlin.world.queue.forgetful = True
    berlin.world.sweeps = False
    berlin.alert("reports are missing", service="reports")
    berlin.passes(hours=3)
    berlin.world.sweep()
    berlin.passes(seconds=3)
    assert berlin.phone("primary").receives().text.startswith("From 03:14 CET: reports are missing")


@pytest.mark.parametrize("order", ["pass {code} secondary", "add {code} secondary", "escalate {code}"])
def test_the_end_of_anothers_quiet_hours_is_told_in_the_time_of_whoever_asks(berlin: Night, order: str) -> None:
    berlin.changes("users", "secondary", quiet_hours=NIGHT, time_zone="Europe/London")
    berlin.alert("report is late", service="reports")
    berlin.phone("primary").receives("late").answers(order).receives("at 08:00 CET, when quiet hours end")
    berlin.phone("secondary").stays_silent()


def test_who_is_on_call_until_when_is_told_in_local_time(berlin: Night) -> None:
    berlin.alert("checkout is down")
    phone = berlin.phone("primary").receives("down")
    phone.answers("who by-turns").receives("until 10:00 CET")
    phone.answers("ack").receives("Acknowledged")

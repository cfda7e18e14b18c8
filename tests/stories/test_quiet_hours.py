"""Quiet hours: the phone of somebody asleep is silent unless something cannot wait."""

from datetime import UTC, datetime, time

import pytest

from tests.stories.night import Night
from tocsin.domain.calendar import Hours

NIGHT = Hours(tuple(range(7)), time(22), time(7))


@pytest.fixture
def asleep(night: Night) -> Night:
    night.begins(datetime(2026, 11, 21, 2, 14, tzinfo=UTC))
    night.changes("users", "primary", quiet_hours=NIGHT, time_zone="Europe/London")
    return night


def test_what_can_wait_is_told_in_the_morning(asleep: Night) -> None:
    asleep.alert("report is late", service="reports")
    asleep.passes(hours=4, minutes=45)
    asleep.phone("primary").stays_silent()
    asleep.phone("secondary").stays_silent()
    asleep.passes(minutes=1)
    asleep.phone("primary").receives("report is late").answers("ack").receives("Acknowledged")
    assert asleep.told("paging", "level 1: Primary Person", "quiet hours until Sat 07:00 GMT") == 1


def test_what_cannot_wait_comes_at_once(asleep: Night) -> None:
    asleep.alert("checkout is down")
    asleep.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_what_is_over_before_the_morning_is_never_told(asleep: Night) -> None:
    asleep.alert("report is late", service="reports")
    asleep.resolves("report is late", service="reports")
    asleep.passes(hours=8)
    asleep.phone("primary").stays_silent()


def test_without_a_queue_the_sweep_tells_it_in_the_morning(asleep: Night) -> None:
    asleep.world.queue.forgetful = True
    asleep.alert("report is late", service="reports")
    asleep.passes(hours=4, minutes=48)
    asleep.phone("primary").receives("report is late").answers("ack").receives("Acknowledged")


def test_the_next_level_gets_its_turn_after_them_and_not_in_them(asleep: Night) -> None:
    asleep.alert("report is late", service="reports")
    asleep.passes(hours=4, minutes=50)
    asleep.phone("primary").receives("report is late")
    asleep.phone("secondary").stays_silent()
    asleep.passes(minutes=2)
    asleep.phone("secondary").receives("report is late").answers("ack").receives("Acknowledged")

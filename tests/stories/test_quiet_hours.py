"""Quiet hours: the phone of somebody asleep is silent unless something cannot wait."""

from datetime import UTC, datetime, time

import pytest

from infra.local.phones.faults import Kind
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


@pytest.fixture
def awake(night: Night) -> Night:
    """Give three minutes before the quiet hours."""
    night.begins(datetime(2026, 11, 20, 21, 57, tzinfo=UTC))
    night.changes("users", "primary", quiet_hours=NIGHT, time_zone="Europe/London")
    return night


def test_what_an_outage_delays_into_the_night_waits_for_the_morning_if_it_can(awake: Night) -> None:
    awake.phone("primary").meets(Kind.THROTTLED, times=None)
    awake.alert("report is late", service="reports")
    awake.passes(minutes=5)
    awake.world.network.cancel_faults()
    awake.phone("secondary").has_had_enough()
    awake.passes(hours=8, minutes=55)
    awake.phone("primary").stays_silent()
    awake.passes(minutes=3)
    awake.phone("primary").receives("report is late").answers("ack").receives("Acknowledged")
    assert awake.told("waiting", "until 07:00:00 UTC: quiet hours, and this can wait") == 1


def test_an_outage_delays_into_the_night_what_cannot_wait(awake: Night) -> None:
    awake.phone("primary").meets(Kind.THROTTLED, times=None)
    awake.alert("checkout is down")
    awake.passes(minutes=4)
    awake.world.network.cancel_faults()
    awake.passes(minutes=1)
    awake.phone("primary").receives("checkout is down").answers("ack").has_had_enough()
    awake.phone("secondary").has_had_enough()


def test_a_text_that_fails_in_the_night_is_called_in_the_morning_if_it_can_wait(awake: Night) -> None:
    awake.passes(minutes=2, seconds=59.8)  # the text is sent before ten, and fails after
    awake.phone("primary").meets(Kind.UNDELIVERED, code=30003)
    awake.alert("report is late", service="reports")
    awake.passes(hours=8, minutes=59)
    awake.phone("primary").stays_silent()
    awake.passes(minutes=2)
    awake.phone("primary").rings().has_had_enough()
    awake.phone("secondary").has_had_enough()


def test_a_digest_that_is_put_off_into_the_night_speaks_for_what_cannot_wait(awake: Night) -> None:
    awake.passes(minutes=1, seconds=59)
    awake.alert("report is late", service="reports")
    phone = awake.phone("primary").receives("report is late")
    awake.alert("shelf is empty", service="reports")
    awake.alert("checkout is down")
    phone.meets(Kind.THROTTLED)
    awake.passes(minutes=1, seconds=20)
    phone.receives("2 incidents").answers("ack all").has_had_enough()
    awake.phone("secondary").has_had_enough()

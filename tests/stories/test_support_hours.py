"""Urgency by support hours: quiet at night, and raised in the morning if nobody has answered."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.stories.night import Night
from tocsin.domain.calendar import Hours
from tocsin.domain.config import Flapping, ServiceUrgency, SupportHours, Urgency

OFFICE = SupportHours("Europe/London", (Hours((0, 1, 2, 3, 4), time(9), time(17, 30)),), raise_pending=True)


@pytest.fixture
def office(night: Night) -> Night:
    """Give a Monday, half an hour before the office opens."""
    night.begins(datetime(2026, 11, 23, 8, 30, 20, tzinfo=UTC))
    night.changes("services", "checkout", urgency=ServiceUrgency.BY_SUPPORT_HOURS, support_hours=OFFICE, policy="pair")
    night.changes("users", "secondary", quiet_hours=Hours(tuple(range(7)), time(8), time(23)))
    return night


def loudness(office: Night) -> Urgency:
    return office.incident.urgency


def answered(office: Night) -> None:
    office.phone("primary").answers("ack").receives("Acknowledged")


def test_what_is_open_when_the_hours_begin_is_raised_and_paged_again(office: Night) -> None:
    office.changes("policies", "pair", repeat=5)
    office.alert("cart is slow")
    assert loudness(office) is Urgency.LOW
    office.phone("primary").receives("cart is slow")
    office.passes(minutes=29)
    office.phone("primary").has_had_enough()
    office.phone("manager").has_had_enough()
    office.phone("secondary").stays_silent()
    office.passes(minutes=1, seconds=30)
    assert loudness(office) is Urgency.HIGH
    assert office.told("raised", "support hours begin: low urgency becomes high") == 1
    office.passes(minutes=12)
    office.phone("primary").receives("cart is slow").rings()
    office.phone("secondary").receives("cart is slow").rings()
    office.phone("primary").has_had_enough()
    answered(office)
    office.phone("secondary").has_had_enough()
    office.phone("manager").has_had_enough()


@pytest.mark.parametrize("forgetful", [True, False])
def test_whoever_slept_is_called_once_and_not_again_when_the_quiet_hours_end(office: Night, forgetful: bool) -> None:  # noqa: FBT001
    office.world.queue.forgetful = forgetful
    office.pages("checkout", *office.world.config.policies["call"].levels[1].targets)
    office.alert("cart is slow")
    office.passes(minutes=29)
    office.phone("secondary").stays_silent()
    office.passes(minutes=2)
    office.phone("secondary").receives("cart is slow").answers("ack").receives("Acknowledged")
    office.passes(hours=16)
    office.phone("secondary").stays_silent()


def test_what_somebody_has_taken_is_not_paged_again(office: Night) -> None:
    office.alert("cart is slow")
    office.phone("primary").receives("cart is slow")
    answered(office)
    office.passes(hours=2)
    assert office.is_acknowledged(by="Primary Person")


def test_what_was_resolved_at_night_is_looked_at_no_more(office: Night) -> None:
    office.alert("cart is slow")
    office.phone("primary").receives("cart is slow")
    office.resolves("cart is slow")
    office.passes(hours=1)
    assert office.incident.raise_at is None
    assert office.told("raised") == 0


def test_within_the_hours_a_page_is_urgent_at_once(office: Night) -> None:
    office.passes(minutes=40)
    office.alert("cart is slow")
    office.phone("primary").receives("cart is slow")
    office.phone("secondary").receives("cart is slow")
    answered(office)


def test_a_service_that_is_gone_by_then_raises_nothing(office: Night) -> None:
    office.alert("cart is slow")
    office.phone("primary").receives("cart is slow")
    office.loses_service("checkout")
    office.passes(minutes=32)
    office.phone("manager").has_had_enough()
    assert office.told("raised") == 0
    assert office.incident.raise_at is None


def test_whoever_it_was_passed_to_is_paged_again_when_the_hours_begin(office: Night) -> None:
    office.changes("users", "manager", quiet_hours=Hours(tuple(range(7)), time(8), time(23)))
    office.passes(minutes=20)
    office.alert("cart is slow")
    office.phone("primary").receives("cart is slow").answers("pass {code} manager").receives("Passed to Manager Person")
    office.passes(minutes=9, seconds=30)
    office.phone("manager").stays_silent()
    office.passes(minutes=3)
    office.phone("manager").receives("cart is slow").rings().answers("ack").receives("Acknowledged")
    assert office.told("raised") == 1


def test_what_is_over_for_the_moment_is_raised_and_pages_nobody(office: Night) -> None:
    office.changes("services", "checkout", flapping=Flapping(1, timedelta(hours=1), timedelta(minutes=50)))
    office.alert("cart is slow")
    office.phone("primary").receives("cart is slow")
    office.resolves("cart is slow")
    office.passes(minutes=40)
    assert loudness(office) is Urgency.HIGH
    office.passes(minutes=15)
    assert office.is_resolved()

"""Who is on call at this hour: turns, hand-overs and overrides, by the wall clock of the schedule's zone."""

from datetime import UTC, datetime

import pytest

from tests.stories.night import Night

NOVEMBER = [("08:59", "secondary"), ("09:00", "primary"), ("20:59", "primary"), ("21:00", "secondary")]
JUNE = [("07:59", "secondary"), ("08:00", "primary"), ("19:59", "primary"), ("20:00", "secondary")]


@pytest.mark.parametrize(("clock", "user"), NOVEMBER)
def test_the_turns_change_at_nine(night: Night, clock: str, user: str) -> None:
    night.begins(datetime.fromisoformat(f"2026-11-21T{clock}:00+00:00"))
    night.alert("search is slow", service="search")
    night.phone(user).receives("search is slow")
    assert night.told("paging", "on call in by-turns by rotation") == 1


@pytest.mark.parametrize(("clock", "user"), JUNE)
def test_in_summer_nine_comes_an_hour_earlier(night: Night, clock: str, user: str) -> None:
    night.begins(datetime.fromisoformat(f"2026-06-21T{clock}:00+00:00"))
    night.alert("search is slow", service="search")
    night.phone(user).receives("search is slow")


@pytest.mark.parametrize(
    ("start", "user"),
    [
        (datetime(2026, 12, 24, 17, 59, tzinfo=UTC), "primary"),
        (datetime(2026, 12, 24, 18, 0, tzinfo=UTC), "manager"),
        (datetime(2026, 12, 25, 8, 59, tzinfo=UTC), "manager"),
        (datetime(2026, 12, 25, 9, 0, tzinfo=UTC), "primary"),
    ],
)
def test_on_christmas_eve_the_override_decides(night: Night, start: datetime, user: str) -> None:
    night.begins(start)
    night.alert("search is slow", service="search")
    night.phone(user).receives("search is slow")


def test_the_timeline_says_that_an_override_was_the_reason(night: Night) -> None:
    night.begins(datetime(2026, 12, 24, 23, 0, tzinfo=UTC))
    night.alert("search is slow", service="search")
    night.phone("manager").receives("search is slow")
    assert night.told("paging", "Manager Person", "override until 2026-12-25 09:00 Europe/London") == 1


def test_a_page_stays_with_whoever_it_was_sent_to_when_the_turn_changes(night: Night) -> None:
    night.begins(datetime(2026, 11, 21, 8, 59, 30, tzinfo=UTC))
    night.alert("search is slow", service="search")
    night.passes(minutes=3)
    night.phone("secondary").receives("search is slow").rings().answers("ack").receives("Acknowledged")
    night.phone("primary").stays_silent()


def test_somebody_who_only_wants_calls_is_called_at_once(night: Night) -> None:
    night.alert("lines are cut", service="dialled")
    night.phone("caller").rings().picks_up().presses("4").hears("Acknowledged")
    assert night.told("paging", "Caller Person (named by the policy)") == 1

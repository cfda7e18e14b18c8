"""Shift notices: whoever asks is told by text when a shift begins and when it ends, once, and never before a page."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night
from tocsin.domain.calendar import Hours, Override
from tocsin.domain.config import Target, TargetKind

NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)
ON = "You are on call for by-turns until Sat 21:00 GMT. Then Secondary Person."
OFF = "You are off call for by-turns since Sat 21:00 GMT. Secondary Person is on call now."


@pytest.fixture
def morning(night: Night) -> Night:
    """Give a minute before primary's shift."""
    night.begins(NINE - timedelta(minutes=1))
    night.changes("users", "primary", shift_notices=True, time_zone="Europe/London")
    return night


def test_coming_on_and_going_off_are_told_within_a_minute_and_once(morning: Night) -> None:
    morning.passes(seconds=59)
    morning.phone("primary").stays_silent()
    morning.passes(minutes=1, seconds=1)
    morning.phone("primary").receives(ON)
    morning.passes(hours=12)
    morning.phone("primary").receives(OFF)
    morning.passes(hours=2)


def test_nobody_is_told_who_has_not_asked(morning: Night) -> None:
    morning.passes(hours=14)
    morning.phone("primary").has_had_enough()
    morning.phone("secondary").stays_silent()


def test_no_query_and_no_document_is_spent_where_nobody_asks(night: Night) -> None:
    night.begins(NINE - timedelta(minutes=1))
    night.passes(hours=1)
    assert night.world.store.query("notices") == []


@pytest.mark.parametrize(("late", "told"), [(60, True), (61, False)])
def test_what_lies_more_than_an_hour_back_is_told_no_more(morning: Night, late: int, told: bool) -> None:  # noqa: FBT001
    morning.world.sweeps = False
    morning.passes(minutes=late - 1)
    morning.world.sweeps = True
    morning.passes(minutes=2)
    morning.passes(seconds=3)
    if told:
        morning.phone("primary").receives(ON)


def test_going_off_is_not_told_in_quiet_hours_and_coming_on_is(morning: Night) -> None:
    morning.changes("users", "primary", quiet_hours=Hours(tuple(range(7)), time(20), time(10)))
    morning.passes(minutes=2)
    morning.phone("primary").receives(ON)
    morning.passes(hours=22)
    morning.phone("primary").stays_silent()


def test_going_off_is_told_when_quiet_hours_end_soon_after(morning: Night) -> None:
    morning.changes("users", "primary", quiet_hours=Hours(tuple(range(7)), time(20), time(21, 30)))
    morning.passes(minutes=2)
    morning.phone("primary").receives(ON)
    morning.passes(hours=12, minutes=15)
    morning.phone("primary").stays_silent()
    morning.passes(minutes=15)
    morning.phone("primary").receives(OFF)


@pytest.mark.parametrize("death", ["before", "after"])
def test_a_crash_between_is_repaired_by_the_next_sweep(morning: Night, death: str) -> None:
    morning.passes(seconds=59)
    morning.world.wire.death = death
    with pytest.raises(BaseException, match=death):
        morning.passes(minutes=1)
    morning.passes(minutes=2)
    morning.phone("primary").receives(ON).stays_silent()


@pytest.mark.parametrize("kind", [Kind.LOST_AFTER, Kind.LOST_BEFORE, Kind.THROTTLED])
def test_a_text_that_may_have_been_lost_is_looked_for_and_not_sent_twice(morning: Night, kind: Kind) -> None:
    morning.phone("primary").meets(kind, On.TEXT)
    morning.passes(minutes=5)
    morning.phone("primary").receives(ON).stays_silent()


def test_a_number_that_takes_no_texts_is_let_alone(morning: Night) -> None:
    morning.phone("primary").answers("STOP")
    morning.passes(minutes=5)
    assert morning.world.network.notices() == []


def test_a_refusal_is_not_asked_again_and_holds_up_nobody(morning: Night) -> None:
    morning.changes("users", "secondary", shift_notices=True)
    morning.phone("primary").meets(Kind.REFUSED, On.TEXT, code=21211, status=400)
    morning.passes(minutes=5)
    morning.phone("secondary").receives(
        "You are off call for by-turns since Sat 09:00 UTC. Primary Person is on call now."
    )
    assert morning.world.watcher.beats


def test_a_page_goes_first_and_the_notice_takes_nobodys_turn(morning: Night) -> None:
    morning.pages("stock", Target(TargetKind.USER, "primary"))
    morning.passes(seconds=58)
    morning.world.queue.forgetful = True
    morning.alert("stock is wrong", service="stock")
    morning.passes(minutes=2)
    morning.phone("primary").receives("stock is wrong").receives(ON).answers("ack").receives("Acknowledged")


def test_a_cover_is_told_to_both(morning: Night) -> None:
    night = morning
    night.changes("users", "manager", shift_notices=True)
    schedule = night.world.config.schedules["by-turns"]
    cover = Override("manager", NINE + timedelta(hours=1), NINE + timedelta(hours=2))
    night.changes("schedules", "by-turns", overrides=(*schedule.overrides, cover))
    night.passes(minutes=2)
    night.phone("primary").receives("until Sat 10:00 GMT. Then Manager Person.")
    night.passes(hours=1)
    night.phone("primary").receives("off call for by-turns since Sat 10:00 GMT. Manager Person is on call now.")
    night.phone("manager").receives("You are on call for by-turns until Sat 11:00 UTC. Then Primary Person.")
    night.passes(hours=1)
    night.phone("manager").receives("You are off call", "Primary Person is on call now.")
    night.phone("primary").receives(ON)


def test_a_user_who_goes_on_by_another_rule_is_not_told(morning: Night) -> None:
    schedule = morning.world.config.schedules["by-turns"]
    seam = Override("primary", NINE + timedelta(hours=1), NINE + timedelta(hours=2))
    morning.changes("schedules", "by-turns", overrides=(seam,))
    assert replace(schedule, overrides=(seam,)) != schedule
    morning.passes(hours=4)
    morning.phone("primary").receives(ON).stays_silent()

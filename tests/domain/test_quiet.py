"""Quiet hours hold back what can wait until they end, by the user's own wall clock, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, MINUTE, NOW, config, incident, level, named, user
from tocsin.domain.calendar import Hours
from tocsin.domain.config import Config, ContactRule, Urgency, User
from tocsin.domain.escalation import page_next
from tocsin.domain.people import Page, choose, notifications
from tocsin.domain.quiet import ends, reaches

EVERY_DAY = tuple(range(7))
NIGHT = Hours(EVERY_DAY, time(22), time(7))
ADA = replace(user("ada"), time_zone="Europe/London", quiet_hours=NIGHT)
SEVEN = datetime(2026, 11, 21, 7, tzinfo=UTC)
YEARS = datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2030-01-01")
LOW = {Urgency.LOW: (ContactRule("sms"), ContactRule("voice", 2 * MINUTE))}


def asleep(*names: str) -> Config:
    people = {name: user(name) for name in ("ada", "bram", "dana")}
    quiet = {name: replace(people[name], quiet_hours=NIGHT, rules=LOW) for name in names}
    return config(users=people | quiet)


@pytest.mark.parametrize(
    ("at", "ends_at"),
    [
        ("2026-11-21T21:59:59+00:00", None),
        ("2026-11-21T22:00:00+00:00", "2026-11-22T07:00:00+00:00"),
        ("2026-11-22T06:59:59+00:00", "2026-11-22T07:00:00+00:00"),
        ("2026-11-22T07:00:00+00:00", None),
        ("2026-06-21T21:00:00+00:00", "2026-06-22T06:00:00+00:00"),  # in summer by the wall of London
        ("2026-03-28T23:00:00+00:00", "2026-03-29T06:00:00+00:00"),  # the night that has an hour less
    ],
)
def test_they_end_when_the_wall_says_so(at: str, ends_at: str | None) -> None:
    assert ends(ADA, datetime.fromisoformat(at)) == datetime.fromisoformat(ends_at or at)


def test_nobody_sleeps_who_says_nothing_or_lives_nowhere() -> None:
    assert ends(user("ada"), NOW) == NOW
    assert ends(replace(ADA, time_zone="Nowhere/Atall"), NOW) == NOW
    assert ends(replace(ADA, quiet_hours=Hours(EVERY_DAY, time(0), time(0))), NOW) == NOW


@settings(deadline=None)
@given(st.datetimes(*YEARS), st.sampled_from(["UTC", "Europe/London", "Asia/Tokyo"]))
def test_what_can_wait_never_comes_in_them_and_what_cannot_is_never_late(wall: datetime, zone: str) -> None:
    at, sleeper = wall.replace(tzinfo=UTC), replace(ADA, time_zone=zone)
    later = reaches(sleeper, Urgency.LOW, at)
    assert at <= later <= at + 10 * HOUR
    assert reaches(sleeper, Urgency.LOW, later) == later
    assert reaches(sleeper, Urgency.HIGH, at) == at


def dues(sleeper: User, urgency: Urgency, at: datetime) -> list[timedelta]:
    [chosen] = choose(config(users={"ada": sleeper}), [named("ada")], at)
    page = Page("i1", generation=1, episode=1, step=1, level=1, urgency=urgency)
    made = notifications(chosen, page, at)
    assert all(one.due == one.next_at for one in made)
    return [one.due - at for one in made]


def test_the_pauses_between_channels_are_kept_afterwards() -> None:
    sleeper = replace(ADA, rules=LOW)
    assert dues(sleeper, Urgency.LOW, SEVEN - HOUR) == [HOUR, HOUR + 2 * MINUTE]
    assert dues(sleeper, Urgency.LOW, SEVEN) == [0 * MINUTE, 2 * MINUTE]
    assert dues(ADA, Urgency.HIGH, SEVEN - HOUR) == [0 * MINUTE, 2 * MINUTE]


def test_a_call_that_would_come_in_them_waits_for_their_end() -> None:
    assert dues(replace(ADA, rules=LOW), Urgency.LOW, SEVEN + 15 * HOUR - MINUTE) == [0 * MINUTE, 9 * HOUR + MINUTE]


def test_a_level_that_sleeps_has_its_whole_time_afterwards() -> None:
    paged = page_next(incident(urgency=Urgency.LOW), asleep("ada"), NOW)
    assert (paged.level, paged.next_at) == (1, SEVEN + 5 * MINUTE)
    assert paged.timeline[-1].why == "level 1: Ada (named by the policy; quiet hours until Sat 07:00 UTC)"


def test_a_level_on_which_somebody_is_awake_is_not_waited_for() -> None:
    both = level(named("ada"), named("bram"))
    paged = page_next(incident(both, urgency=Urgency.LOW), asleep("ada"), NOW)
    assert paged.next_at == NOW + 5 * MINUTE
    assert {one.user: one.due for one in paged.new if one.channel == "sms"} == {"ada": SEVEN, "bram": NOW}


def test_the_catch_all_sleeps_as_well() -> None:
    paged = page_next(incident(levels=(), urgency=Urgency.LOW), asleep("dana"), NOW)
    assert paged.next_at == SEVEN + 30 * MINUTE

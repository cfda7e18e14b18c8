"""Around every clock change of every zone from 2024 to 2030, each minute has the one user whom the wall says."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from tests.domain.wall import DAY, MINUTE, Wall, turn_at, written_down
from tocsin.domain.calendar import Hours, Layer, Months, Override, Schedule
from tocsin.domain.schedule import Shift, gaps, on_call, shifts

HOUR = 60 * MINUTE
AROUND = 190 * MINUTE
MINUTES = 2 * AROUND // MINUTE
TEAM = ("alice", "bob", "carol")
ZONES = sorted(available_timezones())
PARTS = 24

# A turn, and how many of them have passed when the clock changes.
TURNS: tuple[tuple[timedelta | Months, int], ...] = (
    (DAY, 2),
    (HOUR, 3),
    (7 * DAY, 1),
    (12 * HOUR, 5),
    (Months(1), 2),
    (8 * HOUR, 4),
    (2 * DAY, 3),
    (36 * HOUR, 2),
    (2 * HOUR, 7),
    (5 * HOUR, 6),
    (Months(3), 1),
    (90 * MINUTE, 5),
)
# How long after the clock's jump, by the wall, a hand-off is due: within what is skipped or repeated, and at its edges.
DUE = tuple(minutes * MINUTE for minutes in (0, 30, 59, 60, -1, 1, -30, -60, 90, 15, -61))


@cache
def jumps(name: str) -> tuple[datetime, ...]:
    """Find the instants at which a zone's clock jumps."""
    zone, days = ZoneInfo(name), [datetime(2024, 1, 1, tzinfo=UTC) + number * DAY for number in range(2558)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return tuple(found(days[number], zone) for number in range(2557) if offsets[number] != offsets[number + 1])


def found(day: datetime, zone: ZoneInfo) -> datetime:
    """Find the first minute of the day after a jump, halving what is left."""
    before, after = 0, 1440
    while after - before > 1:
        middle = (before + after) // 2
        same = (day + middle * MINUTE).astimezone(zone).utcoffset() == day.astimezone(zone).utcoffset()
        before, after = (middle, after) if same else (before, middle)
    return day + after * MINUTE


def cases(zones: list[str]) -> Iterator[tuple[int, Wall, Layer]]:
    """Give what the wall shows around each jump, and a layer that hands over near it."""
    number = 0
    for name in zones:
        for jump in jumps(name):
            wall = Wall(ZoneInfo(name), jump - AROUND, jump + AROUND)
            number += 1
            turn, passed = TURNS[number % len(TURNS)]
            due = wall.readings[AROUND // MINUTE - 1] + MINUTE + DUE[number % len(DUE)]
            yield number, wall, Layer(TEAM, turn, before(due, turn, passed), early=True)


def before(due: datetime, turn: timedelta | Months, passed: int) -> datetime:
    if isinstance(turn, timedelta):
        return due - passed * turn
    for _ in range(passed * turn.count):
        due = (due.replace(day=1) - DAY).replace(day=min(due.day, 28))
    return due


def checked(plan: Schedule, wall: Wall) -> tuple[Shift, ...]:
    """Give the shifts around a jump, which follow each other, and with the gaps add up to all of the time."""
    found = shifts(plan, wall.since, wall.until)
    empty = gaps(plan, wall.since, wall.until)
    assert all(one.until <= following.start for one, following in pairwise(found))
    spans = [(one.start, one.until) for one in found] + [(gap.start, gap.until) for gap in empty]
    assert all(start < until for start, until in spans)
    assert sum((until - start for start, until in spans), timedelta()) == wall.until - wall.since
    return found


def said(found: tuple[Shift, ...], wall: Wall) -> list[str | None]:
    """Spread shifts over the minutes."""
    users: list[str | None] = [None] * len(wall.readings)
    for shift in found:
        for number in range((shift.start - wall.since) // MINUTE, (shift.until - wall.since) // MINUTE):
            assert users[number] is None
            users[number] = shift.user
    return users


@pytest.mark.parametrize("part", range(PARTS))
def test_each_minute_has_the_one_user_of_the_layer_whom_the_wall_says(part: int) -> None:
    checks = 0
    for _, wall, layer in cases(ZONES[part::PARTS]):
        plan = Schedule("one", wall.zone.key, (layer,))
        expected = turn_at(layer, wall, 12)
        expected = [user or TEAM[0] for user in expected]
        assert said(checked(plan, wall), wall) == expected, (plan, wall.since)
        for at, user in zip(wall.minutes(), expected, strict=True):
            shift = on_call(plan, at)
            assert shift
            assert (shift.user, shift.start <= at < shift.until) == (user, True), (plan, at)
            checks += 1
    assert checks == MINUTES * sum(len(jumps(name)) for name in ZONES[part::PARTS])


@pytest.mark.parametrize("part", range(PARTS))
def test_layers_hours_holidays_and_overrides_are_as_the_wall_says(part: int) -> None:
    for number, wall, layer in cases(ZONES[part::PARTS]):
        plan = stacked(number, wall, layer)
        expected = written_down(plan, wall, 12)
        assert said(checked(plan, wall), wall) == expected, (plan, wall.since)
        for at, user in list(zip(wall.minutes(), expected, strict=True))[number % 15 :: 15]:
            shift = on_call(plan, at)
            assert (shift.user if shift else None) == user, (plan, at)
            assert not shift or shift.start <= at < shift.until


def stacked(number: int, wall: Wall, layer: Layer) -> Schedule:
    """Put over a layer that hands over at the jump others whose hours and holidays begin and end near it."""
    jump = wall.readings[AROUND // MINUTE]
    begins, ends = ((jump + DUE[(number * step) % len(DUE)]).time() for step in (3, 5))
    every_day = Hours(tuple(range(7)), begins, ends)
    today, tomorrow = jump.date(), jump.date() + DAY
    above = Layer(("dana", "eve"), DAY, jump.replace(hour=9) - 3 * DAY, only=(every_day, Hours((5,), time(0), time(0))))
    festive = Layer(("finn",), DAY, jump - 9 * DAY, on=(today,) if number % 2 else (tomorrow,))
    below = Layer(layer.users, layer.turn, layer.start, off=(today - DAY, tomorrow) if number % 3 else ())
    middle = wall.since + AROUND + DUE[number % 7]
    spans = ((middle - HOUR, middle + HOUR), (middle, middle + 2 * HOUR), (middle - 2 * HOUR, middle + 90 * MINUTE))
    users, instead = ("gus", "hal", "bob"), ("", "*", "dana")
    overrides = [Override(users[k], *spans[k], instead[k]) for k in range(3)]
    first = number % 3
    return Schedule("all", wall.zone.key, (below, above, festive), tuple(overrides[first:] + overrides[:first]))


def test_these_are_more_than_a_million_checks() -> None:
    assert MINUTES * sum(len(jumps(name)) for name in ZONES) > 1_000_000

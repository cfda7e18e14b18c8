"""Who is on call: rotations that keep the wall clock, and the overrides that interrupt them.

A turn of whole days, or of hours that divide a day evenly (12h, 8h, 6h ...), hands over at the same wall-clock times
all year, as the people who agreed on "nine o'clock" expect; its length follows the clock changes. Any other turn (36h,
5h, 90s) has no wall-clock time to keep and is counted in elapsed time. A hand-off at a time that does not exist moves
forward by as much as the clock does (02:30 becomes 03:30); one at a time that exists twice happens the first time. A
turn that falls wholly into skipped time is skipped with it. Before the rotation's `start` its first user is on call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.domain.config import Rotation, Schedule

EVER = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

HandOff = Callable[[int], datetime]


@dataclass(frozen=True)
class Shift:
    """One user without interruption, from `start` up to and without `until` (UTC), and the rule that says so."""

    user: str
    start: datetime
    until: datetime
    because: str


def on_call(schedule: Schedule, at: datetime) -> Shift:
    """Name who is on call at an aware time: of the overrides that hold, the one written last; else the rotation.

    There is always somebody. The shift ends where anything that would win over it begins. Raises
    zoneinfo.ZoneInfoNotFoundError for a zone that this machine does not know.
    """
    zone = ZoneInfo(schedule.time_zone)
    since, until = EVER, NEVER
    for override in reversed(schedule.overrides):
        if override.start <= at < override.end:
            because = f"override until {override.end.astimezone(zone):%Y-%m-%d %H:%M} {schedule.time_zone}"
            return Shift(override.user, max(since, override.start), min(until, override.end), because)
        if override.end <= at:
            since = max(since, override.end)
        else:
            until = min(until, override.start)
    turn = _turn(schedule.rotation, zone, at)
    return Shift(turn.user, max(since, turn.start), min(until, turn.until), turn.because)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Give the UTC time of a naive wall-clock time: forward if it does not exist, the first one if it exists twice."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _turn(rotation: Rotation, zone: ZoneInfo, at: datetime) -> Shift:
    begin = instant(rotation.start, zone)
    if at < begin:
        return Shift(rotation.users[0], EVER, begin, "rotation, before its start")
    keeps_the_clock = not rotation.turn % DAY or (rotation.turn >= HOUR and not DAY % rotation.turn)
    hand_off, number = _by_the_clock(rotation, zone, at) if keeps_the_clock else _elapsed(rotation, begin, at)
    while hand_off(number) > at:
        number -= 1
    while hand_off(number + 1) <= at:
        number += 1
    user = rotation.users[number % len(rotation.users)]
    return Shift(user, hand_off(number), hand_off(number + 1), "rotation")


def _elapsed(rotation: Rotation, begin: datetime, at: datetime) -> tuple[HandOff, int]:
    return lambda number: begin + number * rotation.turn, (at - begin) // rotation.turn


def _by_the_clock(rotation: Rotation, zone: ZoneInfo, at: datetime) -> tuple[HandOff, int]:
    """Count by the wall clock; the number is near: a clock change can put it a few turns off."""

    def hand_off(number: int) -> datetime:
        # Clocks have skipped up to a whole day (Apia, 2011): turns shorter than that must not overtake each other.
        recent = range(max(0, number - DAY // rotation.turn), number + 1)
        return max(instant(rotation.start + each * rotation.turn, zone) for each in recent)

    return hand_off, max(0, (at.astimezone(zone).replace(tzinfo=None) - rotation.start) // rotation.turn)

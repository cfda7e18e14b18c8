"""When a layer is open: hours of the week, and holidays, both by the clock on the wall.

A boundary at a time that does not exist moves forward with the clock, one at a time that exists twice is taken the
first time: hours that end when others begin leave no gap at a clock change. A holiday is a day from midnight to
midnight, and cuts hours that run over midnight.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import TypeVar
from zoneinfo import ZoneInfo

from tocsin.domain.calendar import Hours
from tocsin.domain.timeline import EVER, NEVER, Holder, Piece, Timeline, alternating, instant

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MIDNIGHT = time(0)

T = TypeVar("T", datetime, timedelta)
Span = tuple[datetime, datetime]


def opened(hours: Sequence[Hours], zone: ZoneInfo, at: datetime) -> Timeline:
    """Say CLOSED outside the hours."""
    week = sorted(_of_the_week(hours))
    if any(end - start >= WEEK for start, end in _joined([*week, *((a + WEEK, b + WEEK) for a, b in week)])):
        return iter([Piece(None, EVER, NEVER)])
    return alternating(_joined(_weekly(week, zone, at)), at, inside=None)


def holidays(dates: Sequence[date], zone: ZoneInfo, at: datetime, *, inside: Holder | None) -> Timeline:
    """Say `inside` on the dates, which are sorted, and the contrary on all others."""
    first = max(0, bisect_left(dates, at.astimezone(zone).date()) - 1)
    while first and dates[first] - dates[first - 1] == DAY:
        first -= 1
    days = (datetime.combine(each, MIDNIGHT) for each in dates[first:])
    return alternating(_joined((instant(day, zone), instant(day + DAY, zone)) for day in days), at, inside=inside)


def _of_the_week(hours: Iterable[Hours]) -> Iterator[tuple[timedelta, timedelta]]:
    """Give when the hours begin and end, counted from Monday's midnight; those of Sunday may end in the next week."""
    for each in hours:
        start = timedelta(hours=each.start.hour, minutes=each.start.minute)
        end = timedelta(hours=each.end.hour, minutes=each.end.minute)
        length = (end - start) % DAY or DAY
        yield from ((day * DAY + start, day * DAY + start + length) for day in each.days)


def _weekly(week: Sequence[tuple[timedelta, timedelta]], zone: ZoneInfo, at: datetime) -> Iterator[Span]:
    """Repeat the week, from the one before: nothing that is open or closed for a while lasts longer than a week."""
    clock = at.astimezone(zone)
    monday = datetime.combine(clock.date() - clock.weekday() * DAY, MIDNIGHT)
    for number in count(-1):
        begin = monday + number * WEEK
        yield from ((instant(begin + start, zone), instant(begin + end, zone)) for start, end in week)


def _joined(spans: Iterable[tuple[T, T]]) -> Iterator[tuple[T, T]]:
    """Join what overlaps or touches; what is empty, for the clock skipped it, is left out."""
    joined: tuple[T, T] | None = None
    for start, end in spans:
        if end <= start:
            continue
        if joined and start <= joined[1]:
            joined = min(start, joined[0]), max(end, joined[1])
            continue
        if joined:
            yield joined
        joined = start, end
    if joined:
        yield joined

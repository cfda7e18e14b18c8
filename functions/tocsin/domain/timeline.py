"""Timelines: endless sequences of pieces without gap or overlap, made only as far as somebody asks.

Each begins with the piece that holds the instant it was made for, whose `since` is where that piece truly began.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

EVER = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
NOTHING = timedelta(0)

T = TypeVar("T")


class Piece(NamedTuple, Generic[T]):
    """One value from `since` up to and without `until` (UTC)."""

    value: T
    since: datetime
    until: datetime


class Holder(NamedTuple):
    """A user and the rule that says so."""

    user: str
    because: str


Timeline = Iterator[Piece[Holder | None]]

# Said by hours and holidays where their layer has nobody, whoever's turn it is; elsewhere they say nothing.
CLOSED = Holder("", "")


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Give the UTC time of a naive wall-clock time: forward if it does not exist, the first one if it exists twice."""
    # Ten times as fast as replacing the zone and converting: half of all work here is this line.
    return EPOCH + (wall - NAIVE_EPOCH - (zone.utcoffset(wall) or NOTHING))


def stacked(timelines: Sequence[Timeline], at: datetime) -> Timeline:
    """Lay timelines over each other, the uppermost first: at each instant the first that says anything is heard.

    A piece ends where what was heard ends, or where one above begins to speak; of what lies below nothing is seen.
    """
    heads = [next(each) for each in timelines]
    while at < NEVER:
        value, since, until = None, EVER, NEVER
        for number, each in enumerate(timelines):
            head = heads[number]
            while head.until <= at:
                head = heads[number] = next(each)
            value, begun, ends = head
            since = max(since, begun)
            until = min(until, ends)
            if value is not None:
                break
        yield Piece(value, since, until)
        at = until


def alternating(spans: Iterator[tuple[datetime, datetime]], at: datetime, *, inside: Holder | None) -> Timeline:
    """Say `inside` (nothing, or CLOSED) within spans that follow each other, and the contrary between them."""
    outside = None if inside else CLOSED
    last = EVER
    for start, end in spans:
        if start > max(last, at):
            yield Piece(outside, last, start)
        if end > at:
            yield Piece(inside, start, end)
        last = end
    yield Piece(outside, last, NEVER)

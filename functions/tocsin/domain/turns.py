"""Whose turn it is: turns that keep the wall clock.

A turn of whole months or days, or of hours that divide a day evenly (12h, 8h, 6h ...), hands over at the same times on
the wall all year, as the people who agreed on "nine o'clock" expect; its length follows the clock changes. Any other
turn (36h, 5h, 90s) has no time on the wall to keep and is counted in elapsed time. Each hand-off is counted from the
start, so none drifts: monthly turns from the 31st begin on the last day of shorter months. A hand-off at a time that
does not exist moves forward by as much as the clock does (02:30 becomes 03:30); one at a time that exists twice happens
the first time. A turn that falls wholly into skipped time is skipped with it.
"""

from calendar import monthrange
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.domain.calendar import Layer, Months
from tocsin.domain.timeline import EVER, NEVER, Holder, Piece, Timeline, instant

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

HandOff = Callable[[int], datetime]


def turns(layer: Layer, zone: ZoneInfo, at: datetime) -> Timeline:
    """Give the turns of a layer: nobody before its start, unless it is an early one, and nobody from its end on."""
    begin = instant(layer.start, zone)
    end = instant(layer.end, zone) if layer.end else NEVER
    if not layer.users or begin >= end:
        yield Piece(None, EVER, NEVER)
        return
    if at < begin:
        yield Piece(Holder(layer.users[0], f"{layer.name}, before its start") if layer.early else None, EVER, begin)
    if at < end:
        yield from _turns(layer, zone, begin, end, max(at, begin))
    yield Piece(None, end, NEVER)


def _turns(layer: Layer, zone: ZoneInfo, begin: datetime, end: datetime, at: datetime) -> Timeline:
    holders = [Holder(user, layer.name) for user in layer.users]
    if len(holders) == 1:
        yield Piece(holders[0], begin, end)
        return
    hand_offs = _hand_offs(*_counted(layer, zone, begin, at))
    number, since = next(hand_offs)
    for following, comes in hand_offs:
        until = min(comes, end)
        if until > at:
            yield Piece(holders[number % len(holders)], max(since, begin), until)
        if until == end:
            return
        number, since = following, until


def _hand_offs(hand_off: HandOff, number: int, ahead: int) -> Iterator[tuple[int, datetime]]:
    """Give which turn begins when, from a number on, without the turns that are over before they begin."""
    waiting: deque[tuple[int, datetime]] = deque()
    while True:
        comes = hand_off(number)
        while waiting and waiting[-1][1] >= comes:
            waiting.pop()
        waiting.append((number, comes))
        if waiting[0][0] <= number - ahead:
            yield waiting.popleft()
        number += 1


def _counted(layer: Layer, zone: ZoneInfo, begin: datetime, at: datetime) -> tuple[HandOff, int, int]:
    """Give when each turn begins by its number, a number before the one at `at`, and how many a clock can skip.

    Clocks have skipped up to a whole day (Apia, 2011).
    """
    start, turn = layer.start, layer.turn
    clock = at.astimezone(zone).replace(tzinfo=None)
    if isinstance(turn, Months):
        count = turn.count
        near = ((clock.year - start.year) * 12 + clock.month - start.month) // count
        return lambda number: instant(_later(start, number * count), zone), max(0, near - 2), 0
    if turn % DAY and (turn < HOUR or DAY % turn):
        return lambda number: begin + number * turn, (at - begin) // turn, 0
    near, skipped = (clock - start) // turn, DAY // turn
    return lambda number: instant(start + number * turn, zone), max(0, near - skipped - 2), skipped


def _later(start: datetime, months: int) -> datetime:
    """Give the same day of a later month, or that month's last."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))

"""Who is on call: the layers of a schedule over each other, and the overrides that interrupt them.

A later layer wins wherever it has somebody; where none has, nobody is on call. Overrides are read in the order in which
they were written: each takes what all before it have left.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.domain.calendar import Layer, Schedule
from tocsin.domain.hours import holidays, opened
from tocsin.domain.overrides import interrupted
from tocsin.domain.timeline import CLOSED, Holder, Piece, Timeline, stacked
from tocsin.domain.turns import turns
from tocsin.domain.values import dataclass


@dataclass(frozen=True)
class Shift:
    """One user without interruption, from `start` up to and without `until` (UTC), and the rule that says so."""

    user: str
    start: datetime
    until: datetime
    because: str


@dataclass(frozen=True)
class Gap:
    """Nobody, from `start` up to and without `until` (UTC)."""

    start: datetime
    until: datetime


def on_call(schedule: Schedule, at: datetime) -> Shift | None:
    """Name who is on call at an aware time, or nobody.

    The shift ends where the turn does, or where anything that wins over it begins. Raises
    zoneinfo.ZoneInfoNotFoundError for a zone that this machine does not know.
    """
    holder, since, until = next(_timeline(schedule, at))
    return Shift(holder.user, since, until, holder.because) if holder else None


def shifts(schedule: Schedule, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """Give who is on call between two aware times, cut there; a user who goes on by the same rule has one shift.

    Raises zoneinfo.ZoneInfoNotFoundError as `on_call` does.
    """
    pieces = _between(schedule, start, end)
    return tuple(Shift(holder.user, since, until, holder.because) for holder, since, until in pieces if holder)


def gaps(schedule: Schedule, start: datetime, end: datetime) -> tuple[Gap, ...]:
    """Give when nobody is on call between two aware times, cut there: all that `shifts` leaves out."""
    return tuple(Gap(since, until) for holder, since, until in _between(schedule, start, end) if not holder)


def _between(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Piece[Holder | None]]:
    """Join pieces that say the same."""
    value, since, until = None, start, start
    for holder, _, ends in _timeline(schedule, start):
        if until >= end:
            break
        if holder != value:
            if until > since:
                yield Piece(value, since, until)
            value, since = holder, until
        until = min(ends, end)
    if until > since:
        yield Piece(value, since, until)


def _timeline(schedule: Schedule, at: datetime) -> Timeline:
    zone = ZoneInfo(schedule.time_zone)
    below = _stack([_layer(each, zone, at) for each in reversed(schedule.layers)], at)
    return interrupted(below, schedule.overrides, zone, at) if schedule.overrides else below


def _layer(layer: Layer, zone: ZoneInfo, at: datetime) -> Timeline:
    gates = [opened(layer.only, zone, at)] if layer.only else []
    if layer.off:
        gates.append(holidays(layer.off, zone, at, inside=CLOSED))
    if layer.on is not None:
        gates.append(holidays(layer.on, zone, at, inside=None))
    whole = turns(layer, zone, at)
    if not gates:
        return whole
    restricted = stacked([*gates, whole], at)
    return (Piece(None, each.since, each.until) if each.value is CLOSED else each for each in restricted)


def _stack(layers: Sequence[Timeline], at: datetime) -> Timeline:
    return layers[0] if len(layers) == 1 else stacked(layers, at)

"""Overrides: one user for an interval, somebody who covers for another, two who swap."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.domain.calendar import ANYBODY, Override
from tocsin.domain.config import Config
from tocsin.domain.timeline import EVER, NEVER, Holder, Piece, Timeline
from tocsin.domain.values import dataclass, replace

Holding = tuple[Override, ...]


@dataclass(frozen=True)
class Made:
    """An override that somebody made while the pager ran, in a schedule."""

    schedule: str
    override: Override


def holds(config: Config, made: Made) -> bool:
    """Tell whether the user and the schedule of an override are there: else it says nothing."""
    return made.schedule in config.schedules and made.override.user in config.users


def with_overrides(config: Config, made: Iterable[Made]) -> Config:
    """Add overrides to those of the file, as written after them; one whose user or schedule is gone says nothing."""
    schedules = dict(config.schedules)
    for each in made:
        if holds(config, each):
            schedule = schedules[each.schedule]
            schedules[schedule.id] = replace(schedule, overrides=(*schedule.overrides, each.override))
    return replace(config, schedules=schedules)


def interrupted(below: Timeline, overrides: Sequence[Override], zone: ZoneInfo, at: datetime) -> Timeline:
    """Give what the layers below say, after what the overrides make of it, in the order in which these were written."""
    above = _holding(overrides, at)
    head, base = next(above), next(below)
    while at < NEVER:
        while head.until <= at:
            head = next(above)
        value, since, until = None, head.since, head.until
        if not head.value or head.value[0].instead_of:
            while base.until <= at:
                base = next(below)
            value, since, until = base.value, max(since, base.since), min(until, base.until)
        for override in head.value:
            value = _taken(value, override, zone)
        yield Piece(value, since, until)
        at = until


def _taken(holder: Holder | None, override: Override, zone: ZoneInfo) -> Holder | None:
    if override.instead_of:
        replaced = holder and holder.user != override.user and override.instead_of in (ANYBODY, holder.user)
        if not replaced:
            return holder
    whom = f" for {override.instead_of}" if override.instead_of not in ("", ANYBODY) else ""
    why = f": {override.why}" if override.why else ""
    until = f"{override.end.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
    return Holder(override.user, f"{override.kind}{whom} until {until}{why}")


def _holding(overrides: Sequence[Override], at: datetime) -> Iterator[Piece[Holding]]:
    """Give the overrides that count at each instant: the last without `instead_of`, and all written after it."""
    points = sorted({point for each in overrides for point in (each.start, each.end)})

    def held(number: int) -> Holding:
        return _counting(overrides, points[number]) if number >= 0 else ()

    first = following = bisect_right(points, at)
    value = held(first - 1)
    while first and held(first - 2) == value:
        first -= 1
    since = points[first - 1] if first else EVER
    while following < len(points):
        after = held(following)
        if after != value:
            yield Piece(value, since, points[following])
            value, since = after, points[following]
        following += 1
    yield Piece(value, since, NEVER)


def _counting(overrides: Sequence[Override], at: datetime) -> Holding:
    holding = [each for each in overrides if each.start <= at < each.end]
    plain = [number for number, each in enumerate(holding) if not each.instead_of]
    return tuple(holding[plain[-1] if plain else 0 :])

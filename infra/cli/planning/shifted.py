"""Compares two calendars: who is on call instead of whom, and when nobody is any more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from tocsin.domain.calendar import Schedule
from tocsin.domain.config import Config, Target, TargetKind
from tocsin.domain.people import choose
from tocsin.domain.schedule import gaps, shifts


@dataclass(frozen=True)
class Shifted:
    """From `start` up to and without `until` (UTC) a schedule has `after` instead of `before`; None is nobody."""

    schedule: str
    time_zone: str
    start: datetime
    until: datetime
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Alone:
    """From `start` up to and without `until` (UTC) no level of a service's policy has anybody: only the catch-all."""

    service: str
    start: datetime
    until: datetime


def shifted(before: Config, after: Config, start: datetime, end: datetime) -> Iterator[Shifted]:
    """Give every interval in which somebody else is on call, in the schedules that both have."""
    for name, schedule in after.schedules.items():
        if name in before.schedules:
            yield from _between(before.schedules[name], schedule, start, end)


def empty_from_the_start(before: Config, after: Config, start: datetime, end: datetime) -> Iterator[Shifted]:
    """Give the gaps of the schedules that were not there before."""
    for name, schedule in after.schedules.items():
        if name not in before.schedules:
            for gap in gaps(schedule, start, end):
                yield Shifted(name, schedule.time_zone, gap.start, gap.until, None, None)


def alone(before: Config, after: Config, start: datetime, end: datetime) -> Iterator[Alone]:
    """Give when a service has nobody at any level, and had somebody there before, or was not there."""
    for service in after.services:
        points = {start, end, *_edges(before, service, start, end), *_edges(after, service, start, end)}
        begun = None
        for point, following in pairwise(sorted(points)):
            is_new = not _has_anybody(after, service, point) and (
                service not in before.services or _has_anybody(before, service, point)
            )
            if is_new and begun is None:
                begun = point
            if begun and (not is_new or following == end):
                yield Alone(service, begun, end if is_new else point)
                begun = None


def _between(before: Schedule, after: Schedule, start: datetime, end: datetime) -> Iterator[Shifted]:
    was, will = _who(before, start, end), _who(after, start, end)
    found: list[Shifted] = []
    one = other = None
    for point, following in pairwise(sorted({*was, *will, end})):
        one, other = was.get(point, one), will.get(point, other)
        last = found[-1] if found else None
        if last and last.until == point and (last.before, last.after) == (one, other):
            found.pop()
            point = last.start  # noqa: PLW2901 - the interval goes on
        if one != other:
            found.append(Shifted(after.id, after.time_zone, point, following, one, other))
    yield from found


def _who(schedule: Schedule, start: datetime, end: datetime) -> dict[datetime, str | None]:
    """Give who is on call from each instant at which that changes."""
    on_call: dict[datetime, str | None] = {each.start: each.user for each in shifts(schedule, start, end)}
    return {**on_call, **{gap.start: None for gap in gaps(schedule, start, end)}}


def _edges(config: Config, service: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """Give the instants at which a schedule that the service's policy names begins or ceases to have somebody."""
    for target in _targets(config, service):
        if target.kind is TargetKind.SCHEDULE and target.id in config.schedules:
            for gap in gaps(config.schedules[target.id], start, end):
                yield from (gap.start, gap.until)


def _has_anybody(config: Config, service: str, at: datetime) -> bool:
    return bool(choose(config, _targets(config, service), at))


def _targets(config: Config, service: str) -> list[Target]:
    found = config.services.get(service)
    policy = config.policies.get(found.policy) if found else None
    return [target for level in policy.levels for target in level.targets] if policy else []

"""Compares whom the levels of services page, where a level names somebody else than before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, zip_longest

from tocsin.domain.config import Config, Target, TargetKind
from tocsin.domain.people import choose
from tocsin.domain.schedule import gaps, shifts

Targets = tuple[Target, ...]


@dataclass(frozen=True)
class Instead:
    """From `start` up to and without `until` (UTC) a level of a service pages `after` in place of `before`."""

    service: str
    level: int
    start: datetime
    until: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]


def instead(before: Config, after: Config, start: datetime, end: datetime) -> Iterator[Instead]:
    """Give every interval in which a level pages others because it names others, in the services that both have.

    What changes within a schedule that a level names before and after is told of the schedule itself.
    """
    for service in after.services:
        if service in before.services:
            levels = zip_longest(_levels(before, service), _levels(after, service), fillvalue=())
            for number, (was, will) in enumerate(levels, 1):
                if set(was) != set(will):
                    yield from _spans((service, number), (before, was), (after, will), (start, end))


def _levels(config: Config, service: str) -> list[Targets]:
    """Give what each level names, with the people of a team for the team."""
    policy = config.policies.get(config.services[service].policy)
    return [tuple(_named(config, level.targets)) for level in (policy.levels if policy else ())]


def _named(config: Config, targets: Targets) -> Iterator[Target]:
    for target in targets:
        if target.kind is TargetKind.TEAM and target.id in config.teams:
            yield from (Target(TargetKind.USER, user) for user in config.teams[target.id].users)
        else:
            yield target


def _spans(
    level: tuple[str, int], was: tuple[Config, Targets], will: tuple[Config, Targets], span: tuple[datetime, datetime]
) -> Iterator[Instead]:
    """Give the intervals of one level, those that touch and say the same as one."""
    found: list[Instead] = []
    for point, following in pairwise(sorted({*span, *_edges(*was, *span), *_edges(*will, *span)})):
        one, other = _people(*was, point), _people(*will, point)
        last = found[-1] if found else None
        if last and last.until == point and (last.before, last.after) == (one, other):
            found[-1] = Instead(*level, last.start, following, one, other)
        elif set(one) != set(other):
            found.append(Instead(*level, point, following, one, other))
    yield from found


def _people(config: Config, targets: Targets, at: datetime) -> tuple[str, ...]:
    return tuple(chosen.user.id for chosen in choose(config, targets, at))


def _edges(config: Config, targets: Targets, start: datetime, end: datetime) -> Iterator[datetime]:
    for target in targets:
        if target.kind is TargetKind.SCHEDULE and target.id in config.schedules:
            schedule = config.schedules[target.id]
            yield from (each.start for each in shifts(schedule, start, end))
            yield from (each.start for each in gaps(schedule, start, end))

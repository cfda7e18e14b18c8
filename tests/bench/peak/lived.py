"""Lives through a peak day in the simulation, with all of its invariants, and says what came of it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.peak.day import HOUR, Day, Lasting, night, troubles
from tests.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulation.night import Statement


@dataclass(frozen=True)
class Seen:
    """What came of a day; `waits` are the seconds from each incident's opening to the first page that spoke for it."""

    events: int
    by_hour: tuple[int, ...]
    incidents: int
    pages: int
    digests: int
    waits: tuple[float, ...]
    seconds: float
    violations: tuple[str, ...]

    @property
    def times(self) -> float:
        """Give how many times an ordinary hour the peak was."""
        first, peak, last = self.by_hour[:3]
        return 2 * peak / (first + last)

    @property
    def rate(self) -> float:
        """Give the events lived through in a real second."""
        return self.events / self.seconds


def lived(day: Day, tell: Callable[[World], object] = lambda _: None, every: float = 600.0) -> Seen:
    """Live through it; `tell` is called `every` so many seconds of the day."""
    lasting = troubles(day)
    world = World(night(day, lasting))
    for one in lasting:
        _follows(world, one)
    at = every
    while at < world.night.until:
        world.at(at, lambda: tell(world))
        at += every
    begun = time.perf_counter()
    violations = tuple(world.live())
    return seen(world, time.perf_counter() - begun, violations)


def _follows(world: World, lasting: Lasting) -> None:
    """Have a trouble's alert posted again and again, one planned at a time."""

    def follow(rest: Iterator[Statement]) -> None:
        if (following := next(rest, None)) is not None:
            world.at(following.at, lambda: post(following, rest))

    def post(statement: Statement, rest: Iterator[Statement]) -> None:
        world.senders.says(statement)
        follow(rest)

    follow(lasting.statements())


def seen(world: World, seconds: float, violations: tuple[str, ...]) -> Seen:
    observed, documents = world.observed, world.store.documents
    hours = Counter(int(at / HOUR) for at in observed.accepted.values())
    paged = {one: sends for one, sends in observed.sends.items() if one}
    first: dict[str, float] = {}
    for notification, sends in paged.items():
        for incident in observed.about(notification):
            first[incident] = min(first.get(incident, sends[0].at), sends[0].at)
    opened = {incident: history[0].at for incident, history in observed.incidents.items() if history}
    return Seen(
        events=len(observed.accepted),
        by_hour=tuple(hours[hour] for hour in range(3)),
        incidents=len(opened),
        pages=sum(map(len, paged.values())),
        digests=sum(bool(documents[f"notifications/{one}"].data["carried"]) for one in paged),
        waits=tuple(sorted(at - opened[incident] for incident, at in first.items())),
        seconds=seconds,
        violations=violations,
    )

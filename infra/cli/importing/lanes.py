"""Several people on call at once: one schedule of ours has one of them, so that as many schedules stand side by side.

Levels are lists of tracks, the lowest level first: a higher level hides the lower ones wherever it has somebody, and
within a level everybody is on call whose track is. Lane number n has every track of every level with the nth of each
on top, so that at any time the lanes together name exactly those who are on call, and nobody from a hidden level.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from infra.cli.importing.move import Move
from infra.cli.importing.values import Layer, Override, Schedule

Track = tuple[Layer, ...]


def lanes(move: Move, identity: str, time_zone: str, levels: Sequence[Sequence[Track]]) -> tuple[Schedule, ...]:
    """Give the schedules that together are one of the product, and remember their names for the policies."""
    name = move.names.of("schedule", identity) or ""
    kept = [level for level in levels if level]
    if not kept:
        move.report.left_out("schedule", name, "has nobody who could be on call in the file")
        return ()
    number = max(_width(level) for level in kept)
    others = (move.names.fresh("schedule", f"{name}-{count}") for count in range(2, number + 1))
    names = (name, *others)
    move.lanes[identity] = names
    if number > 1:
        why = f"has up to {number} people on call at once: it is {number} schedules, {', '.join(names)}"
        move.report.different("schedule", name, f"{why}, and whatever paged it pages all of them")
    return tuple(Schedule(each, time_zone, _stacked(kept, at)) for at, each in enumerate(names))


def overridden(schedules: tuple[Schedule, ...], overrides: tuple[Override, ...]) -> tuple[Schedule, ...]:
    """Put overrides on all lanes of a schedule: they hold instead of everybody."""
    return tuple(replace(each, overrides=overrides) for each in schedules)


def _width(level: Sequence[Track]) -> int:
    """Say how many lanes a level needs: one if its tracks are never on call together, else one for each."""
    together = any(_meet(one, other) for one, other in combinations(level, 2))
    return len(level) if together else 1


def _meet(one: Track, other: Track) -> bool:
    return any(_overlap(a, b) and a.only.meets(b.only) for a in one for b in other)


def _overlap(one: Layer, other: Layer) -> bool:
    return not (one.end and one.end <= other.start) and not (other.end and other.end <= one.start)


def _stacked(levels: Sequence[Sequence[Track]], at: int) -> Track:
    """Turn the tracks of each level until the one of this lane comes last: the later layer wins."""
    layers: list[Layer] = []
    for level in levels:
        after = at % len(level) + 1
        layers += [layer for track in (*level[after:], *level[:after]) for layer in track]
    return tuple(layers)

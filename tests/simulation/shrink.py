"""Makes a failing night small: faults and statements are left out as long as the same invariant is violated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.simulation.watched import CONTACT
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.night import Night


def shrunk(night: Night) -> Night:
    """Give the smallest night found that violates what the first violation of this one does."""
    violations = World(night).live()
    if not violations:
        return night
    invariant = violations[0].split(":")[0]
    struck = set(_struck(night))
    fewer = replace(night, faults=tuple(one for one in night.faults if one in struck), spare=())
    night = fewer if fails(fewer, invariant) else night
    while (smaller := _smaller(night, invariant)) is not None:
        night = smaller
    return night


def fails(night: Night, invariant: str) -> bool:
    """Say whether a night violates the invariant."""
    return any(one.split(":")[0] == invariant for one in World(night).live())


def _struck(night: Night) -> list[object]:
    world = World(night)
    world.live()
    return list(world.trouble.struck)


def _smaller(night: Night, invariant: str) -> Night | None:
    """Give the night without the first fault, statement or reaction it can do without."""
    for fault in night.faults:
        without = replace(night, faults=tuple(one for one in night.faults if one is not fault))
        if fails(without, invariant):
            return without
    for statement in night.statements:
        silent = replace(night, statements=tuple(one for one in night.statements if one is not statement))
        if fails(silent, invariant):
            return silent
    for number, plan in night.texts.items():
        calm = replace(night, texts={**night.texts, number: []})
        if plan and number != CONTACT and fails(calm, invariant):
            return calm
    for number, plan in night.calls.items():
        unheard = replace(night, calls={**night.calls, number: []})
        if plan and fails(unheard, invariant):
            return unheard
    return None

"""I9: whatever the order and however often the events of a night are delivered, the same is open in the end."""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from tests.simulation import merges
from tests.simulation.night import START
from tests.simulation.store import Documents
from tocsin import route
from tocsin.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.simulation.world import World
    from tocsin.domain.config import Config

T = TypeVar("T")

_ACCEPTED = re.compile(rb'"accepted_at":"([^"]+)"')
SHUFFLES = 3
MOST = 12


class Calm:
    """Nothing goes wrong."""

    def through(self, group: str, call: str, effect: Callable[[], T]) -> T:
        del group, call
        return effect()


class Nobody:
    """A queue whose tasks nobody carries out."""

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None, *, urgent: bool = False) -> None:
        del function, body, at, urgent


def check(world: World) -> list[str]:
    """Give how some orders of a night's events differ from the order in which they were accepted."""
    with redirect_stdout(world.story):
        return _different(world)


def _different(world: World) -> list[str]:
    bodies = _told_apart(world)[:MOST]
    expected = _open_after(world, bodies)
    random = Random(world.night.seed)
    different = []
    for _ in range(SHUFFLES):
        order = [*bodies, *random.sample(bodies, len(bodies) // 2)]
        random.shuffle(order)
        found = _open_after(world, order)
        if found != expected:
            numbers = [bodies.index(one) for one in order]
            different.append(f"I9: in publish order {expected}, in the order {numbers} {found}")
    return different


def _told_apart(world: World) -> list[bytes]:
    """Give the messages in their order; of two with events of the same microsecond nobody can say which came first."""
    accepted = (event for event, at in world.observed.accepted.items() if at <= world.observed.checked_at)
    messages = {body: _ACCEPTED.findall(body) for body in (world.observed.bodies[event] for event in sorted(accepted))}
    known: set[bytes] = set()
    apart = []
    for body, instants in sorted(messages.items(), key=lambda one: one[1]):
        if known.isdisjoint(instants):
            apart.append(body)
            known.update(instants)
    return apart


def _open_after(world: World, bodies: list[bytes]) -> dict[str, str]:
    """Give the status of what is open for each dedup key after these deliveries."""
    store = Documents(Calm(), lambda _: None)  # type: ignore[arg-type]
    ids = iter(range(10**6))
    moment = Moment(START + timedelta(hours=1), commuting(world.night.config), lambda: f"{next(ids):032x}")
    for body in bodies:
        route.arrived(body, store, Nobody(), moment)
    found = [one for one in store.all("incidents").values() if one["status"] != "resolved"]
    return {key: one["status"] for one in found for _, key in merges.firing(one)}


def commuting(config: Config) -> Config:
    """Leave out what is about the order itself: how often something has come, and what was there first."""
    # Where a trouble stays whose labels change is about what was there first as well.
    rules = tuple(rule for rule in config.rules if not (rule.threshold or rule.group or rule.dedup_key))
    services = {name: replace(one, flapping=None) for name, one in config.services.items()}
    return replace(config, rules=rules, services=services)

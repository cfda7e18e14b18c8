"""Every call of every client is a point where the process may die: each alone, and each with every later one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.simulation.faults import Fault
from tests.simulation.night import Night, Statement, configuration
from tests.simulation.people import Reaction
from tests.simulation.world import World
from tocsin.domain.config import ContactRule, Level, Policy, Target, TargetKind, Urgency

BASE, _ = configuration(0)
BOTH = (ContactRule("sms"), ContactRule("voice", timedelta(seconds=10)))
LEVELS = tuple(Level((Target(TargetKind.USER, name),), timedelta(seconds=20)) for name in ("primary", "secondary"))
CONFIG = replace(
    BASE,
    users={name: replace(user, rules={Urgency.HIGH: BOTH, Urgency.LOW: BOTH}) for name, user in BASE.users.items()},
    policies={"policy": Policy("policy", LEVELS)},
)
"""A text at once, a call after ten seconds, the next one after twenty."""


def night(*statements: Statement, until: float, faults: tuple[Fault, ...] = (), **answers: Reaction) -> Night:
    """Give a night in which nothing goes wrong by itself; whoever is paged first answers as told."""
    numbers = sorted({user.phone for user in CONFIG.users.values()})
    texts = {one: [answers["text"]] if "text" in answers else [] for one in numbers}
    calls = {one: [answers["call"]] if "call" in answers else [] for one in numbers}
    return Night(0, CONFIG, CONFIG, statements, texts, calls, faults, (), until, ())


DOWN = Statement(1.0, "trigger", "checkout", "checkout is down")
NIGHTS = {
    "a text is answered": night(DOWN, until=9.0, text=Reaction("ack", 3.0)),
    "a call is answered": night(DOWN, until=22.0, call=Reaction("key 4", 3.0)),
    "the monitoring resolves and repeats it": night(
        DOWN, replace(DOWN, at=6.0, action="resolve"), replace(DOWN, at=9.0), until=12.0
    ),
    "the sweep does everything": night(
        DOWN, until=62.0, faults=(Fault(0.0, "stopped", "task", 0, 100.0),), text=Reaction("resolve", 3.0)
    ),
    "the next level is paged": night(DOWN, until=24.0),
    "the topic is away": night(DOWN, until=31.0, faults=(Fault(0.0, "down", "topic", 0, 20.0),)),
}


def lived(name: str, *deaths: int) -> tuple[int, list[str]]:
    """Give how many calls a night with these deaths makes while it can go wrong, and what it violates."""
    world = World(NIGHTS[name], deaths=frozenset(deaths) or frozenset({0}))
    violated = world.live()
    return world.calls_at_healing, [f"{name}, deaths {deaths}: {one}" for one in violated]


def pairs(name: str, first: int) -> tuple[int, list[str]]:
    """Try a death after one call together with a death after every later one; gives how many runs that were."""
    calls, violated = lived(name, -first)
    later = range(first + 1, calls + 1)
    found = [lived(name, -first, -second)[1] for second in later]
    return 1 + len(later), violated + [one for each in found for one in each]


@pytest.mark.parametrize("name", NIGHTS)
def test_a_death_before_or_after_any_call_violates_nothing(name: str) -> None:
    calls, violated = lived(name)
    assert calls > 10
    for number in range(1, calls + 1):
        violated += lived(name, number)[1]
    assert not violated


def test_two_deaths_at_any_two_calls_violate_nothing() -> None:
    """What is done before a call is what was done after the one before it: "after" covers all states there are."""
    runs, violated = 0, []
    with ProcessPoolExecutor(2) as pool:
        for count, found in pool.map(_pairs_of, list(_firsts())):
            runs += count
            violated += found
    assert runs > 1000
    assert not violated, f"{len(violated)} of {runs}: {violated[:5]}"


def _firsts() -> Iterator[tuple[str, int]]:
    for name in NIGHTS:
        calls, _ = lived(name)
        yield from ((name, first) for first in range(1, calls + 1))


def _pairs_of(point: tuple[str, int]) -> tuple[int, list[str]]:
    return pairs(*point)

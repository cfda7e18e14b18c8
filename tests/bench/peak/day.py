"""A day whose middle hour brings nine times the usual traffic: what is wrong, who is paged, and how they answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.night import Night, Statement
from tests.simulation.people import Reaction
from tocsin.domain.config import (
    CatchAll,
    Config,
    ContactRule,
    Integration,
    Level,
    Policy,
    Service,
    Target,
    TargetKind,
    Urgency,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMES = 9
HOUR = 3600.0
LENGTH = 3 * HOUR
"""Seconds: an hour as always, the peak, an hour as always."""

EVENTS_OF_A_TROUBLE = 100
TEXTS = (("code", 45), ("ack", 10), ("resolve", 8), ("escalate", 4), ("bare", 3), ("mumble", 2), ("silent", 28))
CALLS = (("key 4", 45), ("key 6", 10), ("key 5", 5), ("no answer", 30), ("busy", 10))
ANSWERS = 500


@dataclass(frozen=True)
class Lasting:
    """A trouble: its alert comes every `every` seconds, `times` in all, and is then resolved or goes on being so."""

    first: Statement
    every: float
    times: int
    ends: bool

    def statements(self) -> Iterator[Statement]:
        """Give what the monitoring says after the first time, in order."""
        for number in range(1, self.times):
            action = "resolve" if self.ends and number == self.times - 1 else "trigger"
            at = round(self.first.at + number * self.every, 3)
            yield replace(self.first, at=at, action=action)


@dataclass(frozen=True)
class Day:
    """So many events, drawn from a seed."""

    events: int
    seed: int = 1

    @property
    def services(self) -> int:
        """Give how many services there are: one for a few thousand events, up to three hundred."""
        return max(4, min(300, self.events // 1000))

    @property
    def people(self) -> int:
        """Give how many people are on call for them."""
        return max(4, self.services // 2)


def troubles(day: Day) -> list[Lasting]:
    """Give what goes wrong, and when: in the middle hour nine times as much as in each of the others."""
    random, found = Random(f"troubles of {day.seed}"), list[Lasting]()
    said_in = [0, 0, 0]
    while (left := day.events - sum(said_in)) > 0:
        hour = min(range(3), key=lambda one: said_in[one] / (1, TIMES, 1)[one])
        times = min(left, random.randint(2, 2 * EVENTS_OF_A_TROUBLE - 2))
        lasts = random.uniform(60.0, 900.0)
        at = round(hour * HOUR + random.uniform(0.0, HOUR - lasts), 3)
        service = random.randrange(day.services)
        severity = random.choice(("critical", "critical", "error", "warning"))
        title = f"{name(service)} answers too late"
        named = f"trouble-{len(found)}"
        first = Statement(at, "trigger", named, title, severity, routing_key=key(service))
        found.append(Lasting(first, lasts / times, times, ends=random.random() < 0.8))
        said_in[hour] += times
    return found


def night(day: Day, lasting: list[Lasting]) -> Night:
    """Give the day as the simulation lives through it: what is said first of each trouble, and no fault."""
    random, config = Random(f"people of {day.seed}"), configuration(day)
    numbers = sorted(user.phone for user in config.users.values())
    return Night(
        seed=day.seed,
        config=config,
        edited=config,
        statements=tuple(one.first for one in lasting),
        texts={one: reactions(random, TEXTS) for one in numbers},
        calls={one: reactions(random, CALLS) for one in numbers},
        faults=(),
        spare=(),
        until=LENGTH,
        features=(),
    )


def reactions(random: Random, kinds: tuple[tuple[str, int], ...]) -> list[Reaction]:
    chosen = random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds], k=ANSWERS)
    return [Reaction(kind, round(random.expovariate(1 / 60) + 5.0, 3)) for kind in chosen]


def configuration(day: Day) -> Config:
    """Give a pager in which each service pages one person, then another, and then whoever takes everything."""
    sms, voice = ContactRule("sms"), ContactRule("voice", timedelta(minutes=2))
    ways = {Urgency.HIGH: (sms, voice), Urgency.LOW: (sms,)}
    people = [f"person{number}" for number in range(day.people)]
    users = {one: User(one, one.title(), f"+1555010{1000 + number:04d}", ways) for number, one in enumerate(people)}
    services = range(day.services)
    return Config(
        catch_all=CatchAll(tuple(people[:1])),
        users=users,
        schedules={},
        policies={one: policy(one, people[(number + 1) % len(people)]) for number, one in enumerate(people)},
        services={
            name(number): Service(name(number), name(number), people[number % len(people)]) for number in services
        },
        integrations={f"door{number}": integration(number) for number in services},
    )


def policy(first: str, second: str) -> Policy:
    levels = tuple(Level((Target(TargetKind.USER, one),), timedelta(minutes=5)) for one in (first, second))
    return Policy(first, levels, 1)


def integration(number: int) -> Integration:
    return Integration(f"door{number}", name(number), "pagerduty", (hashlib.sha256(key(number).encode()).hexdigest(),))


def name(service: int) -> str:
    return f"service{service}" if service else "checkout"  # the one that the simulation's invariants know by name


def key(service: int) -> str:
    return f"keyofservice{service:020d}"

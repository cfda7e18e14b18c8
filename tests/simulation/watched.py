"""What watches and is watched in a night: a heartbeat monitor, the canary, timers of weeks, and the watcher outside."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin.domain.config import (
    Canary,
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
    from random import Random

    from tests.simulation.world import World
    from tocsin.domain.config import Config

BEATS = 60.0
"""Seconds from one heartbeat of the monitor to the next."""

VOUCHES = BEATS + 30.0
"""Seconds for which a heartbeat vouches."""

MONITOR, CANARY, CONTACT = "backup", "canary", "+15550100104"
MONITOR_KEY = "key-of-the-backup-monitor"
WEEKS = timedelta(weeks=4)
"""The longest wait a configuration may ask for; Cloud Tasks refuses more than 30 days."""

HOURS = 12 * 3600.0
CANARY_EVERY = timedelta(minutes=6)
LONGER = (420.0, 560.0)
"""Seconds a night with a canary goes on: until the second one is out, and the first has counted as lost."""

NEXT_CANARY = 880.0
"""Seconds until a canary has come back by the subscription that the last lost one had taken: each other one does."""


@dataclass(frozen=True)
class Monitor:
    """Beats every minute from `begins` seconds on, but for those from `silent` up to `again`."""

    begins: float
    silent: float
    again: float


@dataclass(frozen=True)
class Watch:
    """What is special about a night; `after` is for how many seconds the world is left alone when it has healed."""

    monitor: Monitor | None = None
    after: float = 0.0


NOTHING_SPECIAL = Watch()


def drawn(random: Random, config: Config) -> tuple[Config, Watch]:
    """Give what this night watches, and the configuration that says so."""
    chance, answers = random.random(), random.random() < 0.5
    silent = random.choice((random.uniform(0.0, 150.0), 1e9))
    monitor = Monitor(random.uniform(0.0, BEATS), silent, silent + random.choice((random.uniform(100.0, 250.0), 1e9)))
    if chance < 0.12:
        return with_monitor(config), Watch(monitor)
    if chance < 0.17:
        return with_canary(config, answers=answers), Watch(after=NEXT_CANARY)
    if chance < 0.26:
        return with_weeks(config), Watch(after=WEEKS.total_seconds() + 60.0)
    return config, Watch(after=HOURS if chance < 0.56 else 0.0)


def with_monitor(config: Config) -> Config:
    """Add a heartbeat monitor."""
    every = timedelta(seconds=BEATS)
    digest = hashlib.sha256(MONITOR_KEY.encode()).hexdigest()
    monitor = Integration(MONITOR, "checkout", "heartbeat", (digest,), every=every)
    return replace(config, integrations={**config.integrations, MONITOR: monitor})


def with_canary(config: Config, *, answers: bool) -> Config:
    """Add a canary, and the contact that gets it."""
    texts = dict.fromkeys(Urgency, (ContactRule("sms"),))
    contact = Level((Target(TargetKind.USER, "contact"),), timedelta(minutes=4))
    return replace(
        config,
        users={**config.users, "contact": User("contact", "Contact", CONTACT, texts)},
        policies={**config.policies, CANARY: Policy(CANARY, (contact,))},
        services={**config.services, CANARY: Service(CANARY, "Canary", CANARY)},
        integrations={**config.integrations, CANARY: Integration(CANARY, CANARY, "generic", ())},
        canary=Canary(CANARY, CANARY_EVERY, answers),
    )


def with_weeks(config: Config) -> Config:
    """Let every level wait as long as it may."""
    policies = {
        name: replace(policy, levels=tuple(replace(level, delay=WEEKS) for level in policy.levels))
        for name, policy in config.policies.items()
    }
    return replace(config, policies=policies, catch_all=replace(config.catch_all, every=WEEKS))


class Watcher:
    """Whoever watches from outside: it hears heartbeats."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.heard: list[float] = []

    def beat(self) -> None:
        self.world.trouble.runs[-1].beats += 1
        self.world.trouble.through("watcher", "beat", self._hear)

    def _hear(self) -> None:
        self.heard.append(self.world.time)
        self.world.tell("watcher", "hears a heartbeat")
        self.world.observed.heartbeat()

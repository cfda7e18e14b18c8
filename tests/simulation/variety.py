"""What some nights' pagers are told besides: how long answers hold, who takes turns or stands in, what is expected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.watched import HOURS, Watch
from tocsin.domain.calendar import Override
from tocsin.domain.config import Budget, Config, Level, Policy, Target, TargetKind, Team
from tocsin.domain.maintenance import Maintenance
from tocsin.domain.overrides import Made

if TYPE_CHECKING:
    from datetime import datetime

CREW = Target(TargetKind.TEAM, "crew")
CIRCLE = "policy-1"
AWAITED = 120.0
"""Seconds after the last acknowledgement has lapsed until somebody must have been paged for it."""


@dataclass(frozen=True)
class Varied:
    """A configuration, what is watched in its night, and the overrides that are made while it runs."""

    config: Config
    watch: Watch
    made: tuple[Made, ...] = ()


def varied(seed: int, config: Config, watch: Watch, start: datetime) -> Varied:
    """Give what a seed makes of a night's pager; its draws are its own, and all of them are made every night."""
    random = Random(f"variety of {seed}")
    chances = [random.random() for _ in range(5)]
    month = Random(f"money of {seed}").choice((None, None, None, None, 1.0, 2.0, 4.0))
    timeout, idle = (timedelta(seconds=round(random.uniform(120.0, 300.0))) for _ in range(2))
    crew = tuple(random.sample(("primary", "secondary", "manager"), 3))
    begins, lasts = random.uniform(0.0, 60.0), random.uniform(20.0, 80.0)
    made = _made(random, start)
    service = config.services["checkout"]
    if chances[0] < 0.15:
        service = replace(service, acknowledgement_timeout=timeout)
        watch = _awaits(watch, timeout.total_seconds() + AWAITED)
    if chances[1] < 0.1:
        service = replace(service, auto_resolve=idle)
        watch = _awaits(watch, 0.0)
    config = replace(config, services={**config.services, "checkout": service})
    if chances[2] < 0.35:
        config = _with_crew(config, crew, CIRCLE if chances[2] < 0.2 else "")
    if chances[3] < 0.06 and not watch.monitor:
        window = _window(start, begins, lasts)
        config = replace(config, maintenance=(window,))
    if month:
        config = replace(config, budget=Budget(month, 1.0, 1.0))
    return Varied(config, watch, (made,) if chances[4] < 0.3 else ())


def _awaits(watch: Watch, after: float) -> Watch:
    """Wait for what happens by itself instead of for hours in which nothing does."""
    return replace(watch, after=after) if watch.after in {0.0, HOURS} and not watch.monitor else watch


def _with_crew(config: Config, crew: tuple[str, ...], circle: str) -> Config:
    """Let a team take the first level that names nobody who is gone, one of them in turn if there is a circle."""
    policy = config.policies["policy"]
    numbers = [
        number for number, level in enumerate(policy.levels) if Target(TargetKind.USER, "gone") not in level.targets
    ]
    if not numbers:
        return config
    levels: list[Level] = list(policy.levels)
    levels[numbers[0]] = replace(levels[numbers[0]], targets=(CREW,), circle=circle)
    policies: dict[str, Policy] = {**config.policies, "policy": replace(policy, levels=tuple(levels))}
    return replace(config, policies=policies, teams={"crew": Team("crew", crew)})


def _window(start: datetime, begins: float, lasts: float) -> Maintenance:
    opens = start + timedelta(seconds=round(begins, 3))
    return Maintenance("works", ("checkout",), opens, opens + timedelta(seconds=round(lasts, 3)))


def _made(random: Random, start: datetime) -> Made:
    """Give an override that is made in the middle of the night and holds until its end."""
    at = start + timedelta(seconds=round(random.uniform(0.0, 150.0), 3))
    override = Override("manager", at, at + timedelta(days=1), id="stands-in", made_by="primary", made_at=at)
    return Made("office", override)

"""Lives through many nights in several processes and adds up what was seen."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.simulation import permutation
from tests.simulation.night import draw
from tests.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

CORES = os.cpu_count() or 1
CHUNK = 100
SHUFFLED = 5
"""Every fifth night's events are also routed in other orders."""

FAULT_IDS = (
    *("F-01", "F-02", "F-03", "F-04", "F-05", "F-06", "F-07", "F-08", "F-09", "F-10"),
    *("F-11", "F-11 F-20", "F-12", "F-13 F-14", "F-14", "F-15", "F-16", "F-17", "F-18", "F-19", "F-20"),
    *("F-21", "F-22", "F-23", "F-24", "F-25", "F-27", "F-28", "F-29", "F-30 F-31", "F-31", "F-32", "F-33", "F-34"),
    *("F-35", "F-36", "F-37", "F-38", "F-38 list lags", "F-38 out of sight", "F-39", "F-40", "F-41", "F-42", "F-43"),
    *("F-44", "F-45", "F-46", "F-47", "F-48", "F-49", "F-50", "F-51", "F-52", "F-53"),
    *("F-54", "F-55", "F-56", "F-57", "F-58", "F-58 watcher", "F-59", "F-59 slow", "swizzle"),
)
"""What every long enough run must have seen, by the numbers of the catalogue of faults.

F-26, a task's name that is still taken, cannot happen: tasks have no names.
"""

HAPPENINGS = (
    *("snoozed", "passed on", "added", "joined", "note", "merged", "triggered again", "idle"),
    *("raised", "round robin", "stands in", "suppressed"),
    *("audited: action", "audited: denied"),
    *("paused", "healed in its pause", "grouped", "waiting", "ruled out", "flapping", "settling", "settled"),
    *("neighbours", "troubles together"),
)
"""What people and pagers must have done in every long enough run, once in two hundred nights."""


@dataclass
class Tally:
    """What some nights have shown; `failed` holds the violations by seed."""

    nights: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    struck: int = 0
    fewest: int = 10**6
    calls: int = 0
    pages: int = 0
    duplicates: int = 0
    failed: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Take another tally in."""
        self.nights += other.nights
        self.faults += other.faults
        self.struck += other.struck
        self.fewest = min(self.fewest, other.fewest)
        self.calls += other.calls
        self.pages += other.pages
        self.duplicates += other.duplicates
        self.failed |= other.failed

    def missing(self) -> dict[str, int]:
        """Give what struck less than once in fifty nights or happened less than once in two hundred.

        Such a run says nothing about it.
        """
        least = dict.fromkeys(FAULT_IDS, self.nights / 50) | dict.fromkeys(HAPPENINGS, self.nights / 200)
        return {one: self.faults[one] for one, wanted in least.items() if self.faults[one] < wanted}


def lived(seeds: range) -> Tally:
    """Live through the nights of some seeds."""
    tally = Tally()
    for seed in seeds:
        world = World(draw(seed))
        violations = list(world.live())
        if seed % SHUFFLED == 0:
            violations += permutation.check(world)
        tally.nights += 1
        tally.faults += world.trouble.counts
        tally.struck += len(world.trouble.struck)
        tally.fewest = min(tally.fewest, len(world.trouble.struck))
        tally.calls += world.trouble.calls
        tally.pages += sum(len(sends) for sends in world.observed.sends.values())
        tally.duplicates += world.observed.duplicates
        if violations:
            tally.failed[seed] = violations
    return tally


def run(
    first: int, nights: int, jobs: int, *, progress: bool = False, enough: Callable[[], bool] = lambda: False
) -> Tally:
    """Live through `nights` nights from a seed on, in order, in `jobs` processes; through fewer once it is enough."""
    tally, began = Tally(), time.monotonic()
    chunks = [range(at, min(at + CHUNK, first + nights)) for at in range(first, first + nights, CHUNK)]
    with closing(_each(chunks, jobs)) as parts:
        for part in parts:
            tally.add(part)
            if progress:
                _show(tally, nights, time.monotonic() - began)
            if enough():
                break
    return tally


def _each(chunks: list[range], jobs: int) -> Generator[Tally]:
    if jobs == 1:
        yield from map(lived, chunks)
        return
    with ProcessPoolExecutor(jobs, initializer=_begin) as pool:
        yield from pool.map(lived, chunks)


def _begin() -> None:
    """Leave Ctrl-C to whoever started us, and look for garbage seldom: what was imported is none, a night is small."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _show(tally: Tally, nights: int, seconds: float) -> None:
    done = tally.nights / nights
    bar = "#" * int(done * 30)
    left = timedelta(seconds=int(seconds / done - seconds))
    sys.stderr.write(
        f"\r[{bar:30}] {tally.nights:,} of {nights:,} nights, {tally.nights / seconds:.0f} a second, "
        f"{left} left, {len(tally.failed)} failed "
    )
    if tally.nights == nights:
        sys.stderr.write("\n")
    sys.stderr.flush()

"""One night on one thread: the production functions, their clouds, and time that moves from event to event."""

from __future__ import annotations

import heapq
import itertools
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.simulation.faults import FEWEST, LONGEST
from tests.simulation.instances import DEEPEST, Instances
from tests.simulation.night import START, Night, Statement
from tests.simulation.observed import Observed
from tests.simulation.outages import Outages
from tests.simulation.people import People
from tests.simulation.queue import Queue
from tests.simulation.senders import Senders
from tests.simulation.store import Documents
from tests.simulation.story import Story
from tests.simulation.telephones import Telephones
from tests.simulation.trouble import Run, Trouble
from tests.simulation.watched import HOURS, Watcher
from tocsin.records import to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.faults import Fault
    from tests.simulation.queue import Job
    from tocsin.domain.config import Config
    from tocsin.domain.overrides import Made

SWEEP_EVERY = 60.0
T2 = 150.0
"""Seconds after the last fault until all is as it should be: sweep 60, lease 45, provider 10, slack 35."""

MORNING = 300.0
"""Seconds that are waited after the last thing that was late."""


class World:
    """Everything there is in a night; `time` is in seconds since it began."""

    def __init__(self, night: Night, *, telling: bool = False, deaths: frozenset[int] = frozenset()) -> None:
        self.night = night
        self.time = 0.0
        self.limit = float("inf")
        self.order = itertools.count()
        self.events: list[tuple[float, int, Callable[[], object]]] = []
        self.webhooks = 0
        self.minutes = 0
        self.scheduled = True
        self.calls_at_healing = 0
        self.story = Story(self, telling=telling)
        self.trouble = Trouble(self, night.faults, deaths)
        self.observed = Observed(self)
        self.store = Documents(self.trouble, self.observed.committed)
        self.queue = Queue(self)
        self.telephones = Telephones(self)
        self.people = People(self, night.texts, night.calls)
        self.senders = Senders(self)
        self.outages = Outages(self)
        self.watcher = Watcher(self)
        self.instances = Instances(self)
        self.overrides: list[Made] = []
        self.configure(night.config)
        self.trouble.counts.update(night.features)

    @property
    def now(self) -> datetime:
        """Give the time as a time."""
        return START + timedelta(seconds=self.time)

    def seconds(self, at: datetime) -> float:
        """Give an instant in seconds since the night began."""
        return (at - START).total_seconds()

    def tell(self, who: str, what: str) -> None:
        """Add a line to the story, if anybody listens."""
        if self.story.telling:
            self.story.add(who, what)

    def at(self, at: float, happens: Callable[[], object]) -> None:
        """Have something happen at a time."""
        heapq.heappush(self.events, (at, next(self.order), happens))

    def configure(self, config: Config) -> None:
        """Apply a configuration; the overrides made while the pager runs stay."""
        self.config = config
        made = to_json(self.overrides).decode()
        self.store.keep("config/current", {"version": 1, "body": to_json(config).decode(), "overrides": made})

    def override(self, made: Made) -> None:
        """Let somebody stand in from now on."""
        self.tell("operator", f"has {made.override.user} stand in")
        self.overrides.append(made)
        self.configure(self.config)

    # Time

    def run_until(self, end: float) -> None:
        """Let everything happen up to a time, in order."""
        while self.events and self.events[0][0] <= end:
            at, _, happens = heapq.heappop(self.events)
            self.time = max(self.time, at)
            happens()
        self.time = max(self.time, end)

    def pause(self, length: float) -> None:
        """Let time pass inside a call; whatever is due meanwhile runs at the same time as the caller.

        Nobody's pause outlasts that of whom he interrupts: each call keeps to its own time-out.
        """
        end = min(self.time + length, self.limit)
        before, self.limit = self.limit, end
        if len(self.trouble.runs) < DEEPEST:
            self.run_until(end)
        self.time = max(self.time, end)
        self.limit = before

    # The night

    def live(self) -> list[str]:
        """Live through the night and give what was violated."""
        with redirect_stdout(self.story):
            for statement in self.night.statements:
                self.senders.says(statement)
            self.outages.plan(self.night.faults)
            for made in self.night.made:
                self.at(self.seconds(made.override.start), lambda made=made: self.override(made))  # type: ignore[misc]
            self.at(SWEEP_EVERY / 2, self._minute)
            if self.night.watch.monitor:
                self.senders.beats(self.night.watch.monitor.begins)
            self.run_until(self.night.until)
            for fault in self.night.spare:
                if len(self.trouble.struck) < FEWEST:
                    self.outages.strike(fault)
                    self.run_until(self.time + 5.0)
            self.calls_at_healing = self.trouble.calls
            self.outages.heal()
            self.run_until(self.outages.healed_at + T2)
            self.observed.check_after_healing()
            self._long_after()
            self._morning()
            self.observed.check_in_the_morning()
            self.observed.check_documents()
        return self.observed.violations

    def _long_after(self) -> None:
        """Leave the world alone for as long as the night says."""
        after, incidents = self.night.watch.after, self.store.all("incidents").values()
        if 0.0 < after < HOURS:
            self.run_until(self.time + after)
            self.observed.check_long_after()
        if after < HOURS:
            return
        statuses = {one["status"] for one in incidents}
        wanted = "acknowledged" if after == HOURS else "triggered"
        restless = after == HOURS and any(one["next_at"] or one["idle_at"] or one["settles_at"] for one in incidents)
        if wanted in statuses and not restless and not self.queue.routing:
            self.trouble.counts["F-57" if after == HOURS else "F-33"] += 1
            self._leap(after)
            self.observed.check_long_after()

    def _leap(self, after: float) -> None:
        """Let hours or weeks pass without a sweep; what monitors something says then what it said before."""
        self.observed.leave_alone()
        self.tell("world", f"is left alone for {after:.0f} s")
        self.scheduled = False
        self.run_until(self.time + after)
        incidents = self.store.all("incidents")
        resting = (
            incidents[one] for one, status in self.observed.resting.items() if incidents[one]["status"] == status
        )
        for key in sorted(one["dedup_key"] for one in resting):
            self.senders.says(Statement(self.time, "trigger", key, "still so"))
        self.scheduled = True
        self.minutes = int(self.time / SWEEP_EVERY)
        self._minute()
        self.run_until(self.time + 2 * SWEEP_EVERY)

    def _minute(self) -> None:
        if not self.scheduled:
            return
        self.minutes += 1
        self.at(SWEEP_EVERY * (self.minutes + 0.5), self._minute)
        if self.time >= self.outages.no_sweep_until:
            self.instances.sweep()

    def _morning(self) -> None:
        """Everything is resolved, and what was hours late arrives: it must change nothing."""
        self.scheduled = False
        self.outages.morning()
        end = max((at for at, _, _ in self.events), default=self.time) + MORNING
        while self.time < end and (self.queue.unfinished or self.senders.waiting or self.webhooks):
            self.run_until(self.events[0][0])
        # What settles and has lost its timer is found by the sweep alone.
        settles = [one["settles_at"] for one in self.store.all("incidents").values() if one["settles_at"]]
        self.run_until(max([self.time, *map(self.seconds, settles)]))
        self.senders.beats_once()
        self.run_until(self.time + 1.0)
        self.instances.sweep()

    # What runs

    def perform_job(self, job: Job) -> int:
        return self.instances.job(job)

    def perform_webhook(self, path: str, form: dict[str, str], notification: str) -> tuple[int, str]:
        self.webhooks -= 1
        return self.instances.webhook(path, form, notification)

    def perform_ingest(self, path: str, *raws: bytes) -> int:
        return self.instances.ingest(path, *raws)

    def rival(self, run: Run, fault: Fault) -> None:
        """Let somebody else be quicker, between the reads of a rule and its commit."""
        if len(self.trouble.runs) < DEEPEST:
            # However slow a rival is: whom he interrupts waits for one call, which has its own time-out.
            before, self.limit = self.limit, min(self.limit, self.time + LONGEST["store"])
            self.instances.rival(run, fault)
            self.limit = before

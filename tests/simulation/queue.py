"""Pub/Sub and Cloud Tasks in memory: at least once, in no promised order, as late, early or lost as was planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.records import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tests.simulation.faults import Fault
    from tests.simulation.world import World

LONGEST_PAUSE = 30.0
HORIZON = 30 * 86400.0
"""Seconds ahead up to which Cloud Tasks takes a task."""

DELIVERY = 0.05
"""Seconds from one function to the next when all is well."""


@dataclass
class Job:
    """A message or a task on its way to a function; `copy` tells duplicates apart in the story."""

    number: int
    function: str
    body: bytes
    attempts: int = 0
    copy: str = ""

    @property
    def group(self) -> str:
        """Give what carries it."""
        return "message" if self.function == "route" else "task"


class Queue:
    """Both ends: what functions call (`publish`, `create`), and the deliveries to them; `stopped` groups hold back."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.numbers = 0
        self.stopped: dict[str, float] = {}
        self.unfinished = 0
        self.routing = 0
        self.retained: list[bytes] = []
        self.lost: list[Fault] = []

    async def publish(self, bodies: Sequence[bytes], urgent: Sequence[bytes] = ()) -> None:
        self.world.trouble.through("topic", "publish", lambda: self._published(*urgent, *bodies))

    def publish_now(self, *bodies: bytes, urgent: bool = True) -> None:
        del urgent  # either subscription is late, or repeats what it was given
        self.world.trouble.through("topic", "publish", lambda: self._published(*bodies))

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None, *, urgent: bool = False) -> None:
        del urgent  # either queue is late, or loses what it was given
        raw = to_json(body)
        due = max(self.world.time, self.world.seconds(at)) if at else self.world.time
        if due > self.world.time + HORIZON:
            self.world.observed.violated(
                "I4", f"a timer is set {due - self.world.time:.0f} s ahead: it will be refused"
            )
        self.world.trouble.through("tasks", "create", lambda: self._tasked(function, raw, due))

    def _published(self, *bodies: bytes) -> None:
        for body in bodies:
            self.world.observed.published(body, self.world.time)
            self.retained.append(body)
            self._send(Job(self._number(), "route", body), self.world.time)

    def _tasked(self, function: str, body: bytes, due: float) -> None:
        self._send(Job(self._number(), function, body), due)

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _send(self, job: Job, due: float) -> None:
        trouble = self.world.trouble
        if job.group == "task" and due > self.world.time + 1 and (fault := trouble.delivery("timer")):
            due = max(self.world.time, due - fault.length)
        fault = trouble.delivery(job.group)
        if fault and fault.kind == "lost":
            return
        if fault and fault.kind == "lost for ever":
            self.lost.append(fault)
            self.world.observed.lost(job.body)
            return
        at = due + DELIVERY
        if fault and fault.kind in {"twice", "published twice"}:
            number = job.number if fault.kind == "twice" else self._number()
            self._later(Job(number, job.function, job.body, copy=" again"), at + fault.length)
        if fault and fault.kind in {"late", "hours late"}:
            at += fault.length
        self._later(job, at)

    def _later(self, job: Job, at: float) -> None:
        self.unfinished += 1
        self.routing += job.function == "route"
        self.world.at(at, lambda: self._deliver(job))

    def _deliver(self, job: Job) -> None:
        self.unfinished -= 1
        self.routing -= job.function == "route"
        until = self.stopped.get(job.group, 0.0)
        if until > self.world.time:
            self._later(job, until + DELIVERY)
            return
        if self.world.perform_job(job) >= 300:
            job.attempts += 1
            self._later(job, self.world.time + min(2.0 ** (job.attempts - 1), LONGEST_PAUSE))

    def replay(self) -> None:
        """Let an operator have everything the topic has retained delivered again, because something was lost."""
        self.world.tell("operator", "has the topic's messages delivered again")
        self.world.observed.gone.clear()
        for body in self.retained:
            self._later(Job(self._number(), "route", body, copy=" replayed"), self.world.time + DELIVERY)

    def stop(self, group: str, until: float) -> None:
        """Hold back what this group carries."""
        self.stopped[group] = max(until, self.stopped.get(group, 0.0))

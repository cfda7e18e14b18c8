"""The monitoring: it posts what it has to say, again and again until it is told 202, as Alertmanager and others do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.simulation.watched import BEATS, MONITOR_KEY
from tocsin import spill
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.records import to_json

if TYPE_CHECKING:
    from tests.simulation.night import Statement
    from tests.simulation.world import World

PAUSES = (5.0, 10.0, 20.0)
AGAIN = 15.0
DATES = ("1970-01-01T00:00:00Z", "2038-01-19T03:14:08Z", "9999-12-31T23:59:59.999+0000", "yesterday", -1)
"""What senders whose clock is wrong believe the time to be."""


class Senders:
    """Everybody who posts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.waiting = 0
        self.cold = 0.0
        self.storms: set[str] = set()
        self.beating = True

    def says(self, statement: Statement) -> None:
        """Plan a statement."""
        self._later(statement.at, statement, 0)

    def _later(self, at: float, statement: Statement, tries: int) -> None:
        self.waiting += 1
        self.world.at(at, lambda: self._post(statement, tries))

    def _post(self, statement: Statement, tries: int) -> None:
        self.waiting -= 1
        if any(run.verb == "ingest" for run in self.world.trouble.runs):
            # One event loop for all: whoever posts meanwhile is taken next.
            self._later(self.world.time + 0.2, statement, tries)
            return
        if self.cold:
            cold, self.cold = self.cold, 0.0
            self._later(self.world.time + cold, statement, tries)
            return
        self.world.tell("monitoring", f"posts {statement.action} {statement.key}")
        wrong = self.world.trouble.delivery("post")
        dated = DATES[wrong.variant % len(DATES)] if wrong else None
        said = [replace(statement, action=action) for action in (statement.action, *statement.together)]
        said += [replace(statement, key=key, title=title) for key, title in statement.beside]
        status = self.world.perform_ingest("v2/enqueue", *(body(one, dated) for one in said))
        if self.world.trouble.delivery("answer"):
            status = 0
        if status == 400:
            self.world.tell("monitoring", "is told 400 and gives up")
        elif status != 202:
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            self.world.tell("monitoring", f"is not told 202 ({status or 'no answer'}): again in {pause:.0f} s")
            self._later(self.world.time + pause, statement, tries + 1)
        elif statement.repeats and not self.world.trouble.healed:
            again = replace(statement, repeats=0)
            self._later(self.world.time + AGAIN, again, 0)

    # The heartbeat monitor

    def beats(self, at: float) -> None:
        """Plan the beat at an instant; another one follows a minute later."""
        self.world.at(at, lambda: self._beat(at))

    def _beat(self, at: float) -> None:
        monitor = self.world.night.watch.monitor
        if not monitor or not self.beating:
            return
        self.beats(at + BEATS)
        if not monitor.silent <= at < monitor.again:
            self.beats_once()

    def beats_once(self) -> None:
        """Beat, and do not care what is answered, as a job's last line does."""
        if self.world.night.watch.monitor and not any(run.verb == "ingest" for run in self.world.trouble.runs):
            self.world.tell("backup", "beats")
            self.world.perform_ingest(f"heartbeat/{MONITOR_KEY}", b"")

    # A storm

    def spilled(self, key: str) -> None:
        """Leave an event where `ingest` puts it while the topic is away."""
        world = self.world
        self.storms.add(key)
        alert = Alert(Action.TRIGGER, key, "everything is down", Severity.CRITICAL)
        event = Event(world.instances.new_id(), world.now, "door", "checkout", alert)
        body = to_json(event)
        kept = {"body": body.decode(), "accepted_at": event.accepted_at, "next_at": world.now}
        world.store.keep(spill.path(event.id), kept)
        world.observed.published(body, world.time)
        world.observed.accepted[event.id] = world.time


def body(statement: Statement, dated: object = None) -> bytes:
    """Give the PagerDuty event that says so, dated as the sender's clock is."""
    event: dict[str, object] = {
        "routing_key": statement.routing_key,
        "event_action": statement.action,
        "dedup_key": statement.key,
        "payload": {
            "summary": statement.title,
            "source": "web-1",
            "severity": statement.severity,
            **({"timestamp": dated} if dated is not None else {}),
        },
    }
    return json.dumps(event).encode()

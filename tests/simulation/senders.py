"""The monitoring: it posts what it has to say, again and again until it is told 202, as Alertmanager and others do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.simulation.night import KEY, Statement

if TYPE_CHECKING:
    from tests.simulation.world import World

PAUSES = (5.0, 10.0, 20.0)
AGAIN = 15.0


class Senders:
    """Everybody who posts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.waiting = 0
        self.cold = 0.0

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
        status = self.world.perform_ingest("v2/enqueue", body(statement))
        if self.world.trouble.delivery("answer"):
            status = 0
        if status == 400:
            self.world.tell("monitoring", "is told 400 and gives up")
        elif status != 202:
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            self.world.tell("monitoring", f"is not told 202 ({status or 'no answer'}): again in {pause:.0f} s")
            self._later(self.world.time + pause, statement, tries + 1)
        elif statement.repeats and not self.world.trouble.healed:
            again = Statement(statement.at, statement.action, statement.key, statement.title, statement.severity)
            self._later(self.world.time + AGAIN, again, 0)


def body(statement: Statement) -> bytes:
    """Give the PagerDuty event that says so."""
    event = {
        "routing_key": KEY,
        "event_action": statement.action,
        "dedup_key": statement.key,
        "payload": {"summary": statement.title, "source": "web-1", "severity": statement.severity},
    }
    return json.dumps(event).encode()

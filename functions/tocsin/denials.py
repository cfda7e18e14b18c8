"""Counts what was refused, and writes to the audit how often: so many a minute that an attacker cannot make it write.

Rubbish costs its sender nothing, a commit costs us something. So the first refusal of a kind is written at once, those
that follow within a minute are only counted, and their number is written with the next request after that minute. Each
instance writes at most one entry a minute for each door and reason; Terraform says how many instances there are. Every
single refusal is in the log.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from tocsin import log

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tocsin.clients.store import Data

EVERY = timedelta(minutes=1)

MOST_NAMED = 30
"""How many different things one entry says were concerned, with how often each; others are in the number alone."""


@dataclass
class Tally:
    """How many refusals were not written yet, what they concerned, and when the last ones were written."""

    count: int = 0
    written_at: datetime | None = None
    concerned: Counter[str] = field(default_factory=Counter)

    def is_due(self, now: datetime) -> bool:
        """Say whether they may be written now."""
        return self.count > 0 and (self.written_at is None or now >= self.written_at + EVERY)


class Denials:
    """One per process, shared by its threads."""

    def __init__(self, create: Callable[[str, Data], object], now: Callable[[], datetime]) -> None:
        """Count from nothing; `create` makes a document, and is called when there is something to write."""
        self._create = create
        self._now = now
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._lock = threading.Lock()

    def count(self, door: str, why: str, concerned: str = "") -> None:
        """Count a refusal; `why` is one of few sentences, and `concerned` one of the names that we have given."""
        with self._lock:
            tally = self._tallies.setdefault((door, why), Tally())
            tally.count += 1
            if concerned in tally.concerned or (concerned and len(tally.concerned) < MOST_NAMED):
                tally.concerned[concerned] += 1

    def refused(self, door: str, why: str) -> None:
        """Count a refusal at a door; never fails, for the answer to a stranger must not depend on our documents."""
        self.count(door, why)
        self.settle()

    def at(self, door: str) -> Callable[[str], None]:
        """Give what counts the refusals at one door."""
        return partial(self.refused, door)

    def is_due(self) -> bool:
        """Say whether there is something to write now."""
        now = self._now()
        with self._lock:
            return any(one.is_due(now) for one in self._tallies.values())

    def settle(self) -> None:
        """Write what was counted, of each kind at most once a minute."""
        now = self._now()
        for (door, why), one in self._due(now).items():
            try:
                self._write(door, why, one, now)
            except Exception as error:  # noqa: BLE001 - an answer never fails because of what we write down
                log.event(f"{one.count} refusals at {door} are in the log only: {error}", "WARNING")

    def _write(self, door: str, why: str, one: Tally, now: datetime) -> None:
        # Only now: most processes refuse nobody, and start sooner without the rules of what is written down.
        from tocsin import audit

        concerned = {name: str(count) for name, count in sorted(one.concerned.items())}
        self._create(*audit.denied(door, why, one.count, concerned, now))

    def _due(self, now: datetime) -> dict[tuple[str, str], Tally]:
        """Take what is to be written now: it counts as written, whatever comes of it."""
        with self._lock:
            due = {kind: one for kind, one in self._tallies.items() if one.is_due(now)}
            self._tallies |= {kind: Tally(written_at=now) for kind in due}
        return due

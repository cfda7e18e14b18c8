"""Counts what was refused, and writes to the audit how often: so many a minute that an attacker cannot make it write.

Rubbish costs its sender nothing, a commit costs us something. So the first refusal of a kind is written at once, those
that follow within a minute are only counted, and their number is written with the next request after that minute. Each
instance writes at most one entry a minute for each door and reason; Terraform says how many instances there are. Every
single refusal is in the log.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from tocsin import audit, log
from tocsin.domain.audit import Kind, entry
from tocsin.domain.config import RETENTION
from tocsin.domain.orders import Said
from tocsin.domain.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tocsin.clients.store import Store

EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Tally:
    """How many refusals were not written yet, and when the last ones were."""

    count: int = 0
    written_at: datetime | None = None


class Denials:
    """One per process, shared by its threads."""

    def __init__(self, store: Callable[[], Store], now: Callable[[], datetime]) -> None:
        """Count from nothing; the store is asked for when there is something to write."""
        self._store = store
        self._now = now
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._lock = threading.Lock()

    def refused(self, door: str, why: str) -> None:
        """Count a refusal at a door; never fails, for the answer to a stranger must not depend on our documents."""
        with self._lock:
            known = self._tallies.get((door, why), Tally())
            self._tallies[door, why] = replace(known, count=known.count + 1)
        self.settle()

    def settle(self) -> None:
        """Write what was counted, of each kind at most once a minute."""
        now = self._now()
        for (door, why), count in self._due(now).items():
            denied = replace(
                entry(Kind.DENIED, why, f"functions/{door}", Said("", "from outside", now), now), count=count
            )
            try:
                self._store().transact(partial(audit.write, entry=denied, retention=RETENTION))
            except Exception as error:  # noqa: BLE001 - an answer never fails because of what we write down
                log.event(f"{count} refusals at {door} are in the log only: {error}", "WARNING")

    def _due(self, now: datetime) -> dict[tuple[str, str], int]:
        """Take what is to be written now: it counts as written, whatever comes of it."""
        with self._lock:
            due = {
                kind: one.count
                for kind, one in self._tallies.items()
                if one.count and (one.written_at is None or now >= one.written_at + EVERY)
            }
            self._tallies |= dict.fromkeys(due, Tally(0, now))
        return due

"""Runs a rule without holding locks: its reads are remembered, its writes kept back, and a lost race starts it over."""

import random
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from tocsin.clients.documents import check_document, copied, split_path
from tocsin.clients.store import Data, Exists, Transaction
from tocsin.errors import Unavailable

T = TypeVar("T")
V = TypeVar("V")


class Conflict(Exception):
    """A document was changed by somebody else between a rule's reads and its commit; nothing was written."""


@dataclass(frozen=True)
class Seen(Generic[V]):
    """A document as it was read; `version` is what the store compares at the commit."""

    data: Data
    version: V


Read = Callable[[Collection[str]], Mapping[str, Seen[V] | None]]


@dataclass(frozen=True)
class Patience:
    """How often a lost race is run again, in `rounds` and seconds in all, and how the waiting between them is done."""

    rounds: int = 12
    seconds: float = 8.0
    pause: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic


class Attempt(Generic[V]):
    """One run of a rule: the transaction it sees, and for the commit what it read and what it wants written."""

    def __init__(self, read: Read[V], suspects: Mapping[str, Seen[V] | None]) -> None:
        """Start empty; `suspects` are documents whose creation lost before, read again before this run began."""
        self._read = read
        self._suspects = suspects
        self._ahead: dict[str, Seen[V] | None] = {}
        self.reads: dict[str, Seen[V] | None] = {}
        self.writes: dict[str, Data] = {}
        self.created: set[str] = set()

    def get(self, path: str) -> Data | None:
        """Give the document or None, within one run always the same; raises RuntimeError after the first write."""
        split_path(path)
        if self.writes:
            raise RuntimeError(f"{path} is read after a write; a rule reads first and writes then.")
        if path not in self.reads:
            self.reads[path] = self._seen(path)
        seen = self.reads[path]
        return copied(seen.data) if seen else None

    def peek(self, path: str) -> Data | None:
        """Give the document or None as it is now, without holding the commit to it."""
        split_path(path)
        seen = self._seen(path)
        return copied(seen.data) if seen else None

    def ahead(self, *paths: str) -> None:
        """Read documents that are about to be asked for, all in one trip; the commit is held to none for that."""
        if paths:
            self._ahead |= self._read(dict.fromkeys(paths))

    def _seen(self, path: str) -> Seen[V] | None:
        return self._ahead[path] if path in self._ahead else self._read([path])[path]

    def release(self) -> None:
        """Let the commit stand whatever becomes of what was read."""
        self.reads.clear()

    def create(self, path: str, data: Data) -> None:
        """Write a document that must not exist; raises Exists here if that is known already."""
        check_document(path, data)
        if path in self._suspects:
            self.reads.setdefault(path, self._suspects[path])
        if path in self.writes or self.reads.get(path):
            raise Exists(path)
        self.writes[path] = copied(data)
        self.created.add(path)

    def put(self, path: str, data: Data) -> None:
        """Write the whole document; if it was read in this run, only over what was read."""
        check_document(path, data)
        self.writes[path] = copied(data)

    def blind(self) -> set[str]:
        """Give what is to be created without having been looked at."""
        return self.created - self.reads.keys()

    def only_read(self) -> list[str]:
        """Give what must still be as it was read although nothing is written there."""
        return [path for path in self.reads if path not in self.writes]


def transact(
    rule: Callable[[Transaction], T], read: Read[V], commit: Callable[[Attempt[V]], object], patience: Patience
) -> T:
    """Run the rule until its commit meets no Conflict; raises Unavailable when patience ends, and then wrote nothing.

    `commit` raises Conflict too when a blind create lost. What stands there is then read before the rule runs again,
    so that the rule's own reads are younger: `Exists` is raised only if the rule, seeing everything, still creates it.
    """
    suspects: set[str] = set()
    give_up = patience.clock() + patience.seconds
    for wait in waits(patience.rounds):
        attempt = Attempt(read, read(suspects) if suspects else {})
        result = rule(attempt)
        try:
            if attempt.writes:
                commit(attempt)
        except Conflict as conflict:
            suspects |= attempt.blind()
            reason = conflict
        else:
            return result
        if patience.clock() + wait > give_up:
            break
        patience.pause(wait)
    raise Unavailable(f"Others kept changing the same documents, so nothing was written: {reason}", retry_after=1)


def waits(rounds: int) -> Iterable[float]:
    """Give random seconds, twice as many at most after each lost race: those who collided must come apart."""
    return (random.uniform(0.0, min(1.0, 0.02 * 2**lost)) for lost in range(rounds))  # noqa: S311 - no secret

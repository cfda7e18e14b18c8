"""Counts what Firestore would be asked for and would bill, by the function that asked, around a story's documents."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tests.stories.cloud import Documents
from tests.stories.world import World

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from infra.local.phones.webhooks import Webhook
    from tests.stories.cloud import Job
    from tocsin import door
    from tocsin.clients.optimistic import Attempt
    from tocsin.clients.store import Data, Where
    from tocsin.domain.config import Config
    from tocsin.sweep import Swept

Question = tuple[str, "tuple[Where, ...]", "str | None"]
"""A collection, the conditions, the order."""


@dataclass(frozen=True)
class Operations:
    """What was asked: documents read, written and deleted; how many questions; and trips, one after the other.

    A question reads what it finds, and is billed as one read when that is nothing. A commit is one trip; what it
    compares without changing it is billed as a write where a document stands, and as a deletion where none does.
    """

    reads: int = 0
    writes: int = 0
    deletes: int = 0
    queries: int = 0
    trips: int = 0

    def __add__(self, other: Operations) -> Operations:
        return Operations(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def __sub__(self, other: Operations) -> Operations:
        return Operations(*(getattr(self, one.name) - getattr(other, one.name) for one in fields(self)))

    def __str__(self) -> str:
        return f"{self.reads} / {self.writes} / {self.deletes} / {self.queries} / {self.trips}"


class Counting:
    """Counts each call as the Firestore client makes it, for whoever is `asking`; stands before a store's class."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.counts: dict[str, Operations] = defaultdict(Operations)
        self.questions: list[Question] = []
        self.asking = ""

    def add(self, **asked: int) -> None:
        self.counts[self.asking] += Operations(**asked)

    @contextmanager
    def during(self, function: str) -> Iterator[None]:
        """Count what happens inside for a function."""
        before, self.asking = self.asking, function
        try:
            yield
        finally:
            self.asking = before

    def query(self, collection: str, *where: Where, **more: Any) -> list[tuple[str, Data]]:
        found: list[tuple[str, Data]] = super().query(collection, *where, **more)  # type: ignore[misc]
        self.questions.append((collection, where, more.get("order_by")))
        self.add(reads=max(1, len(found)), queries=1, trips=1)
        return found

    def _read(self, paths: Collection[str]) -> Any:
        self.add(reads=len(paths), trips=1)
        return super()._read(paths)  # type: ignore[misc]

    def _commit(self, attempt: Attempt[Any]) -> None:
        absent = sum(attempt.reads[path] is None for path in attempt.only_read())
        same = len(attempt.only_read()) - absent
        self.add(writes=len(attempt.writes) + same, deletes=absent, trips=1)
        super()._commit(attempt)  # type: ignore[misc]


class Counted(Counting, Documents):
    """A story's store that counts."""


class Bill(World):
    """The world of a story whose store tells the functions apart; a receipt counts beside a person's reply."""

    def __init__(self, config: Config, start: datetime) -> None:
        super().__init__(config, start)
        self.store: Counted = Counted()

    def sweep(self) -> list[Swept]:
        self.settle()  # whatever is due is no part of the sweep
        with self.store.during("sweep"):
            return super().sweep()

    def _run(self, job: Job) -> door.Plain:
        with self.store.during(job.function):
            return super()._run(job)

    def _call_back(self, webhook: Webhook) -> None:
        with self.store.during("receipt" if "/status" in webhook.url else "reply"):
            super()._call_back(webhook)

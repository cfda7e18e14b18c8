"""A store and a queue to try things on: what is written is seen by what is tried next, and by nobody else."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from tocsin.clients.store import Data, Exists, Store, Transaction, Where

T = TypeVar("T")


class Rehearsal:
    """Reads from a store and writes to memory; a query answers from the store alone."""

    def __init__(self, store: Store) -> None:
        """Write nothing yet."""
        self._store = store
        self._written: dict[str, Data] = {}

    def get(self, path: str) -> Data | None:
        """Give the document as it would be."""
        return self._written[path] if path in self._written else self._store.get(path)

    def query(
        self, collection: str, *where: Where, order_by: str | None = None, limit: int = 100
    ) -> list[tuple[str, Data]]:
        """Give the documents as they are."""
        return self._store.query(collection, *where, order_by=order_by, limit=limit)

    def transact(self, rule: Callable[[Transaction], T]) -> T:
        """Run the rule once and remember what it wrote."""
        attempt = _Attempt(self)
        result = rule(attempt)
        self._written |= attempt.written
        return result


class _Attempt:
    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self.written: dict[str, Data] = {}

    def get(self, path: str) -> Data | None:
        return self._rehearsal.get(path)

    def peek(self, path: str) -> Data | None:
        return self._rehearsal.get(path)

    def ahead(self, *paths: str) -> None:
        pass  # it is all in memory

    def release(self) -> None:
        pass  # nobody comes in between

    def create(self, path: str, data: Data) -> None:
        if self._rehearsal.get(path) is not None:
            raise Exists(path)
        self.written[path] = data

    def put(self, path: str, data: Data) -> None:
        self.written[path] = data


class Silent:
    """A queue that takes everything and delivers nothing."""

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None, *, urgent: bool = False) -> None:
        """Take it."""

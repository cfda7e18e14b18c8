"""Documents in memory under the store's protocol: each call may fail, and each commit is shown to whoever watches."""

from collections.abc import Callable, Collection
from datetime import datetime
from operator import eq, ge, gt, itemgetter, le, lt
from typing import Any, NamedTuple, TypeVar

import msgspec

from tests.simulation.indexes import FEW, Indexes
from tests.simulation.trouble import Trouble
from tocsin.clients.store import Data, Exists, Transaction, Where
from tocsin.errors import Unavailable

T = TypeVar("T")

ROUNDS = 12
encoded = msgspec.msgpack.Encoder().encode
copied: Callable[[bytes], Data] = msgspec.msgpack.Decoder().decode
COMPARE: dict[str, Callable[[Any, Any], bool]] = {"==": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


class Conflict(Exception):
    """A document was changed between a rule's reads and its commit."""


class Kept(NamedTuple):
    """A document as it is handed out to everybody, and its bytes, which show whether somebody has changed it."""

    version: int
    blob: bytes
    data: Data


Found = list[tuple[str, Kept]]


class Commit(NamedTuple):
    """What was written together, and what stood there before."""

    after: dict[str, Data]
    before: dict[str, Data | None]


class Attempt:
    """One run of a rule: what it read, and what it wants written."""

    def __init__(self, store: "Documents") -> None:
        self.store = store
        self.reads: dict[str, int] = {}
        self.seen: dict[str, Kept | None] = {}
        self.writes: dict[str, Data] = {}
        self.created: set[str] = set()

    def get(self, path: str) -> Data | None:
        if self.writes:
            raise RuntimeError(f"{path} is read after a write; a rule reads first and writes then.")
        if path not in self.reads:  # within one run always the same, as the real one keeps it
            kept = self.store.trouble.through("store", "read", lambda: self.store.documents.get(path))
            self.reads[path], self.seen[path] = kept.version if kept else 0, kept
        known = self.seen[path]
        return known.data if known else None

    def peek(self, path: str) -> Data | None:
        kept = self.store.trouble.through("store", "read", lambda: self.store.documents.get(path))
        return kept.data if kept else None

    def ahead(self, *paths: str) -> None:
        pass  # each read can be struck by itself

    def release(self) -> None:
        self.reads.clear()

    def create(self, path: str, data: Data) -> None:
        if path in self.writes or self.reads.get(path):
            raise Exists(path)
        self.writes[path] = data
        self.created.add(path)

    def put(self, path: str, data: Data) -> None:
        self.writes[path] = data


class Documents:
    """The store of a night: `collections` for the queries, `documents` by path.

    Whoever reads gets the same document: a copy for each would take a tenth of the night. So nobody may change what he
    has read, and `changed` names what somebody did change.
    """

    def __init__(self, trouble: Trouble, watch: Callable[[Commit], object]) -> None:
        self.trouble = trouble
        self.watch = watch
        self.documents: dict[str, Kept] = {}
        self.changed: list[str] = []
        self.collections: dict[str, dict[str, Kept]] = {}
        self.indexes: dict[str, Indexes] = {}

    def get(self, path: str) -> Data | None:
        kept = self.trouble.through("store", "get", lambda: self.documents.get(path))
        return kept.data if kept else None

    def query(
        self, collection: str, *where: Where, order_by: str | None = None, limit: int = 100
    ) -> list[tuple[str, Data]]:
        found = self.trouble.through("store", "query", lambda: self.find(collection, where, order_by))
        return [(name, kept.data) for name, kept in found[:limit]]

    def find(self, collection: str, where: tuple[Where, ...], order_by: str | None) -> Found:
        found = self._among(collection, where)
        for field, operator, value in where:
            if not found:
                return []
            found = matching(found, field, operator, value)
        named = (order_by or "").removeprefix("-")
        ordered = named or next((field for field, operator, _ in where if operator != "=="), None)
        if not ordered:
            return sorted(found, key=itemgetter(0))
        told = [(value, name, kept) for name, kept in found if (value := kept.data.get(ordered)) is not None]
        told.sort(key=itemgetter(0, 1), reverse=(order_by or "").startswith("-"))
        return [(name, kept) for _, name, kept in told]

    def _among(self, collection: str, where: tuple[Where, ...]) -> Collection[tuple[str, Kept]]:
        """Give the documents to look at: all of a small collection, of a large one what an index gives."""
        known = self.collections.get(collection, {})
        if len(known) <= FEW:
            return known.items()
        if collection not in self.indexes:
            self.indexes[collection] = Indexes()
        names = self.indexes[collection].candidates(where, known)
        return known.items() if names is None else [(name, known[name]) for name in names]

    def transact(self, rule: Callable[[Transaction], T]) -> T:
        for _ in range(ROUNDS):
            attempt = Attempt(self)
            result = rule(attempt)
            if not attempt.writes:
                return result
            try:
                self.trouble.through("store", "commit", lambda attempt=attempt: self.commit(attempt))  # type: ignore[misc]
            except Conflict:
                continue
            return result
        raise Unavailable("others kept changing the same documents, so nothing was written", retry_after=1)

    def commit(self, attempt: Attempt) -> None:
        known = self.documents
        for path, version in attempt.reads.items():
            kept = known.get(path)
            if (kept.version if kept else 0) != version:
                raise Conflict(path)
        for path in attempt.created:
            if path in known:
                raise Exists(path)
        before = {path: known[path].data if path in known else None for path in attempt.writes}
        for path, data in attempt.writes.items():
            self.keep(path, data)
        self.watch(Commit({path: known[path].data for path in attempt.writes}, before))

    def keep(self, path: str, data: Data) -> None:
        """Write one document past all trouble."""
        if before := self.documents.get(path):
            self.compare(path, before)
        blob = encoded(data)
        kept = Kept(before.version + 1 if before else 1, blob, copied(blob))
        collection, name = path.split("/")
        self.documents[path] = kept
        self.collections.setdefault(collection, {})[name] = kept
        if collection in self.indexes:
            self.indexes[collection].change(name, before.data if before else None, kept.data)

    def compare(self, path: str, kept: Kept) -> None:
        """Note a document that is not as it was written."""
        if encoded(kept.data) != kept.blob:
            self.changed.append(path)

    def all(self, collection: str) -> dict[str, Data]:
        """Give a whole collection, to look at only."""
        return {name: kept.data for name, kept in self.collections.get(collection, {}).items()}


def matching(documents: Collection[tuple[str, Kept]], field: str, operator: str, value: Any) -> Found:
    """Give those for which a condition holds: like is compared with like, what is missing matches nothing but None."""
    if value is None:
        return [one for one in documents if operator == "==" and one[1].data.get(field) is None]
    compare, is_time = COMPARE[operator], isinstance(value, datetime)
    return [
        one
        for one in documents
        if (found := one[1].data.get(field)) is not None
        and isinstance(found, datetime) is is_time
        and compare(found, value)
    ]

"""The one protocol: documents in collections, and transactions over a few of them.

A path is `collection/id`. A document is a dict of str, bool, int, float, None, aware datetime (UTC), list and dict;
lists do not hold lists. Firestore and SQLite implement it, and one contract test runs on both.
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeVar

T = TypeVar("T")
Data = dict[str, Any]
Where = tuple[str, Literal["==", "<", "<=", ">", ">="], Any]


class Exists(Exception):
    """A document that was to be created is there already; `path` names it. Nothing was written."""

    def __init__(self, path: str) -> None:
        """Name the document."""
        super().__init__(f"{path} exists already")
        self.path = path


class Transaction(Protocol):
    """Reads first, then writes; all writes are committed together, and only if nothing read has changed."""

    def get(self, path: str) -> Data | None:
        """Give the document or None; raises RuntimeError after the first write."""

    def ahead(self, *paths: str) -> None:
        """Read documents that are about to be asked for, all in one trip; the commit is held to none for that."""

    def peek(self, path: str) -> Data | None:
        """Give the document or None without holding the commit to it: for what may be a moment old."""

    def release(self) -> None:
        """Let the commit stand whatever becomes of what was read: each such condition is a write to that document."""

    def create(self, path: str, data: Data) -> None:
        """Write a document that must not exist; if it does, `Exists` is raised here or by `transact`."""

    def put(self, path: str, data: Data) -> None:
        """Write the whole document, there or not; unless read before, whatever stood there is replaced."""


class Store(Protocol):
    """Three methods; each raises `Unavailable` when nothing was done, `Uncertain` when a commit's answer was lost."""

    def get(self, path: str) -> Data | None:
        """Give the document or None."""

    def query(
        self, collection: str, *where: Where, order_by: str | None = None, limit: int = 100
    ) -> list[tuple[str, Data]]:
        """Give (id, document) of those for which every condition holds; one without the field does not match.

        `order_by` sorts upwards, with a leading minus downwards.
        """

    def transact(self, rule: Callable[[Transaction], T]) -> T:
        """Run the rule and commit what it wrote; it may run several times, so it has no effects of its own."""

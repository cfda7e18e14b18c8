"""Runs several rules in one transaction: each finds what those before it have written."""

from tocsin.clients.documents import copied
from tocsin.clients.store import Data, Exists, Transaction


class Layer:
    """A transaction over another one, which gets the writes when all rules have run: they may read after a write."""

    def __init__(self, below: Transaction) -> None:
        """Start empty; what is not written here is read `below`."""
        self._below = below
        self._written: dict[str, Data] = {}
        self._created: set[str] = set()

    def get(self, path: str) -> Data | None:
        """Give the document as the rules have left it, or None."""
        return copied(self._written[path]) if path in self._written else self._below.get(path)

    def ahead(self, *paths: str) -> None:
        """Read what is about to be asked for."""
        self._below.ahead(*paths)

    def peek(self, path: str) -> Data | None:
        """Give the document as it is now, or as the rules have left it."""
        return copied(self._written[path]) if path in self._written else self._below.peek(path)

    def release(self) -> None:
        """Change nothing: what one rule does not depend on, another may."""

    def create(self, path: str, data: Data) -> None:
        """Write a document that must not exist; raises Exists if an earlier rule has written it."""
        if path in self._written:
            raise Exists(path)
        self._created.add(path)
        self.put(path, data)

    def put(self, path: str, data: Data) -> None:
        """Write the whole document."""
        self._written[path] = copied(data)

    def write(self) -> None:
        """Hand all writes down."""
        for path, data in self._written.items():
            if path in self._created:
                self._below.create(path, data)
            else:
                self._below.put(path, data)

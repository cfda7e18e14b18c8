"""Keeps documents in one SQLite file, under the same rules as Firestore, for a pager that fits on a laptop."""

import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from tocsin.clients.documents import check_query, split_path
from tocsin.clients.optimistic import Attempt, Conflict, Patience, Seen, waits
from tocsin.clients.optimistic import transact as run
from tocsin.clients.store import Data, Exists, Transaction, Where
from tocsin.errors import Unavailable

T = TypeVar("T")

# The fields the pager looks for in collections that grow; a query by any other field reads its whole collection. Of two
# that are to be equal the one that stands first here leads to fewer documents.
INDEXED = (
    *("incident", "number", "dedup_key", "status", "state", "next_at", "opened_at", "accepted_at", "claimed_at"),
    *("idle_at", "raise_at", "settles_at", "suppressed_until", "seq"),
)
BUSY_SECONDS = 5.0
TIME = "$time"
# How SQLite names a value's type in JSON: Firestore compares like with like only, and so must we.
KINDS = {bool: "('true', 'false')", int: "('integer', 'real')", float: "('integer', 'real')", str: "('text')"}

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    collection TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (collection, id)
)
"""
INDEX = "CREATE INDEX IF NOT EXISTS documents_{field} ON documents (collection, {value}, id) WHERE {value} IS NOT NULL"
PUT = """
INSERT INTO documents VALUES (?, ?, ?, 1)
ON CONFLICT (collection, id) DO UPDATE SET data = excluded.data, version = version + 1
"""


class EmbeddedStore:
    """Documents in the SQLite file `path`, or in memory for ":memory:"; safe with several threads and processes.

    A rule runs without a lock, as on Firestore; only the commit, which compares what was read, excludes other writers.
    """

    def __init__(self, path: str | Path, patience: Patience | None = None, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open or make the file, waiting `busy_seconds` for other processes; raises Unavailable with the reason."""
        self._path = path
        self._patience = patience or Patience()
        # One connection, used by one thread at a time: SQLite writes one by one anyway, and reads take microseconds.
        self._lock = threading.Lock()
        with self._failures():
            self._db = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
            self._prepare()

    def get(self, path: str) -> Data | None:
        """Give the document or None."""
        seen = self._read([path])[path]
        return seen.data if seen else None

    def query(
        self, collection: str, *where: Where, order_by: str | None = None, limit: int = 100
    ) -> list[tuple[str, Data]]:
        """Give (id, document) of those for which every condition holds; `order_by` sorts values of one type."""
        check_query(collection, where, order_by, limit)
        sql, values = select(collection, where, order_by, limit)
        with self._failures(), self._lock:
            rows = self._db.execute(sql, values).fetchall()
        return [(name, decode(text)) for name, text in rows]

    def transact(self, rule: Callable[[Transaction], T]) -> T:
        """Run the rule and commit what it wrote; it may run several times, so it has no effects of its own."""
        return run(rule, self._read, self._commit, self._patience)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _prepare(self) -> None:
        # WAL lets readers go on while somebody writes; FULL keeps what was committed when the power goes.
        self._insist("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        with self._exclusively():
            self._db.execute(SCHEMA)
            for field in INDEXED:
                self._db.execute(INDEX.format(field=field, value=_value(field)))

    def _insist(self, statement: str) -> None:
        """Say it again while another process, opening the same new file, says it too: SQLite does not wait for that."""
        refusal = sqlite3.OperationalError("database is locked")
        for wait in waits(self._patience.rounds):
            try:
                self._db.execute(statement)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                refusal = error
                self._patience.pause(wait)
            else:
                return
        raise refusal

    def _read(self, paths: Collection[str]) -> dict[str, Seen[int] | None]:
        with self._failures(), self._lock:
            rows = {path: self._row(path) for path in paths}
        return {path: Seen(decode(row[0]), row[1]) if row else None for path, row in rows.items()}

    def _row(self, path: str) -> tuple[str, int] | None:
        statement = "SELECT data, version FROM documents WHERE collection = ? AND id = ?"
        row: tuple[str, int] | None = self._db.execute(statement, split_path(path)).fetchone()
        return row

    def _commit(self, attempt: Attempt[int]) -> None:
        texts = {path: encode(data) for path, data in attempt.writes.items()}
        with self._failures(), self._lock, self._exclusively():
            for path, seen in attempt.reads.items():
                row = self._row(path)
                if (row and row[1]) != (seen and seen.version):
                    raise Conflict(f"{path} was changed.")
            for path in attempt.blind():
                if self._row(path):
                    raise Exists(path)
            self._db.executemany(PUT, [(*split_path(path), text) for path, text in texts.items()])

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        """Commit what happens inside, or nothing of it; other processes wait, or give up."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise Unavailable(f"The documents in {self._path} cannot be used: {error}.") from error


def select(collection: str, where: tuple[Where, ...], order_by: str | None, limit: int) -> tuple[str, list[object]]:
    """Give the statement and its values; field names were checked to be letters, digits and _."""
    terms = ["collection = ?"]
    values: list[object] = [collection]
    ordered = (order_by or "").removeprefix("-") or next(
        (field for field, operator, _ in where if operator != "=="), None
    )
    # A plus hides every other index where that of an equality leads to far fewer documents.
    equal = {field for field, operator, value in where if operator == "==" and value is not None}
    found = next((field for field in INDEXED if field in equal), "")
    for field, operator, value in where:
        terms += _terms(field, operator, value, "+" if found and field != found else "")
        values += [] if value is None else [_comparable(value)]
    sort_key = ordered and f"{'+' if found else ''}{_value(ordered)}"
    terms += [f"{sort_key} IS NOT NULL"] if sort_key else []
    turn = " DESC" if (order_by or "").startswith("-") else ""
    order = f"{sort_key}{turn}, id{turn}" if sort_key else "id"
    sql = f"SELECT id, data FROM documents WHERE {' AND '.join(terms)} ORDER BY {order} LIMIT ?"  # noqa: S608 - see above
    return sql, [*values, limit]


def encode(data: Data) -> str:
    """Give the document as JSON, times in UTC and of one width so that they sort; what begins with $ gets another."""
    return json.dumps(_wrapped(data), ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Data:
    """Give the document back."""
    data: Data = json.loads(text, object_hook=_unwrapped)
    return data


def _value(field: str) -> str:
    return f"json_extract(data, '$.{field}')"


def _terms(field: str, operator: str, value: object, hidden: str) -> list[str]:
    compare = f"{hidden}{_value(field)} {operator} ?"
    kind = f"json_type(data, '$.{field}')"
    match value:
        case None:
            return [f"{kind} = 'null'"]
        case datetime():
            return [compare, f"json_type(data, '$.{field}.\"{TIME}\"') = 'text'"]
    return [compare, f"{kind} IN {next(names for type_, names in KINDS.items() if isinstance(value, type_))}"]


def _comparable(value: object) -> object:
    return json.dumps(_wrapped(value), separators=(",", ":")) if isinstance(value, datetime) else value


def _wrapped(value: object) -> object:
    match value:
        case datetime():
            return {TIME: value.astimezone(UTC).isoformat(timespec="microseconds")}
        case dict():
            return {f"${name}" if name.startswith("$") else name: _wrapped(item) for name, item in value.items()}
        case list() | tuple():
            return [_wrapped(item) for item in value]
    return value


def _unwrapped(data: dict[str, Any]) -> object:
    if TIME in data:
        return datetime.fromisoformat(data[TIME])
    return {name.removeprefix("$"): value for name, value in data.items()}

"""Keeps messages and tasks in a table of the SQLite file until whoever delivers them has delivered them."""

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tocsin.errors import Unavailable

ROUTE = "route"  # the function that stands behind the topic: its rows are messages, all others are tasks
BUSY = 3.0  # seconds to wait while another process writes
PAUSE = 0.005  # seconds between attempts to open a new file
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# FULL: the row is on the disk before a sender hears "accepted". AUTOINCREMENT: an id is never given twice.
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, body BLOB NOT NULL,
  made INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, answers INTEGER NOT NULL DEFAULT 0,
  urgent INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS queue_by_due ON queue (due, id);
"""
# A file that an earlier version made has one lane only.
LANES = "ALTER TABLE queue ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0"
INDEX = "CREATE INDEX IF NOT EXISTS queue_by_lane ON queue (urgent, due, id)"


@dataclass(frozen=True)
class Item:
    """Something to deliver to the function `target`; `answers` counts the attempts that reached it and failed."""

    id: int
    target: str
    body: bytes
    made: datetime
    due: datetime
    attempts: int
    answers: int
    urgent: bool = False


class EmbeddedQueue:
    """A topic and a task queue in one table; several processes and threads may share the file.

    Every method raises Unavailable when the file is busy, full or broken; then nothing was done.
    """

    def __init__(
        self, path: Path | str, clock: Callable[[], datetime] = lambda: datetime.now(UTC), busy: float = BUSY
    ) -> None:
        """Keep the path; the file is opened by the first use in each thread, `busy` is how long to wait for others."""
        self._path = path
        self._busy = busy
        self._clock = clock
        self._open = threading.local()

    async def publish(self, bodies: Sequence[bytes], urgent: Sequence[bytes] = ()) -> None:
        """Return when the messages are on the disk, all of them or, if it fails, none."""
        messages = [*((body, True) for body in urgent), *((body, False) for body in bodies)]
        await asyncio.to_thread(self._insert, ROUTE, messages)

    def publish_now(self, *bodies: bytes, urgent: bool = True) -> None:
        """Do the same without an event loop, with urgent messages unless said otherwise."""
        self._insert(ROUTE, [(body, urgent) for body in bodies])

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None, *, urgent: bool = False) -> None:
        """Have `body` posted to `function` as JSON, not before `at`; without one, or with one in the past, now."""
        self._insert(function, [(json.dumps(body).encode(), urgent)], at)

    def due(self, now: datetime, limit: int = 100, *, urgent: bool | None = None) -> list[Item]:
        """Give what is to be delivered at `now`, the longest due first; it stays until it is `done`.

        With `urgent` only what is, or only what is not.
        """
        columns = "id, target, body, made, due, attempts, answers, urgent"
        lane, given = ("", ()) if urgent is None else ("urgent = ? AND", (urgent,))
        query = f"SELECT {columns} FROM queue WHERE {lane} due <= ? ORDER BY due, id LIMIT ?"  # noqa: S608 - nothing from outside
        with self._connection() as connection:
            return [_item(row) for row in connection.execute(query, (*given, _micros(now), limit))]

    def next_due(self) -> datetime | None:
        """Give the time at which something is due next, or None for an empty queue."""
        with self._connection() as connection:
            (first,) = connection.execute("SELECT MIN(due) FROM queue").fetchone()
        return None if first is None else _moment(first)

    def done(self, *ids: int) -> None:
        """Forget what was delivered."""
        self._write("DELETE FROM queue WHERE id = ?", ((id_,) for id_ in ids))

    def again(self, id_: int, at: datetime, *, answered: bool = True) -> None:
        """Keep what could not be delivered until `at`; `answered` if the function was reached."""
        change = "UPDATE queue SET due = ?, attempts = attempts + 1, answers = answers + ? WHERE id = ?"
        self._write(change, [(_micros(at), answered, id_)])

    def _insert(self, target: str, bodies: Sequence[tuple[bytes, bool]], at: datetime | None = None) -> None:
        made = self._clock()
        due = max(made, at or made)
        rows = [(target, body, _micros(made), _micros(due), urgent) for body, urgent in bodies]
        self._write("INSERT INTO queue (target, body, made, due, urgent) VALUES (?, ?, ?, ?, ?)", rows)

    def _write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self._connection() as connection:
            # IMMEDIATE: a transaction that turns into a writer half-way is refused at once instead of waiting.
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                connection.executemany(statement, rows)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            if not hasattr(self._open, "connection"):
                self._open.connection = _connect(self._path, self._busy)
            yield self._open.connection
        except sqlite3.Error as error:
            raise Unavailable(f"The queue in {self._path} could not be used: {error}") from error


def _connect(path: Path | str, busy: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=busy, isolation_level=None)
    give_up = time.monotonic() + busy
    while True:
        try:
            connection.executescript(SCHEMA)
            if "urgent" not in {name for _, name, *_ in connection.execute("PRAGMA table_info(queue)")}:
                connection.execute(LANES)
            connection.execute(INDEX)
        except sqlite3.OperationalError:  # others open the new file too: the turn to WAL does not wait, all else does
            if time.monotonic() > give_up:
                connection.close()
                raise
            time.sleep(PAUSE)
        else:
            return connection


def _item(row: tuple[Any, ...]) -> Item:
    id_, target, body, made, due, attempts, answers, urgent = row
    return Item(id_, target, body, _moment(made), _moment(due), attempts, answers, bool(urgent))


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)

"""Fills a store with incidents of the last thirty days that are over: copies of one that the functions have made."""

from __future__ import annotations

import io
import itertools
import sqlite3
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.bench import team
from tocsin.clients.embedded import EmbeddedStore, encode
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.moment import Moment
from tocsin.notify import notify
from tocsin.route import route

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tocsin.clients.store import Store
    from tocsin.domain.config import Config

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAYS = 30
COPIED = ("events", "incidents", "notifications", "open")
MARKED = "0" * 31
INSERT = "INSERT INTO documents VALUES (?, ?, ?, 1)"
ROWS = 10_000


class Silent:
    """Tasks that nobody carries out."""

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None, *, urgent: bool = False) -> None:
        """Forget it."""


class Telephone:
    """Takes every text, and has heard none."""

    def __init__(self) -> None:
        self.ids = itertools.count(1)

    def text(self, _to: str, _body: str, _notification: str) -> str:
        """Give an id."""
        return f"SM{next(self.ids):032x}"

    def inbound(self, _since: datetime) -> list[Any]:
        """Give nothing."""
        return []


def event(identity: str, key: str, service: str, action: Action, at: datetime) -> Event:
    return Event(identity, at, service, service, Alert(action, key, "checkout is down", Severity.CRITICAL))


def pattern(config: Config) -> list[tuple[str, dict[str, Any]]]:
    """Give the documents of an incident that was paged and resolved, its ids marked."""
    store, tasks, ids = EmbeddedStore(":memory:"), Silent(), (f"{MARKED}{digit:x}" for digit in range(16))
    moment = Moment(NOW, config, ids.__next__)
    with redirect_stdout(io.StringIO()):
        for number, action in enumerate((Action.TRIGGER, Action.TRIGGER, Action.RESOLVE)):
            at = NOW + number * timedelta(minutes=1)
            said = event(f"{number:032x}", "0" * 16, team.name(0), action, at)
            route(said, store, tasks, Moment(at, config, moment.new_id))
            if not number:
                [(page, _)] = store.query("notifications")
                notify(page, store, tasks, Telephone(), moment)  # type: ignore[arg-type]
    return [(f"{kind}/{name}", data) for kind in COPIED for name, data in store.query(kind)]


def copies(documents: list[tuple[str, dict[str, Any]]], numbers: range, services: int) -> Iterator[tuple[str, Any]]:
    """Give the documents of so many such incidents, spread over the days and the services."""
    for number in numbers:
        back = timedelta(days=1 + DAYS * (number % 997) / 997, seconds=number % 3600)
        other = {team.name(0): team.name(number % services), team.phone(0): team.phone(number % team.PEOPLE)}
        for path, data in documents:
            kind, name = path.split("/")
            named = f"{name[:-12]}{number:012x}" if kind in {"events", "open"} else f"{number:012x}{name[12:]}"
            yield f"{kind}/{named}", _changed(data, back, f"{number:012x}", other)


def _changed(value: Any, back: timedelta, number: str, other: dict[str, str]) -> Any:
    match value:
        case datetime():
            return value - back
        case dict():
            return {name: _changed(one, back, number, other) for name, one in value.items()}
        case list():
            return [_changed(one, back, number, other) for one in value]
        case str() if value.startswith(MARKED):
            return number + value[12:]
        case str():
            return other.get(value, value)
    return value


def fill(path: Path, documents: Iterator[tuple[str, Any]]) -> None:
    """Write them into an embedded store's file, past the store: so it takes minutes and not hours."""
    rows = ((*name.split("/"), encode(data)) for name, data in documents)
    with sqlite3.connect(path, isolation_level=None) as db:
        while some := list(itertools.islice(rows, ROWS)):
            db.execute("BEGIN")
            db.executemany(INSERT, some)
            db.execute("COMMIT")
    db.close()


def put(store: Store, documents: Iterator[tuple[str, Any]]) -> None:
    """Write them through a store, a hundred at a time."""
    while some := list(itertools.islice(documents, 100)):

        def rule(tx: Any, some: list[tuple[str, Any]] = some) -> None:
            for name, data in some:
                tx.put(name, data)

        store.transact(rule)

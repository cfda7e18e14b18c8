"""Reads the books: what was accepted and what became of it, page by page and never without end.

What names is read before what is named (pages, what was kept or put aside, events, and incidents last), so that what
happens meanwhile is never taken for a difference.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tocsin import events
from tocsin.domain.balance import Balance, Books, Ended, Page, Quarantined, Spilled, Standing, balance
from tocsin.domain.incident import Status
from tocsin.domain.notification import State
from tocsin.domain.values import dataclass
from tocsin.errors import Malformed
from tocsin.records import from_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tocsin.clients.store import Data, Store, Where
    from tocsin.domain.alert import Event

MOST = 20_000
"""How many documents of one kind are read at most."""

_PAGE = 300
_HEAVY_PAGE, _MOST_HEAVY = 10, 500  # for messages put aside: each may hold nearly 1 MB
_UNFINISHED = {State.PENDING, State.SENDING, State.UNKNOWN}


@dataclass(frozen=True)
class Ledger:
    """The balance since a time; `cut` names each kind of document of which there were too many to read them all."""

    since: datetime
    balance: Balance
    cut: tuple[str, ...]


def ledger(
    store: Store, since: datetime, now: datetime, most: int = MOST, *, quarantined_since: datetime | None = None
) -> Ledger:
    """Balance what was accepted `since`, what still waits however old, and every incident that is triggered.

    What was put aside is read however old it is, unless `quarantined_since` says from when on.
    """
    reading = Reading(store, most)
    overdue = reading.read("notifications", "next_at", ("next_at", "<=", now))
    pages = tuple(from_document(Page, data) for data in overdue.values() if data["state"] in _UNFINISHED)
    unknown = store.query("notifications", ("state", "==", State.UNKNOWN.value), limit=most)
    spilled = reading.read("spill", "-accepted_at", ("accepted_at", ">=", since))
    spilled |= reading.read("spill", "next_at", ("next_at", "<=", now))
    aside = tuple(_put_aside(id_, data, since) for id_, data in quarantine(reading, quarantined_since).items())
    kept = {id_: events_in(data["body"]) for id_, data in spilled.items()}
    names = {id_: _digest(held[0].id) if held else id_ for id_, held in kept.items()}
    ended, routed = _ended(reading, since, {*names.values(), *(one.event for one in aside)})
    named = {one.incident for one in ended.values()} - {""}
    incidents = _incidents(reading, since, named | {page.incident for page in pages})
    books = Books(
        events=ended,
        spilled=dict(
            _spilled(names[id_], data, kept[id_], routed)
            for id_, data in spilled.items()
            if names[id_] in ended or not _is_aside(data, store)
        ),
        quarantined=aside,
        incidents=incidents,
        pages=pages,
        reached=_reached(store, incidents.values()),
        phantoms=_phantoms(reading, incidents.keys() - named),
        unknown_sends=len(unknown),
    )
    return Ledger(since, balance(books, now), tuple(reading.cut))


class Reading:
    """Reads collections in pages; `cut` names those with more than `most` documents, of which the rest is unread."""

    def __init__(self, store: Store, most: int = MOST) -> None:
        """Read nothing yet."""
        self.store = store
        self.most = most
        self.cut: list[str] = []

    def read(self, collection: str, order: str, *where: Where, heavy: bool = False) -> dict[str, Data]:
        """Give by id all for which the conditions hold, in the order of a field, with a leading minus downwards."""
        page, most = (_HEAVY_PAGE, min(self.most, _MOST_HEAVY)) if heavy else (_PAGE, self.most)
        field, page = order.removeprefix("-"), min(page, most + 1)
        read: dict[str, Data] = {}
        cursor: tuple[Where, ...] = ()
        while len(read) <= most:
            before = len(read)
            found = self.store.query(collection, *where, *cursor, order_by=order, limit=page)
            read |= found
            if len(found) < page:
                return read
            # From the last one on, and not after it: others may be of the same instant; a whole page of them is passed
            # by asking for more at once.
            last = found[-1][1][field]
            cursor = ((field, "<=", last) if order.startswith("-") else (field, ">=", last),)
            page *= 2 if len(read) == before else 1
        self.cut.append(collection)
        return read


def quarantine(reading: Reading, since: datetime | None = None) -> dict[str, Data]:
    """Give by id what was put aside, the newest first."""
    where: tuple[Where, ...] = (("at", ">=", since),) if since else ()
    return reading.read("quarantine", "-at", *where, heavy=True)


def events_in(body: str | bytes) -> tuple[Event, ...]:
    """Give the events that a message holds, or none."""
    try:
        return events.read(body)
    except Malformed:
        return ()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _put_aside(identity: str, document: Data, since: datetime) -> Quarantined:
    held = events_in(document["data"])
    replayed = document.get("replayed_at") is not None
    return Quarantined(_digest(held[0].id) if held else identity, document["at"] >= since, replayed, len(held) or 1)


def _ended(reading: Reading, since: datetime, others: Iterable[str]) -> tuple[dict[str, Ended], set[str]]:
    """Give what ended of what was accepted since, and of the others whichever was routed; and the ids of all of it."""
    known = reading.read("events", "-accepted_at", ("accepted_at", ">=", since))
    older = {id_: reading.store.get(f"events/{id_}") for id_ in others if id_ not in known}
    markers = {id_: data for id_, data in (known | older).items() if data}
    ids = {one["id"] for data in markers.values() for one in (data["event"], *data.get("repeats", ()))}
    return {id_: _end(data) for id_, data in markers.items()}, ids


def _spilled(name: str, document: Data, events: Sequence[Event], routed: set[str]) -> tuple[str, Spilled]:
    """Give what was kept aside by the first of its events that is not routed: a sweep may have died half-way."""
    left = [one for one in events if one.id not in routed]
    waits, size = document["next_at"] is not None, len(left or events) or 1
    spilled = Spilled(document["accepted_at"], waits, size, document.get("handed_at"))
    return _digest(left[0].id) if left else name, spilled


def _is_aside(spilled: Data, store: Store) -> bool:
    """Say whether it was put aside when its turn came; it then counts as what lies there."""
    return spilled["next_at"] is None and store.get(f"quarantine/{_digest(spilled['body'])}") is not None


def _end(document: Data) -> Ended:
    """Read a marker as it is: one that lacks something is what the ledger is there to find."""
    outcome, incident = str(document.get("outcome", "")), str(document.get("incident") or "")
    return Ended(document["accepted_at"], outcome, incident, events.count(document))


def _incidents(reading: Reading, since: datetime, named: set[str]) -> dict[str, Standing | None]:
    """Give those that are triggered, those opened since, and, each by itself, whichever else is named."""
    known: dict[str, Data | None] = {**reading.read("incidents", "-opened_at", ("opened_at", ">=", since))}
    known |= reading.read("incidents", "-opened_at", ("status", "==", Status.TRIGGERED.value))
    rest = sorted(named - known.keys())
    if len(rest) > reading.most:
        reading.cut.append("older incidents")
    known |= {id_: reading.store.get(f"incidents/{id_}") for id_ in rest[: reading.most]}
    return {id_: from_document(Standing, data) if data else None for id_, data in known.items()}


def _reached(store: Store, incidents: Iterable[Standing | None]) -> frozenset[str]:
    """Look, for those without a timer, whether a notification was begun or is due."""
    stuck = [one.id for one in incidents if one and one.status is Status.TRIGGERED and one.next_at is None]
    return frozenset(id_ for id_ in stuck if _is_underway(id_, store))


def _is_underway(incident: str, store: Store) -> bool:
    found = store.query("notifications", ("incident", "==", incident))
    return any(data["claimed_at"] or data["next_at"] for _, data in found)


def _phantoms(reading: Reading, unnamed: Iterable[str]) -> frozenset[str]:
    """Look for the event of each incident that none of the events read names: it may be older, or just accepted."""
    if "events" in reading.cut:
        return frozenset()
    asked = {id_: reading.store.query("events", ("incident", "==", id_), limit=1) for id_ in unnamed}
    return frozenset(id_ for id_, found in asked.items() if not found)

"""Keeps the audit: an entry is committed with what it tells of, and the sweep seals what has come into one chain.

Nobody waits for the chain: an entry is a document of its own that nobody else writes, created without a look, so it can
neither collide nor make an answer fail. Only the sealing moves the chain's head, once a minute and only if there is
something to seal; of two sweeps that seal at the same time one finds the head moved, and leaves it to the other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tocsin import log
from tocsin.clients.store import Where
from tocsin.domain import audit as rules
from tocsin.domain.audit import Entry, Kind
from tocsin.domain.chain import Head, sealed
from tocsin.domain.config import RETENTION
from tocsin.domain.orders import Said
from tocsin.domain.values import replace
from tocsin.records import from_document, is_newer, to_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import timedelta

    from tocsin.clients.store import Data, Store, Transaction
    from tocsin.domain.incident import Incident
    from tocsin.domain.verification import Verification
    from tocsin.moment import Moment

HEAD = "sweeps/audit"
"""Where the chain ends."""

_UNSEALED: Where = ("seq", "==", 0)
ILLEGIBLE = Entry(datetime(1970, 1, 1, tzinfo=UTC), Kind.ACCESS, "what cannot be read", "")

_MOST = 300
"""How many are sealed in one commit; what is left has its turn in the next sweep."""


def acted(tx: Transaction, said: Said, known: Iterable[Incident], changed: Iterable[Incident], now: datetime) -> None:
    """Write an entry for each incident that somebody has changed, in the commit that changes it."""
    before = {one.id: one for one in known}
    for one in changed:
        if one != before[one.id]:
            write(tx, rules.action(said, before[one.id], one, now), one.retention)


def vouched(tx: Transaction, said: Said, after: Verification, retention: timedelta) -> None:
    """Write that somebody gave back the code that was sent to a number: the right one, or another one."""
    about = f"users/{after.verified_user or after.user}"
    is_right = after.verified_at == said.at
    kind, what = (Kind.CONFIGURATION, "a number verified") if is_right else (Kind.DENIED, "a wrong code for a number")
    write(tx, rules.entry(kind, what, about, said, said.at), retention)


def write(tx: Transaction, entry: Entry, retention: timedelta) -> None:
    """Write an entry, to be kept for so long, in the commit of what it tells of."""
    tx.create(*_document(entry, retention))


def _document(entry: Entry, retention: timedelta) -> tuple[str, Data]:
    kept = replace(entry, expires_at=entry.at + retention)
    return f"audit/{kept.id}", to_document(kept)


def denied(door: str, why: str, count: int, concerned: Mapping[str, str], now: datetime) -> tuple[str, Data]:
    """Give the document that says how often somebody unknown was refused at a door, and what that concerned."""
    said = Said("", "from outside", now)
    told = rules.entry(Kind.DENIED, why, f"functions/{door}", said, now, after=concerned)
    return _document(replace(told, count=count), RETENTION)


def seal(store: Store, moment: Moment) -> None:
    """Give everything that was not sealed yet its place, and log the hash that the chain ends with."""
    if not store.query("audit", _UNSEALED, limit=1):
        return
    known = store.get(HEAD)
    # Asked once more, after the head: while that stays where it is, nobody else has sealed any of them.
    legible = _legible(store.query("audit", _UNSEALED, limit=_MOST))
    placed, head = sealed(legible, _head(known))

    def rule(tx: Transaction) -> bool:
        if tx.get(HEAD) != known or not placed:
            return False
        for name, one in placed.items():
            tx.put(f"audit/{name}", to_document(one))
        tx.put(HEAD, {**to_document(head), "at": moment.now})
        return True

    if store.transact(rule):
        log.event(f"audit sealed up to entry {head.seq}", "NOTICE", head=head.hash, entries=len(placed))


def _legible(found: Iterable[tuple[str, Data]]) -> dict[str, Entry]:
    """Give what can be sealed: not what is illegible, nor what a newer version wrote, which that one seals."""
    legible = {}
    for name, data in found:
        if is_newer("Entry", data):
            continue
        if (one := _entry(data)) != ILLEGIBLE:
            legible[name] = one
        else:
            log.event("an entry of the audit cannot be read, so it is not sealed", "ERROR", document=f"audit/{name}")
    return legible


def head(store: Store) -> Head:
    """Give where the chain ends."""
    return _head(store.get(HEAD))


def entries(found: Mapping[str, Mapping[str, object]]) -> dict[str, Entry]:
    """Give the entries of documents, by their names; for what somebody has made illegible there is a stand-in."""
    return {name: _entry(data) for name, data in found.items()}


def _entry(data: Mapping[str, object]) -> Entry:
    try:
        return from_document(Entry, dict(data))
    except ValueError:
        return ILLEGIBLE


def _head(found: Mapping[str, object] | None) -> Head:
    return from_document(Head, dict(found)) if found else Head()

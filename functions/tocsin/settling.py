"""Resolves what was flapping once it has been stable for long: the sweep finds it, whoever has answered meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import log, outbox
from tocsin.domain.flapping import is_stable, settled
from tocsin.domain.incident import Incident
from tocsin.records import from_document

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.store import Store, Transaction
    from tocsin.moment import Moment


def due(store: Store, now: datetime, limit: int) -> list[str]:
    """Give the incidents whose time to settle is over, those of the longest ago first."""
    found = store.query("incidents", ("settles_at", "<=", now), order_by="settles_at", limit=limit)
    return [identity for identity, _ in found]


def settle(identity: str, store: Store, moment: Moment) -> None:
    """Resolve one, once; whoever has fired again meanwhile has written the incident."""
    if store.transact(lambda tx: _settle(tx, identity, moment)):
        log.event("resolved: it has been stable", incident=identity)


def _settle(tx: Transaction, identity: str, moment: Moment) -> bool:
    found = from_document(Incident, tx.get(f"incidents/{identity}") or {})
    if not is_stable(found, moment.now):
        return False
    outbox.save(tx, settled(found, moment.now))
    return True

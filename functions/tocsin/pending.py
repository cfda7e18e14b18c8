"""Raises what is open with low urgency when support hours begin; the incident says when, so nothing else must fire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import circles, log, outbox
from tocsin.domain.incident import Incident, Status
from tocsin.domain.support import raised
from tocsin.records import from_document

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction
    from tocsin.moment import Moment


def due(store: Store, now: datetime, limit: int) -> list[str]:
    """Give the incidents whose support hours have begun, those of the longest ago first."""
    return [
        identity for identity, _ in store.query("incidents", ("raise_at", "<=", now), order_by="raise_at", limit=limit)
    ]


def raise_urgency(identity: str, store: Store, tasks: Tasks, moment: Moment) -> None:
    """Raise one, once, and ask for its pages; those that cannot be queued are the next sweep's."""
    changed = store.transact(lambda tx: _raise(tx, identity, moment))
    if changed and changed.status is Status.TRIGGERED:
        log.event(changed.timeline[-1].why, incident=identity)
        outbox.flush(tasks, changed, moment.now)


def _raise(tx: Transaction, identity: str, moment: Moment) -> Incident | None:
    before = from_document(Incident, tx.get(f"incidents/{identity}") or {})
    if not before.raise_at or moment.now < before.raise_at:
        return None
    after = circles.in_turn(tx, before, lambda one: raised(one, moment.config, moment.now))
    outbox.save(tx, after)
    return after

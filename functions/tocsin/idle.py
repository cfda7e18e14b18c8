"""An incident that no alert has joined for long is resolved, where its service wants that; found by the sweep alone.

So is what had joined one that a person resolved, if nobody has looked for that yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import log, outbox
from tocsin.domain.idle import NAME, close, idle_until
from tocsin.domain.incident import Incident, Status
from tocsin.domain.notification import State
from tocsin.domain.values import replace
from tocsin.records import from_document
from tocsin.reopen import since_resolved

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction, Where
    from tocsin.moment import Moment

_WAITING = (State.PENDING, State.SENDING, State.UNKNOWN)


def overdue(store: Store, now: datetime, limit: int) -> list[str]:
    """Give the incidents to look at, the longest due first."""
    found = store.query("incidents", ("idle_at", "<=", now), order_by="idle_at", limit=limit)
    return [identity for identity, _ in found]


def look(identity: str, store: Store, tasks: Tasks, moment: Moment) -> None:
    """Resolve an incident if nothing has joined it for long enough, else say when to look again.

    Joining writes nothing that this could collide with. So it speaks only for what had come before the look: whatever
    joined since is routed anew once it is closed, as after a resolve that was overtaken. Until that is done it stays
    among those to look at, so that nothing is lost with a process that dies between the two.
    """
    newest = store.query("events", ("incident", "==", identity), order_by="-accepted_at", limit=1)
    heard = newest[0][1]["accepted_at"] if newest else None
    untold = _untold(store, identity, moment.now)
    closed = store.transact(lambda tx: _look(tx, identity, heard, untold, moment))
    if closed and closed.closed_through:
        if closed.answered_by == NAME:
            log.event("resolved: idle", incident=identity)
        since_resolved(closed, store, tasks, moment)
        store.transact(lambda tx: _done(tx, identity))


def _untold(store: Store, identity: str, now: datetime) -> tuple[datetime, ...] | None:
    """Give when the pages that still wait are looked at, never before now; None once somebody has been told."""
    mine: Where = ("incident", "==", identity)
    if store.query("notifications", mine, ("state", "==", State.SENT.value), limit=1):
        return None
    alive = [data for state in _WAITING for _, data in store.query("notifications", mine, ("state", "==", state.value))]
    return tuple(max(now, data["next_at"] or now) for data in alive)


def _first_page(incident: Incident, waiting: tuple[datetime, ...] | None, now: datetime) -> datetime | None:
    """Give when somebody is told at the soonest, if nobody has been: where no page waits, the timer makes one."""
    if waiting is None or incident.status is not Status.TRIGGERED or incident.shadow:
        return None
    timer = (max(now, incident.next_at),) if incident.next_at else ()
    return min(waiting or timer, default=None)


def _look(
    tx: Transaction, identity: str, heard: datetime | None, untold: tuple[datetime, ...] | None, moment: Moment
) -> Incident | None:
    found = tx.get(f"incidents/{identity}")
    incident = from_document(Incident, found) if found else None
    if not incident or not incident.idle_at:
        return None
    if incident.status is Status.RESOLVED:
        return incident
    until = idle_until(incident, heard, _first_page(incident, untold, moment.now))
    if not until or moment.now < until:
        outbox.save(tx, replace(incident, idle_at=until))
        return None
    closed = replace(close(incident, heard, moment.now), idle_at=moment.now)
    outbox.save(tx, closed)
    return closed


def _done(tx: Transaction, identity: str) -> None:
    incident = from_document(Incident, tx.get(f"incidents/{identity}") or {})
    outbox.save(tx, replace(incident, idle_at=None))

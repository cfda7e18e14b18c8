"""Keeps the newest beat of each monitor, and finds those that have fallen silent."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tocsin import log
from tocsin.domain.alert import Action
from tocsin.domain.heartbeat import Heartbeat, due, newer, silence
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.store import Data, Store, Transaction
    from tocsin.domain.alert import Event
    from tocsin.domain.config import Config
    from tocsin.moment import Moment


def heard(tx: Transaction, event: Event, config: Config) -> Heartbeat | None:
    """Give what is to be kept of an event: nothing unless it is the newest beat of a monitor there is."""
    monitor = config.integrations.get(event.integration)
    if event.alert.action is not Action.BEAT or not monitor or not monitor.every:
        return None
    found = tx.get(_path(event.integration))
    return newer(from_document(Heartbeat, found) if found else None, event.accepted_at, monitor.every)


def keep(tx: Transaction, integration: str, heartbeat: Heartbeat) -> None:
    """Write it down."""
    tx.put(_path(integration), to_document(heartbeat))


def overdue(store: Store, now: datetime, limit: int) -> list[tuple[str, Data]]:
    """Give the monitors whose silence has not been told, the longest silent first, each with what is kept of it."""
    return store.query("heartbeats", ("next_at", "<=", now), order_by="next_at", limit=limit)


def alarm(integration: str, heartbeat: Heartbeat, moment: Moment) -> Event | None:
    """Give the alert about a silence, or None: the monitor is gone, or its interval has been made longer."""
    monitor = moment.config.integrations.get(integration)
    if not monitor or not monitor.every:
        log.event("no longer watched: the monitor is not in the configuration", integration=integration)
        return None
    if moment.now < due(heartbeat.last_at, monitor.every):
        return None
    return silence(monitor, monitor.every, heartbeat)


def put_off(integration: str, heartbeat: Heartbeat, until: datetime, store: Store) -> None:
    """Look at a silence again then, unless a beat has come."""
    after = Heartbeat(heartbeat.last_at, until)
    store.transact(partial(_replace, integration=integration, before=heartbeat, after=after))


def told(integration: str, heartbeat: Heartbeat, store: Store, moment: Moment) -> None:
    """Take a silence off the list, unless a beat has come; one whose interval is longer now is looked at again then."""
    monitor = moment.config.integrations.get(integration)
    later = due(heartbeat.last_at, monitor.every) if monitor and monitor.every else moment.now
    after = Heartbeat(heartbeat.last_at, later if later > moment.now else None)
    store.transact(partial(_replace, integration=integration, before=heartbeat, after=after))


def _replace(tx: Transaction, integration: str, before: Heartbeat, after: Heartbeat) -> None:
    found = tx.get(_path(integration))
    if found and from_document(Heartbeat, found) == before:
        keep(tx, integration, after)


def _path(integration: str) -> str:
    return f"heartbeats/{integration}"

"""Sends an alert to a test contact at intervals, through everything a page goes through, and sees how far it comes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tocsin import log, outbox
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.canary import NAME, Flight, found, is_back, is_blocked, round_trip, seen, unrouted
from tocsin.domain.incident import Incident, Status, resolve
from tocsin.domain.notification import Notification
from tocsin.domain.values import replace
from tocsin.records import from_document, to_document, to_json

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.queue import Topic
    from tocsin.clients.store import Store, Transaction
    from tocsin.domain.config import Canary
    from tocsin.moment import Moment

_PATH = "canary/current"


def watch(canary: Canary, store: Store, topic: Topic, moment: Moment) -> bool:
    """Look after the canary that is out, send the next one when it is time, and say whether pages get through."""
    document = store.get(_PATH)
    known = from_document(Flight, document) if document else None
    flight = _looked_after(known, canary, store, moment.now) if known else None
    blocked = flight is not None and is_blocked(flight, canary, moment.now)
    if flight and blocked:
        log.event(f"the canary of {flight.sent_at:%H:%M} UTC {found(flight, canary)}", "CRITICAL")
    if not flight or moment.now >= flight.sent_at + canary.every:
        new = _sent(canary, topic, moment, blocked=blocked, urgent=not (flight and flight.urgent))
        flight = replace(new, unrouted=unrouted(flight, canary, moment.now)) if flight else new
    if flight != known:
        store.transact(lambda tx: tx.put(_PATH, to_document(flight)))
    return not blocked


def _looked_after(flight: Flight, canary: Canary, store: Store, now: datetime) -> Flight:
    """See how far it has come; its incident is closed when it is back, or makes room for the next one."""
    taken = store.query(
        "incidents", ("integration", "==", canary.integration), ("status", "==", Status.ACKNOWLEDGED.value)
    )
    for identity, lost in taken:
        if lost["dedup_key"] != flight.id:  # one that got out although its publishing seemed to fail
            store.transact(partial(_close, identity=identity, now=now))
    opened = store.query("incidents", ("dedup_key", "==", flight.id), limit=1)
    if not opened:
        return flight
    incident = from_document(Incident, opened[0][1])
    pages = store.query("notifications", ("incident", "==", incident.id))
    flight = seen(flight, incident, [from_document(Notification, data) for _, data in pages], now)
    over = is_back(flight, canary) or now >= flight.sent_at + canary.every
    if over and incident.status is not Status.RESOLVED:
        store.transact(partial(_close, identity=incident.id, now=now))
        if is_back(flight, canary):
            log.event("a canary has come back", incident=incident.id, seconds=round_trip(flight))
    return replace(flight, blocked=False) if is_back(flight, canary) else flight


def _close(tx: Transaction, identity: str, now: datetime) -> None:
    incident = from_document(Incident, tx.get(f"incidents/{identity}") or {})
    outbox.save(tx, resolve(incident, NAME, now, "because it has done its work", now))


def _sent(canary: Canary, topic: Topic, moment: Moment, *, blocked: bool, urgent: bool) -> Flight:
    """Publish the next one where accepted alerts are published; raises Unavailable when that cannot be done."""
    identity = moment.new_id()
    monitor = moment.config.integrations[canary.integration]
    title = f"Canary of {moment.now:%H:%M} UTC, a test of this pager"
    alert = Alert(Action.TRIGGER, identity, title, Severity.CRITICAL)
    topic.publish_now(to_json(Event(identity, moment.now, monitor.id, monitor.service, alert)), urgent=urgent)
    return Flight(identity, moment.now, blocked=blocked, urgent=urgent)

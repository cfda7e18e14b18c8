"""An accepted event arrives: it opens an incident, joins one, answers one, or does nothing, and says why."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tocsin import circles, heartbeat, log, outbox
from tocsin.clients.store import Exists
from tocsin.domain.alert import Action, Event
from tocsin.domain.incident import Incident
from tocsin.domain.routing import Minted, Outcome, Pointer, Routed, decide
from tocsin.errors import DEFECTS, Malformed, Unavailable
from tocsin.follow import followed
from tocsin.records import from_document, from_json, to_document

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Data, Store, Transaction
    from tocsin.moment import Moment

_REASON = 1000  # characters
_KEPT = 900_000  # bytes of what is put aside: more than the largest event, less than a document may have


def arrived(data: bytes, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Route what Pub/Sub brings; what cannot be read is put aside and accepted, or it would slow its neighbours."""
    try:
        event = from_json(Event, data)
    except Malformed as error:
        return _quarantine(data, str(error), store, moment)
    try:
        return route(event, store, tasks, moment)
    except DEFECTS as error:
        log.event(f"routed to the catch-all, because {type(error).__name__}: {error}", "ERROR", event=event.id)
    try:
        return route(event, store, tasks, moment, last_resort=True)
    except DEFECTS as error:
        return _quarantine(data, f"{type(error).__name__}: {error}", store, moment)


def _quarantine(data: bytes, why: str, store: Store, moment: Moment) -> str:
    path = f"quarantine/{hashlib.sha256(data).hexdigest()}"
    # Cut after the decoding: a byte that is no text becomes three.
    text = data.decode(errors="replace").encode()[:_KEPT].decode(errors="ignore")
    kept = {"data": text, "why": why[:_REASON], "at": moment.now}
    with contextlib.suppress(Exists):
        store.transact(lambda tx: tx.create(path, kept))
    log.event(f"quarantined: {why}", "ERROR", quarantine=path)
    return f"quarantined: {why}"


def route(event: Event, store: Store, tasks: Tasks, moment: Moment, *, last_resort: bool = False) -> str:
    """Give the event its one outcome; a repeat meets the marker and asks again only for what may have been lost.

    As a last resort neither the service nor an incident that cannot be read is asked: the catch-all gets a new one.
    """
    if last_resort:
        moment = replace(moment, config=replace(moment.config, services={}))
    minted = Minted(moment.new_id(), moment.new_id())
    try:
        routed = circles.evenly(
            store, lambda tx, *, even: _apply(tx, event, minted, moment, last_resort=last_resort, even=even)
        )
    except Exists as error:
        if error.path != _marker(event.id):
            raise Unavailable("an id that was just made is taken: once more with another one") from error
        return _repeated(event, store, tasks, moment)
    _finish(event, routed.outcome, routed.incident, store, tasks, moment)
    log.event(f"{routed.outcome}: {routed.reason}", event=event.id, incident=routed.incident and routed.incident.id)
    return f"{routed.outcome}: {routed.reason}"


def _apply(tx: Transaction, event: Event, minted: Minted, moment: Moment, *, last_resort: bool, even: bool) -> Routed:
    beat = heartbeat.heard(tx, event, moment.config)
    routed, concerned = weighed(tx, event, minted, moment, last_resort=last_resort, even=even)
    tx.create(_marker(event.id), _marked(event, routed, concerned, moment.now))
    _write(tx, event, routed)
    if beat:
        heartbeat.keep(tx, event.integration, beat)
    return routed


def weighed(
    tx: Transaction, event: Event, minted: Minted, moment: Moment, *, last_resort: bool = False, even: bool
) -> tuple[Routed, str]:
    """Decide what an event does, and give the id of the incident it is about, or nothing.

    If that asks somebody at a level that goes round, it is decided once more with what is known of whose turn it is.
    """
    pointer, current = _standing(tx, event, last_resort=last_resort)
    routed = decide(event, pointer, current, moment.config, minted, moment.now)
    if even and (known := circles.missing(tx, routed.incident)):
        routed = decide(event, pointer, current, moment.config, replace(minted, circles=known), moment.now)
    return routed, _concerned(routed, pointer, current)


def _marked(event: Event, routed: Routed, concerned: str, now: datetime) -> Data:
    marked: Data = {
        "event": to_document(event),
        "accepted_at": event.accepted_at,
        "action": event.alert.action.value,
        "outcome": routed.outcome.value,
        "reason": routed.reason,
        "incident": concerned,
        "routed_at": now,
    }
    return marked | ({"suppressed_until": routed.until} if routed.until else {})


def rewrite(tx: Transaction, event: Event, routed: Routed, concerned: str, now: datetime) -> Incident | None:
    """Let an event have another outcome than it had, and give the incident that changed."""
    tx.put(_marker(event.id), _marked(event, routed, concerned, now))
    _write(tx, event, routed)
    return routed.incident


def _concerned(routed: Routed, pointer: Pointer, current: Incident | None) -> str:
    """Give the id of the incident an event is about, or nothing."""
    if routed.outcome in {Outcome.NOTHING_OPEN, Outcome.RECORDED, Outcome.SUPPRESSED}:
        return ""
    about = routed.incident or current
    return about.id if about else pointer.incident


def _standing(tx: Transaction, event: Event, *, last_resort: bool = False) -> tuple[Pointer, Incident | None]:
    found = tx.get(_pointer(event))
    pointer = from_document(Pointer, found) if found else Pointer()
    try:
        return pointer, followed(tx, pointer.incident)
    except DEFECTS:
        if last_resort:
            return pointer, None
        raise


def _write(tx: Transaction, event: Event, routed: Routed) -> None:
    if routed.pointer:
        tx.put(_pointer(event), to_document(routed.pointer))
    if routed.incident:
        outbox.save(tx, routed.incident)


def _repeated(event: Event, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Ask again for whatever the first delivery may not have reached: it may have died after its commit."""
    marker = store.get(_marker(event.id)) or {"outcome": Outcome.RECORDED}
    found = store.get(f"incidents/{marker['incident']}") if marker.get("incident") else None
    incident = from_document(Incident, found) if found else None
    _finish(event, Outcome(marker["outcome"]), incident, store, tasks, moment)
    return f"repeated: {marker['outcome']} before"


def _finish(
    event: Event, outcome: Outcome, incident: Incident | None, store: Store, tasks: Tasks, moment: Moment
) -> None:
    if incident and outcome is Outcome.RESOLVED and event.alert.action is Action.RESOLVE:
        for source in incident.merged:  # what joined before a merge is kept under the source
            reopen(event.accepted_at, source, store, tasks, moment, event)
        reopen(event.accepted_at, incident.id, store, tasks, moment, event)
    elif incident and not outbox.flush(tasks, incident, moment.now):
        # Not accepted, so that Pub/Sub delivers it again within seconds; the sweep may need a minute.
        raise Unavailable("the incident is saved, but its first page could not be queued")


def reopen(
    resolved_through: datetime, incident: str, store: Store, tasks: Tasks, moment: Moment, of: Event | None = None
) -> None:
    """Open anew when a trigger accepted after what a resolve speaks for had joined before the incident was resolved.

    Deliveries overtake each other, and joining writes nothing that a resolve could collide with: so the resolve is
    committed first, which ends the joining, and then looks who had joined because of a later trouble. A resolve speaks
    `of` its own dedup key only: what else was merged there stays.
    """
    joined = store.query("events", ("incident", "==", incident), ("accepted_at", ">", resolved_through), limit=50)
    late = (from_document(Event, data["event"]) for _, data in joined if data["action"] == Action.TRIGGER)
    meant = (one for one in late if not of or _pointer(one) == _pointer(of))
    for straggler in sorted(meant, key=lambda one: one.accepted_at):
        minted = Minted(moment.new_id(), moment.new_id())
        reroute = partial(_reroute, event=straggler, left=incident, minted=minted, moment=moment)
        if opened := circles.evenly(store, reroute):
            outbox.flush(tasks, opened, moment.now)


def _reroute(
    tx: Transaction, *, event: Event, left: str, minted: Minted, moment: Moment, even: bool
) -> Incident | None:
    """Route a straggler away from the incident it had joined, unless that was done before."""
    marker = tx.get(_marker(event.id))
    if not marker or marker["incident"] != left:
        return None
    routed, concerned = weighed(tx, event, minted, moment, even=even)
    why = f"{routed.reason}, after a resolve that it had overtaken"
    return rewrite(tx, event, replace(routed, reason=why), concerned, moment.now)


def _marker(event_id: str) -> str:
    return f"events/{hashlib.sha256(event_id.encode()).hexdigest()}"


def _pointer(event: Event) -> str:
    key = f"{event.integration}\n{event.alert.dedup_key}"
    return f"open/{hashlib.sha256(key.encode()).hexdigest()}"

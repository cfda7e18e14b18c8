"""An accepted event arrives: it opens an incident, joins one, answers one, or does nothing, and says why."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tocsin import circles, conditions, heartbeat, log, markers, outbox
from tocsin.clients.store import Exists
from tocsin.domain.alert import Action, Event
from tocsin.domain.incident import Incident
from tocsin.domain.opening import Minted
from tocsin.domain.routing import Outcome, Routed, decide
from tocsin.domain.rules import NOTHING_CHOSEN, Path, choose
from tocsin.errors import DEFECTS, Malformed, Unavailable
from tocsin.records import from_document, from_json, to_document
from tocsin.standing import Standing, gather, write

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Data, Store, Transaction
    from tocsin.moment import Moment

_REASON = 1000  # characters
_KEPT = 900_000  # bytes of what is put aside: more than the largest event, less than a document may have


@dataclass(frozen=True)
class Weighed:
    """What was decided about an event, and what was found for that."""

    found: Standing
    routed: Routed


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
    expires_at = moment.now + moment.config.retention
    kept = {"data": text, "why": why[:_REASON], "at": moment.now, "expires_at": expires_at}
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
    path = NOTHING_CHOSEN if last_resort else choose(event, moment.config, conditions.holds)
    minted = Minted(moment.new_id(), moment.new_id())

    def apply(tx: Transaction, *, even: bool) -> Weighed:
        return _apply(tx, event, path, minted, moment, last_resort=last_resort, even=even)

    try:
        weighed = circles.evenly(store, apply)
    except Exists as error:
        if error.path != markers.path(event.id):
            raise Unavailable("an id that was just made is taken: once more with another one") from error
        return _repeated(event, store, tasks, moment)
    routed, led_to = weighed.routed, weighed.found.event.alert.dedup_key
    if not routed.quiet:
        _finish(event, led_to, routed.outcome, routed.incident, store, tasks, moment)
    for warning in path.warnings:
        log.event(warning, "WARNING", event=event.id)
    log.event(f"{routed.outcome}: {routed.reason}", event=event.id, incident=routed.incident and routed.incident.id)
    return f"{routed.outcome}: {routed.reason}"


def _apply(
    tx: Transaction, event: Event, path: Path, minted: Minted, moment: Moment, *, last_resort: bool, even: bool
) -> Weighed:
    beat = heartbeat.heard(tx, event, moment.config)
    weighed = weigh(tx, event, path, minted, moment, last_resort=last_resort, even=even)
    tx.create(markers.path(event.id), _marked(event, weighed, moment.now))
    _write(tx, event, weighed)
    if beat:
        heartbeat.keep(tx, event.integration, beat)
    return weighed


def weigh(
    tx: Transaction,
    event: Event,
    path: Path,
    minted: Minted,
    moment: Moment,
    *,
    last_resort: bool = False,
    even: bool,
) -> Weighed:
    """Decide what an event does, led as the rules have chosen.

    If that asks somebody at a level that goes round, it is decided once more with what is known of whose turn it is.
    """
    found = gather(tx, event, path, moment.config, last_resort=last_resort)
    routed = _decided(found, minted, moment)
    if even and (known := circles.missing(tx, routed.incident)):
        routed = _decided(found, replace(minted, circles=known), moment)
    return Weighed(found, routed)


def _decided(found: Standing, minted: Minted, moment: Moment) -> Routed:
    return decide(found.event, found.pointer, found.current, moment.config, minted, moment.now, found.around)


def _marked(event: Event, weighed: Weighed, now: datetime) -> Data:
    routed, found = weighed.routed, weighed.found
    marked: Data = {
        "event": to_document(event),
        "accepted_at": event.accepted_at,
        "action": event.alert.action.value,
        "outcome": routed.outcome.value,
        "reason": routed.reason,
        "incident": _concerned(weighed),
        "routed_at": now,
        "expires_at": found.expires_at,
    }
    if found.path.tried:
        marked |= {"path": to_document(found.path), "led_to": found.event.alert.dedup_key}
    return marked | ({"suppressed_until": routed.until} if routed.until else {})


def rewrite(tx: Transaction, event: Event, weighed: Weighed, now: datetime) -> Incident | None:
    """Let an event have another outcome than it had, and give the incident that changed."""
    tx.put(markers.path(event.id), _marked(event, weighed, now))
    _write(tx, event, weighed)
    return weighed.routed.incident


def recorded(marker: Data) -> Path:
    """Give what the rules have chosen for an event when it came."""
    return from_document(Path, marker["path"]) if "path" in marker else NOTHING_CHOSEN


def _concerned(weighed: Weighed) -> str:
    """Give the id of the incident an event is about, or nothing."""
    routed, found = weighed.routed, weighed.found
    if routed.outcome in {Outcome.NOTHING_OPEN, Outcome.RECORDED, Outcome.SUPPRESSED, Outcome.WAITING}:
        return ""
    about = routed.incident or found.current
    return about.id if about else found.pointer.incident


def _write(tx: Transaction, event: Event, weighed: Weighed) -> None:
    write(tx, event, weighed.found, weighed.routed)
    if weighed.routed.incident:
        outbox.save(tx, weighed.routed.incident)


def _repeated(event: Event, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Ask again for whatever the first delivery may not have reached: it may have died after its commit."""
    marker = store.get(markers.path(event.id)) or {"outcome": Outcome.RECORDED}
    found = store.get(f"incidents/{marker['incident']}") if marker.get("incident") else None
    incident = from_document(Incident, found) if found else None
    led_to = marker.get("led_to") or event.alert.dedup_key
    _finish(event, led_to, Outcome(marker["outcome"]), incident, store, tasks, moment)
    return f"repeated: {marker['outcome']} before"


def _finish(
    event: Event, led_to: str, outcome: Outcome, incident: Incident | None, store: Store, tasks: Tasks, moment: Moment
) -> None:
    if incident and outcome is Outcome.RESOLVED and event.alert.action is Action.RESOLVE:
        only = (event.integration, led_to)
        for source in incident.merged:  # what joined before a merge is kept under the source
            reopen(event.accepted_at, source, store, tasks, moment, only)
        reopen(event.accepted_at, incident.id, store, tasks, moment, only)
        if not incident.settles_at:
            return
    if incident and not outbox.flush(tasks, incident, moment.now):
        # Not accepted, so that Pub/Sub delivers it again within seconds; the sweep may need a minute.
        raise Unavailable("the incident is saved, but its first page could not be queued")


def reopen(
    resolved_through: datetime,
    incident: str,
    store: Store,
    tasks: Tasks,
    moment: Moment,
    only: tuple[str, str] | None = None,
) -> None:
    """Open anew when a trigger accepted after what a resolve speaks for had joined before the incident was resolved.

    Deliveries overtake each other, and joining writes nothing that a resolve could collide with: so the resolve is
    committed first, which ends the joining, and then looks who had joined because of a later trouble. `only` is the
    integration and the dedup key that a resolve is about: what else was merged there stays.
    """
    joined = markers.later(store, incident, resolved_through)
    late = (data for data in joined if data["action"] == Action.TRIGGER and only in {None, markers.keys(data)})
    for straggler in [from_document(Event, data["event"]) for data in late]:
        minted = Minted(moment.new_id(), moment.new_id())
        reroute = partial(_reroute, event=straggler, left=incident, minted=minted, moment=moment)
        if opened := circles.evenly(store, reroute):
            outbox.flush(tasks, opened, moment.now)


def _reroute(
    tx: Transaction, *, event: Event, left: str, minted: Minted, moment: Moment, even: bool
) -> Incident | None:
    """Route a straggler away from the incident it had joined, unless that was done before."""
    marker = tx.get(markers.path(event.id))
    if not marker or marker["incident"] != left:
        return None
    # It is not counted once more, nor waits for others.
    path = replace(recorded(marker), threshold=None)
    weighed = weigh(tx, event, path, minted, moment, even=even)
    why = f"{weighed.routed.reason}, after a resolve that it had overtaken"
    return rewrite(tx, event, replace(weighed, routed=replace(weighed.routed, reason=why)), moment.now)

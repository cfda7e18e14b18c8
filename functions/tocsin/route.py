"""An accepted event arrives: it opens an incident, joins one, answers one, or does nothing, and says why."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from tocsin import circles, events, heartbeat, log, outbox
from tocsin.clients.store import Exists
from tocsin.domain.alert import Action
from tocsin.domain.incident import Incident
from tocsin.domain.routing import Minted, Outcome, Pointer
from tocsin.domain.together import Decided, Ended, decide_all
from tocsin.errors import DEFECTS, Malformed, Unavailable
from tocsin.follow import followed
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction
    from tocsin.domain.alert import Event
    from tocsin.moment import Moment

_REASON = 1000  # characters
_KEPT = 900_000  # bytes of what is put aside: more than the largest event, less than a document may have


def arrived(data: bytes, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Route what Pub/Sub brings; what cannot be read is put aside and accepted, or it would slow its neighbours."""
    try:
        event, *repeats = events.read(data)
    except Malformed as error:
        return _quarantine(data, str(error), store, moment)
    try:
        return route(event, store, tasks, moment, repeats)
    except DEFECTS as error:
        log.event(f"routed to the catch-all, because {type(error).__name__}: {error}", "ERROR", event=event.id)
    try:
        return route(event, store, tasks, moment, repeats, last_resort=True)
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


def route(
    event: Event,
    store: Store,
    tasks: Tasks,
    moment: Moment,
    repeats: Sequence[Event] = (),
    *,
    last_resort: bool = False,
) -> str:
    """Give the event its one outcome; a repeat meets the marker and asks again only for what may have been lost.

    Its neighbours in one message, the `repeats`, get theirs in the same commit. As a last resort neither the service
    nor an incident that cannot be read is asked: the catch-all gets a new one.
    """
    if last_resort:
        moment = replace(moment, config=replace(moment.config, services={}))
    all_, minted, races = (event, *repeats), Minted(moment.new_id(), moment.new_id()), count()
    try:
        decided = store.transact(
            lambda tx: _apply(tx, all_, minted, moment, last_resort=last_resort, even=next(races) < circles.PATIENCE)
        )
    except Exists as error:
        if error.path not in {events.path(one.id) for one in all_}:
            raise Unavailable("an id that was just made is taken: once more with another one") from error
        return _repeated(all_, store, tasks, moment)
    first, others = decided.ended[0], len(repeats)
    _finish(decided.ended, decided.incident, store, tasks, moment)
    _look_again(decided.ended, store, tasks, moment)
    log.event(f"{first.outcome}: {first.reason}", event=event.id, incident=first.incident, events=1 + others)
    return f"{first.outcome}: {first.reason}" + (f", and {others} more of the same" if others else "")


def _apply(
    tx: Transaction, said: Sequence[Event], minted: Minted, moment: Moment, *, last_resort: bool, even: bool
) -> Decided:
    pointer, current = _standing(tx, said[0], last_resort=last_resort)
    latest = max(said, key=lambda one: one.accepted_at)
    beat = heartbeat.heard(tx, latest, moment.config)
    decided = decide_all(said, pointer, current, moment.config, minted, moment.now)
    if even and (known := circles.missing(tx, decided.incident)):
        decided = decide_all(said, pointer, current, moment.config, replace(minted, circles=known), moment.now)
    if not decided.incident and not decided.pointer and not beat:
        # In a storm most events only join. A commit that depends on the incident would contend with all the others, and
        # with the answer that everybody waits for: so it depends on nothing, and the incident is looked at once more.
        tx.release()
    for path, marker in events.markers(decided.ended, moment.now):
        tx.create(path, marker)
    _write(tx, said[0], decided)
    if beat:
        heartbeat.keep(tx, latest.integration, beat)
    return decided


def _standing(tx: Transaction, event: Event, *, last_resort: bool = False) -> tuple[Pointer, Incident | None]:
    found = tx.get(_pointer(event))
    pointer = from_document(Pointer, found) if found else Pointer()
    try:
        return pointer, followed(tx, pointer.incident)
    except DEFECTS:
        if last_resort:
            return pointer, None
        raise


def _write(tx: Transaction, event: Event, decided: Decided) -> None:
    if decided.pointer:
        tx.put(_pointer(event), to_document(decided.pointer))
    if decided.incident:
        outbox.save(tx, decided.incident)


def _repeated(said: Sequence[Event], store: Store, tasks: Tasks, moment: Moment) -> str:
    """Ask again for whatever the first delivery may not have reached: it may have died after its commit."""
    left, outcomes = {one.id: one for one in said}, []
    while left:
        identity, event = next(iter(left.items()))
        marker = store.get(events.path(identity))
        outcome = Outcome(marker["outcome"] if marker else Outcome.RECORDED)
        alike = events.marked(marker) if marker else [event]
        for known in (identity, *(one.id for one in alike)):
            left.pop(known, None)
        concerned = marker["incident"] if marker else ""
        found = store.get(f"incidents/{concerned}") if concerned else None
        incident = from_document(Incident, found) if found else None
        ended = [Ended(one, outcome, "", concerned) for one in alike]
        _finish(ended, incident, store, tasks, moment)
        _look_again(ended, store, tasks, moment)
        outcomes.append(outcome)
    return f"repeated: {outcomes[0]} before"


def _finish(ended: Sequence[Ended], incident: Incident | None, store: Store, tasks: Tasks, moment: Moment) -> None:
    resolves = [one.event for one in ended if one.outcome is Outcome.RESOLVED]
    if incident and resolves and resolves[0].alert.action is Action.RESOLVE:
        reopen(min(one.accepted_at for one in resolves), incident.id, store, tasks, moment)
    elif incident and not outbox.flush(tasks, incident, moment.now):
        # Not accepted, so that Pub/Sub delivers it again within seconds; the sweep may need a minute.
        raise Unavailable("the incident is saved, but its first page could not be queued")


def _look_again(ended: Sequence[Ended], store: Store, tasks: Tasks, moment: Moment) -> None:
    """Route anew what has joined an incident that was resolved meanwhile, and on behalf of those before it only.

    Whoever resolves it looks for such events once it is resolved, and whoever joins looks at it once it has joined: so
    whichever comes last sees the other.
    """
    joined = [one for one in ended if one.outcome is Outcome.JOINED]
    found = store.get(f"incidents/{joined[0].incident}") if joined else None
    through = found["closed_through"] if found else None
    if not through or all(one.event.accepted_at <= through for one in joined):
        return
    incident, minted = joined[0].incident, Minted(moment.new_id(), moment.new_id())
    rule = partial(_reroute, first=joined[0].event.id, after=through, left=incident, minted=minted, moment=moment)
    if opened := store.transact(rule):
        outbox.flush(tasks, opened, moment.now)


def reopen(resolved_through: datetime, incident: str, store: Store, tasks: Tasks, moment: Moment) -> None:
    """Open anew when a trigger accepted after what a resolve speaks for had joined before the incident was resolved.

    Deliveries overtake each other, and joining writes nothing that a resolve could collide with: so the resolve is
    committed first, which ends the joining, and then looks who had joined because of a later trouble.
    """
    joined = store.query("events", ("incident", "==", incident), ("accepted_at", ">", resolved_through), limit=50)
    late = [data for _, data in joined if data["action"] == Action.TRIGGER]
    for stragglers in sorted(late, key=lambda one: one["accepted_at"]):
        minted = Minted(moment.new_id(), moment.new_id())
        rule = partial(
            _reroute,
            first=stragglers["event"]["id"],
            after=resolved_through,
            left=incident,
            minted=minted,
            moment=moment,
        )
        opened = store.transact(rule)
        if opened:
            outbox.flush(tasks, opened, moment.now)


def _reroute(
    tx: Transaction, first: str, after: datetime, left: str, minted: Minted, moment: Moment
) -> Incident | None:
    """Route stragglers away from the incident they had joined, unless that was done before; the others stay."""
    marker = tx.get(events.path(first))
    if not marker or marker["incident"] != left:
        return None
    said = events.marked(marker)
    stragglers = [one for one in said if one.accepted_at > after]
    pointer, current = _standing(tx, said[0])
    decided = decide_all(stragglers, pointer, current, moment.config, minted, moment.now)
    stay = [Ended(one, Outcome(marker["outcome"]), marker["reason"], left) for one in said if one.accepted_at <= after]
    moved = [replace(one, reason=f"{one.reason}, after a resolve that it had overtaken") for one in decided.ended]
    for path, document in (*events.markers(stay, marker["routed_at"]), *events.markers(moved, marker["routed_at"])):
        tx.put(path, document)
    _write(tx, said[0], decided)
    return decided.incident


def _pointer(event: Event) -> str:
    key = f"{event.integration}\n{event.alert.dedup_key}"
    return f"open/{hashlib.sha256(key.encode()).hexdigest()}"

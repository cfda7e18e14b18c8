"""What the operator's command line and the page with the phones show of incidents, and the little they do to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tocsin import audit, circles, events, outbox
from tocsin.domain import wording
from tocsin.domain.escalation import escalate_now, stage
from tocsin.domain.incident import Incident, Status, acknowledge, resolve, unneeded
from tocsin.domain.notification import Notification, State
from tocsin.domain.orders import Ordered, Said, join_up, order
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction, Where
    from tocsin.domain.alert import Event
    from tocsin.domain.replies import Reply
    from tocsin.moment import Moment

_EVENTS = 1000
_WORDS = {"sms": "text", "voice": "call"}
_HOW = "on the command line"


def incidents(store: Store, *, open_only: bool, limit: int = 50) -> list[Incident]:
    """Give incidents, the newest first; test pages are none that is open."""
    if not open_only:
        newest = store.query("incidents", order_by="-opened_at", limit=limit)
        return [from_document(Incident, data) for _, data in newest]
    alive: list[Where] = [("status", "==", status.value) for status in (Status.TRIGGERED, Status.ACKNOWLEDGED)]
    # By id, because one that is acknowledged between the two queries is found by both.
    found = {
        identity: data
        for status in alive
        for identity, data in store.query("incidents", status, order_by="-opened_at", limit=limit)
    }
    read = [from_document(Incident, data) for data in found.values()]
    read = [one for one in read if not one.is_test]
    return sorted(read, key=lambda one: one.opened_at, reverse=True)[:limit]


def find(store: Store, identity: str) -> Incident | None:
    """Give one incident."""
    found = store.get(f"incidents/{identity}")
    return from_document(Incident, found) if found else None


def show(store: Store, incident: Incident) -> dict[str, Any]:
    """Give everything there is to know of an incident, as plain values; times are aware datetimes."""
    found = store.query("notifications", ("incident", "==", incident.id), limit=_EVENTS)
    notifications = sorted((from_document(Notification, data) for _, data in found), key=lambda one: (one.due, one.id))
    named = (incident.id, *incident.merged)
    markers = [data for one in named for _, data in store.query("events", ("incident", "==", one), limit=_EVENTS)]
    told = [_event(event, marker) for marker in markers for event in events.marked(marker)]
    shown = to_document(incident)
    for inner in ("new", "outbox", "nonce", "levels", "circles", "drawn"):
        shown.pop(inner, None)
    return shown | {
        "stage": stage(incident),
        "alerts": len(told),
        "due": _due(incident, notifications),
        "timeline": _timeline(incident, notifications),
        "notifications": [to_document(one) for one in notifications],
        "events": sorted(told, key=lambda one: one["at"]),
    }


def _event(event: Event, marker: dict[str, Any]) -> dict[str, Any]:
    return {"at": event.accepted_at, **{name: marker[name] for name in ("action", "outcome", "reason")}}


def _due(incident: Incident, notifications: list[Notification]) -> list[dict[str, Any]]:
    pending = [
        {"at": one.next_at, "what": f"{_WORDS.get(one.channel, one.channel)} to {one.user_name}"}
        for one in notifications
        if one.next_at and one.state in {State.PENDING, State.UNKNOWN} and not unneeded(incident, one)
    ]
    beyond = incident.level >= len(incident.levels) and incident.round >= incident.repeat
    following = incident.level % max(1, len(incident.levels)) + 1
    level = "the catch-all" if beyond else f"level {following}{' again' if following <= incident.level else ''}"
    what = f"escalation to {level}" if incident.status is Status.TRIGGERED else "triggered again"
    what = "resolved, if it stays stable" if incident.settles_at else what
    timer = [{"at": incident.next_at, "what": what}] if incident.next_at else []
    return sorted(pending + timer, key=lambda one: one["at"])


def _timeline(incident: Incident, notifications: list[Notification]) -> list[dict[str, Any]]:
    """Give the incident's own lines and those of its notifications as one story."""
    own = [{"at": one.at, "what": one.what, "why": one.why} for one in incident.timeline]
    sent = [
        {
            "at": line.at,
            "what": f"{_WORDS.get(one.channel, one.channel)} to {one.user_name}: {line.what}",
            "why": line.why,
        }
        for one in notifications
        for line in one.history
    ]
    return sorted(own + sent, key=lambda line: line["at"])


def acknowledged(store: Store, identity: str, by: str, now: datetime, said: Said | None = None) -> Incident | None:
    """Acknowledge by the operator's word; gives the incident as it is now, or None if there is none.

    The audit says what `said` says of whoever it was, else no more than the name.
    """
    return _changed(store, identity, lambda one: acknowledge(one, by, now, _HOW), said or Said(by, _HOW, now))


def resolved(store: Store, identity: str, by: str, now: datetime, said: Said | None = None) -> Incident | None:
    """Resolve by the operator's word; gives the incident as it is now, or None if there is none."""
    return _changed(store, identity, lambda one: resolve(one, by, now, _HOW), said or Said(by, _HOW, now))


def _changed(store: Store, identity: str, rule: Callable[[Incident], Incident], said: Said) -> Incident | None:
    def apply(tx: Transaction) -> Incident | None:
        found = tx.get(f"incidents/{identity}")
        if not found:
            return None
        before = from_document(Incident, found)
        after = rule(before)
        if after != before:
            outbox.save(tx, after)
            audit.acted(tx, said, [before], [after], said.at)
        return after

    return store.transact(apply)


def ordered(store: Store, tasks: Tasks, identity: str, asked: Reply, said: Said, moment: Moment) -> Ordered | None:
    """Do by the operator's word what a text can ask for; None if there is no such incident."""

    def apply(tx: Transaction) -> _Saved | None:
        found = tx.get(f"incidents/{identity}")
        if not found:
            return None
        before = from_document(Incident, found)
        return _saved(tx, said, order(asked, before, said, moment.config, moment.now), before)

    return _flushed(tasks, store.transact(apply), moment)


def merged(store: Store, tasks: Tasks, source: str, target: str, said: Said, moment: Moment) -> Ordered | None:
    """Merge one incident into another; None if there is no such incident."""

    def apply(tx: Transaction) -> _Saved | None:
        found, into = tx.get(f"incidents/{source}"), tx.get(f"incidents/{target}")
        if not found or not into:
            return None
        pair = from_document(Incident, found), from_document(Incident, into)
        return _saved(tx, said, join_up(*pair, "", said, moment.now), *pair)

    return _flushed(tasks, store.transact(apply), moment)


def escalated(store: Store, tasks: Tasks, identity: str, said: Said, moment: Moment) -> Ordered | None:
    """Page the next level at once; None if there is no such incident."""

    def apply(tx: Transaction, *, even: bool) -> _Saved | None:
        found = tx.get(f"incidents/{identity}")
        if not found:
            return None
        before = from_document(Incident, found)
        if before.status is Status.RESOLVED:
            return Ordered(wording.already(before, "", said.zone)), ()
        after = circles.in_turn(
            tx, before, lambda one: escalate_now(one, said.by, moment.config, moment.now, said.how), even=even
        )
        return _saved(tx, said, Ordered(wording.changed("Escalated", after, ""), (after,)), before)

    return _flushed(tasks, circles.evenly(store, apply), moment)


_Saved = tuple[Ordered, tuple[outbox.Change, ...]]


def _saved(tx: Transaction, said: Said, done: Ordered, *before: Incident) -> _Saved:
    audit.acted(tx, said, before, done.incidents, said.at)
    return done, outbox.change(tx, before, done.incidents)


def _flushed(tasks: Tasks, saved: _Saved | None, moment: Moment) -> Ordered | None:
    for one in saved[1] if saved else ():
        outbox.flush(tasks, one.incident, moment.now, one.dues)
    return saved[0] if saved else None

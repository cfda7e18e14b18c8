"""Reads what stands where an event is led, at its dedup key, in its group, in its rule's count, and says what changes.

All of it is read and written in the event's own commit, so that a repeat counts nothing twice.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tocsin.domain import grouping, rules, thresholds
from tocsin.domain.alert import Action, Event
from tocsin.domain.config import RETENTION
from tocsin.domain.grouping import Group
from tocsin.domain.incident import Firing, Incident, Status
from tocsin.domain.opening import urgency
from tocsin.domain.routing import Around, Outcome, Pointer, Routed
from tocsin.domain.thresholds import Count
from tocsin.domain.values import dataclass, replace
from tocsin.errors import DEFECTS
from tocsin.follow import followed
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from tocsin.clients.store import Data, Transaction
    from tocsin.domain.config import Config
    from tocsin.domain.rules import Path


@dataclass(frozen=True)
class Standing:
    """What was found: `event` is the one that goes on, `own` what stands at the dedup key with which it came.

    `counted` are, by the path of their pointers, the troubles that were counted before the threshold was reached.
    What is written back is kept for the `retention`.
    """

    event: Event
    path: Path
    own: Pointer
    pointer: Pointer
    current: Incident | None
    around: Around
    group_at: str = ""
    count: Count | None = None
    counted: tuple[tuple[str, Pointer], ...] = ()
    retention: timedelta = RETENTION

    @property
    def expires_at(self) -> datetime:
        """Give until when what is kept of the event is kept: for as long from its acceptance as the retention says."""
        try:
            return self.event.accepted_at + self.retention
        except OverflowError:  # no calendar goes on from there, and such an event has its outcome all the same
            return self.event.accepted_at


def ahead(tx: Transaction, led: Sequence[tuple[Event, Path]], config: Config) -> None:
    """Read in two trips most of what will be asked for of many events."""
    keys = {(one.integration, key) for one, path in led for key in (one.alert.dedup_key, path.dedup_key) if key}
    groups = {_group(rules.led(one, path), path, config) for one, path in led if path.group}
    named = {_open(*key) for key in keys} | groups
    tx.ahead(*named)
    known = [found["incident"] for path in named if (found := tx.peek(path))]
    tx.ahead(*(f"incidents/{one}" for one in known if one))


def gather(tx: Transaction, event: Event, path: Path, config: Config, *, last_resort: bool = False) -> Standing:
    """Read all of it; as a last resort an incident that cannot be read is none."""
    own = _pointer_at(tx, _open(event.integration, event.alert.dedup_key))
    on = rules.led(event, path if last_resort else _staying(tx, event, path, own))
    pointer = own
    if on.alert.dedup_key != event.alert.dedup_key:
        pointer = _with_marks(_pointer_at(tx, _open(on.integration, on.alert.dedup_key)), own)
    try:
        current = followed(tx, pointer.incident)
    except DEFECTS:
        if not last_resort:
            raise
        current = None
    found = Standing(on, path, own, pointer, current, Around(path), retention=config.retention)
    is_new = on.alert.action is Action.TRIGGER and not (current and current.status is not Status.RESOLVED)
    return _new(tx, found, config) if is_new and path.by else found


def writes(came: Event, standing: Standing, routed: Routed) -> dict[str, Data]:
    """Give by path what the event changes, but for the incident."""
    event = standing.event
    changed = _kept_longer(came, standing) if routed.outcome is Outcome.JOINED else {}
    led_to = event.alert.dedup_key if event.alert.dedup_key != came.alert.dedup_key else ""
    if routed.pointer and routed.pointer != standing.pointer:
        changed[_open(event.integration, event.alert.dedup_key)] = _kept(routed.pointer, standing)
    if came.alert.action is Action.TRIGGER and standing.own.led_to != led_to:
        own = standing.own if led_to else routed.pointer or standing.own
        changed[_open(came.integration, came.alert.dedup_key)] = _kept(replace(own, led_to=led_to), standing)
    elif led_to and routed.pointer and came.alert.action in {Action.RESOLVE, Action.ACKNOWLEDGE}:
        changed[_open(came.integration, came.alert.dedup_key)] = _kept(_marked(standing.own, came), standing)
    if standing.count and routed.outcome is not Outcome.SUPPRESSED:
        changed[_count(standing)] = _kept(standing.count, standing)
    if routed.outcome is Outcome.OPENED and routed.incident:
        for path, pointer in standing.counted:
            changed[path] = _kept(replace(pointer, incident=routed.incident.id), standing)
        if standing.group_at:
            openings = routed.pointer.openings if routed.pointer else ()
            changed[standing.group_at] = _kept(Group(routed.incident.id, event.accepted_at, openings), standing)
    return changed


def _kept_longer(came: Event, standing: Standing) -> dict[str, Data]:
    """Give the pointers of what is open, once half of their time is over: what repeats has to find it for as long."""
    event, half = standing.event, standing.retention / 2
    known = {
        _open(came.integration, came.alert.dedup_key): standing.own,
        _open(event.integration, event.alert.dedup_key): standing.pointer,
    }
    short = {path: one for path, one in known.items() if one.expires_at and one.expires_at - half < event.accepted_at}
    return {path: _kept(one, standing) for path, one in short.items()}


def beside(standing: Standing, neighbour: Event) -> Standing:
    """Give what stands where a neighbour with the same path is led, as long as nothing of it has changed."""
    key = standing.event.alert.dedup_key
    return replace(standing, event=rules.led(neighbour, replace(standing.path, dedup_key=key)))


def _kept(value: Pointer | Count | Group, standing: Standing) -> Data:
    return {**to_document(value), "expires_at": standing.expires_at}


def _staying(tx: Transaction, event: Event, path: Path, own: Pointer) -> Path:
    """Let a trouble stay where it was led for as long as it is open, whatever labels it has now or in its resolve."""
    if event.alert.action is Action.TRIGGER and (path.dedup_key == own.led_to or not _is_open(tx, event, own)):
        return path
    return replace(path, dedup_key=own.led_to)


def _is_open(tx: Transaction, event: Event, own: Pointer) -> bool:
    pointer = _pointer_at(tx, _open(event.integration, own.led_to)) if own.led_to else own
    incident = followed(tx, pointer.incident)
    return bool(incident and incident.status is not Status.RESOLVED)


def _new(tx: Transaction, found: Standing, config: Config) -> Standing:
    """Read besides what decides whether something opens: the group, and the count of the rule."""
    event, path = found.event, found.path
    if path.suppress:
        return found
    if path.group:
        found = _with_group(tx, found, config)
    monitor = config.integrations.get(event.integration)
    is_told_once = monitor and monitor.every  # that a monitor is silent
    if not path.threshold or found.around.group or is_told_once:
        return found
    known = tx.get(_count(found))
    count = thresholds.counted(from_document(Count, known) if known else Count(), event, path.threshold)
    waiting = thresholds.waiting(count, path.threshold)
    found = replace(found, count=count, around=replace(found.around, waiting=waiting))
    return found if waiting else _with_counted(tx, found, count)


def _with_group(tx: Transaction, found: Standing, config: Config) -> Standing:
    event, path = found.event, found.path
    at = _group(event, path, config)
    known = tx.get(at)
    group = from_document(Group, known) if known else Group()
    incident = followed(tx, group.incident)
    joins = incident if grouping.takes(group, incident, event, path.group_window) else None
    return replace(found, group_at=at, around=replace(found.around, group=joins, openings=group.openings))


def _with_counted(tx: Transaction, found: Standing, count: Count) -> Standing:
    """Add the troubles that were counted and are not over: the incident is about them too."""
    others = thresholds.others(count, found.event)
    read = [(key, since, _pointer_at(tx, _open(*key))) for key, since in others.items()]
    alive = [one for one in read if _still_fires(tx, one[2], one[1])]
    firing = tuple(Firing(*key, since) for key, since, _ in alive)
    counted = tuple((_open(*key), pointer) for key, _, pointer in alive)
    return replace(found, counted=counted, around=replace(found.around, others=firing))


def _still_fires(tx: Transaction, pointer: Pointer, since: datetime) -> bool:
    """Say whether a trouble that was counted is not over since, and not in an incident already."""
    if pointer.resolved_through and pointer.resolved_through >= since:
        return False
    incident = followed(tx, pointer.incident)
    return incident is None or bool(incident.closed_through and incident.closed_through < since)


def _pointer_at(tx: Transaction, path: str) -> Pointer:
    found = tx.get(path)
    return from_document(Pointer, found) if found else Pointer()


def _marked(own: Pointer, answer: Event) -> Pointer:
    """Add an answer to what stands at its own dedup key: a trigger before it may come late, and be led nowhere."""
    if answer.alert.action is Action.RESOLVE:
        return _with_marks(own, Pointer(resolved_through=answer.accepted_at))
    return _with_marks(own, Pointer(acknowledged_through=answer.accepted_at))


def _with_marks(pointer: Pointer, own: Pointer) -> Pointer:
    """Add what was said under the dedup key of the source before anybody knew where it leads."""
    resolved = [one for one in (pointer.resolved_through, own.resolved_through) if one]
    heard = [one for one in (pointer.acknowledged_through, own.acknowledged_through) if one]
    return replace(pointer, resolved_through=max(resolved, default=None), acknowledged_through=max(heard, default=None))


def _open(integration: str, dedup_key: str) -> str:
    return f"open/{_hashed(integration, dedup_key)}"


def _group(event: Event, path: Path, config: Config) -> str:
    """Name a group: what cannot wait is never hidden among what can, so each urgency has one of its own."""
    loud = path.urgency or urgency(config.services.get(event.service), event.alert.severity, event.accepted_at)
    return f"groups/{_hashed(event.service, loud, path.group)}"


def _count(standing: Standing) -> str:
    event, path = standing.event, standing.path
    key = ("group", event.service, path.group) if path.group else ("key", event.integration, event.alert.dedup_key)
    return f"counts/{_hashed(path.by['threshold'], *key)}"


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

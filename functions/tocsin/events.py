"""What goes through the topic, and what is left of it: an event, neighbours that say the same of a trouble, or repeats.

Those that ended alike have one marker, a document named by the first of them: that it is there tells a repeat.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from tocsin.domain.alert import Action, Alert, Event
from tocsin.domain.values import replace
from tocsin.errors import Malformed
from tocsin.records import check_version, from_document, from_json, to_document, versioned

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tocsin.clients.store import Store, Where

Data = dict[str, Any]

_PAGE = 100


def read(body: bytes | str) -> tuple[Event, ...]:
    """Give the events of a message in the order in which they count; raises Malformed for what holds none.

    Of several triggers the earliest opens, and of several answers the latest speaks: what comes after it adds nothing.
    """
    if body[:1] not in {"[", b"["}:
        return (from_json(Event, body),)
    events = from_json(tuple[Event, ...], body)
    if not events:
        raise Malformed("this is no Event: the list is empty")
    latest_first = events[0].alert.action is not Action.TRIGGER
    once: dict[str, Event] = {}
    try:
        in_order = sorted(events, key=lambda one: one.accepted_at, reverse=latest_first)
    except TypeError as error:
        raise Malformed("these are no Events: some have a time zone, and some have none") from error
    for one in in_order:
        once.setdefault(one.id, one)
    return tuple(once.values())


def by_trouble(said: Iterable[Event]) -> list[list[Event]]:
    """Give the events of each trouble of a service, in their order."""
    troubles: dict[tuple[str, str, str], list[Event]] = {}
    for one in said:
        troubles.setdefault((one.integration, one.alert.dedup_key, one.service), []).append(one)
    return list(troubles.values())


def path(event_id: str) -> str:
    """Give the path of the marker of an event, unless it is in that of an earlier neighbour."""
    return f"events/{hashlib.sha256(event_id.encode()).hexdigest()}"


def marker(events: Sequence[Event], fate: Data) -> tuple[str, Data]:
    """Give the path and the document that stand for events that ended alike; `fate` may be another marker's."""
    first, *others = events
    document = {
        **fate,
        "event": to_document(first),
        # The latest, so that whoever asks for what was accepted after an instant finds all of it.
        "accepted_at": max(event.accepted_at for event in events),
        "action": first.alert.action.value,
        "repeats": [_repeat(event, first) for event in others],
    }
    if not others:
        del document["repeats"]
    return path(first.id), versioned("Marker", document)


def _repeat(event: Event, first: Event) -> Data:
    alert = {} if event.alert == first.alert else {"alert": to_document(event.alert)}
    return {"id": event.id, "accepted_at": event.accepted_at, **alert}


def marked(marker: Data) -> list[Event]:
    """Give the events a marker stands for, in their order."""
    check_version("Marker", marker)
    first = from_document(Event, marker["event"])
    return [first, *(_repeated(one, first) for one in marker.get("repeats", ()))]


def _repeated(one: Data, first: Event) -> Event:
    alert = from_document(Alert, one["alert"]) if "alert" in one else first.alert
    return replace(first, id=one["id"], accepted_at=one["accepted_at"], alert=alert)


def count(marker: Data) -> int:
    """Count the events a marker stands for."""
    return 1 + len(marker.get("repeats", ()))


def keys(marker: Data) -> tuple[str, str]:
    """Give the integration and the dedup key to which the events were led."""
    event = marker["event"]
    return event["integration"], marker.get("led_to") or event["alert"]["dedup_key"]


def later(store: Store, incident: str, than: datetime) -> list[Data]:
    """Give the markers of an incident with what was accepted after an instant, in order: there can be thousands."""
    found: dict[str, Data] = {}
    since: Where = ("accepted_at", ">", than)
    while True:
        page = store.query("events", ("incident", "==", incident), since, order_by="accepted_at", limit=_PAGE)
        known = len(found)
        found.update(page)
        if len(page) < _PAGE or len(found) == known:
            return list(found.values())
        # From the last instant on, and not after it: others can be of the same.
        since = ("accepted_at", ">=", page[-1][1]["accepted_at"])

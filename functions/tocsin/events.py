"""What goes through the topic, and what is left of it: an event, or neighbours that say the same of a trouble.

Those that ended alike have one marker, a document named by the first of them: that it is there tells a repeat.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tocsin.domain.alert import Alert, Event
from tocsin.errors import Malformed
from tocsin.records import from_document, from_json, to_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from tocsin.domain.together import Ended

Data = dict[str, Any]


def read(body: bytes | str) -> tuple[Event, ...]:
    """Give the events of a message; raises Malformed for what holds none."""
    if body[:1] not in {"[", b"["}:
        return (from_json(Event, body),)
    events = from_json(tuple[Event, ...], body)
    if not events:
        raise Malformed("this is no Event: the list is empty")
    return events


def path(event_id: str) -> str:
    """Give the path of the marker of an event, unless it is in that of an earlier neighbour."""
    return f"events/{hashlib.sha256(event_id.encode()).hexdigest()}"


def markers(ended: Iterable[Ended], routed_at: datetime) -> Iterator[tuple[str, Data]]:
    """Give path and document for each run of neighbours that ended alike."""
    runs: list[list[Ended]] = []
    for one in ended:
        if runs and one.alike(runs[-1][0]):
            runs[-1].append(one)
        else:
            runs.append([one])
    for run in runs:
        yield path(run[0].event.id), _marker(run[0], [one.event for one in run], routed_at)


def _marker(first: Ended, events: Sequence[Event], routed_at: datetime) -> Data:
    return {
        "event": to_document(first.event),
        # The latest, so that whoever asks for what was accepted after an instant finds all of it.
        "accepted_at": max(event.accepted_at for event in events),
        "action": first.event.alert.action.value,
        "outcome": first.outcome.value,
        "reason": first.reason,
        "incident": first.incident,
        "routed_at": routed_at,
        **({"repeats": [_repeat(event, first.event) for event in events[1:]]} if events[1:] else {}),
    }


def _repeat(event: Event, first: Event) -> Data:
    alert = {} if event.alert == first.alert else {"alert": to_document(event.alert)}
    return {"id": event.id, "accepted_at": event.accepted_at, **alert}


def marked(marker: Data) -> list[Event]:
    """Give the events a marker stands for."""
    first = from_document(Event, marker["event"])
    return [first, *(_repeated(one, first) for one in marker.get("repeats", ()))]


def _repeated(one: Data, first: Event) -> Event:
    alert = from_document(Alert, one["alert"]) if "alert" in one else first.alert
    return replace(first, id=one["id"], accepted_at=one["accepted_at"], alert=alert)


def count(marker: Data) -> int:
    """Count the events a marker stands for."""
    return 1 + len(marker.get("repeats", ()))

"""What was accepted in the past, for a night that tries it once more: the events, and the answers people gave."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.cli.planning.repaged import through
from infra.cli.whatif.night import Night
from tocsin import events
from tocsin.clients.store import Store
from tocsin.domain.alert import Event
from tocsin.domain.incident import Incident, Status
from tocsin.errors import Malformed
from tocsin.records import from_document, from_json, to_json

MOST = 20_000
ANSWERS = {Status.ACKNOWLEDGED.value, Status.RESOLVED.value}


@dataclass(frozen=True)
class Answered:
    """What somebody made of the incident that an event had opened."""

    event: str
    answer: str
    by: str
    at: datetime


def relive(store: Store, since: datetime, night: Night) -> bool:
    """Have everything since an instant happen again; False if there was more than is read."""
    whole, recorded = record(store, since)
    for one in recorded:
        happen(night, one)
    return whole


def record(store: Store, since: datetime, until: datetime | None = None) -> tuple[bool, list[Event | Answered]]:
    """Give every event that was accepted since an instant and what people answered; False if that is not all of it."""
    read = store.query("events", ("accepted_at", ">=", since), order_by="accepted_at", limit=MOST)
    said = [(event, data["incident"]) for _, data in read for event in events.marked(data)]
    meant = [(event, incident) for event, incident in said if not until or event.accepted_at < until]
    opened: dict[str, Event] = {}
    for event, incident in meant:
        opened.setdefault(incident, event)
    answers = [one for identity, event in opened.items() for one in _answers(store, identity, event.id)]
    doors = {event.integration for event, _ in meant}
    return len(read) < MOST, [*(event for event, _ in meant), *(one for one in answers if one.by not in doors)]


def written(recorded: Iterable[Event | Answered]) -> Iterator[str]:
    """Give a line of JSON for each."""
    return (to_json(one).decode() for one in recorded)


def read(text: str) -> Iterator[Event | Answered]:
    """Read such lines; raises Malformed with the number of the one that is neither an event nor an answer."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield from_json(Answered, line) if "answer" in _fields(line) else from_json(Event, line)
            except Malformed as error:
                raise Malformed(f"line {number}: {error}") from None


def _fields(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def happen(night: Night, one: Event | Answered) -> None:
    """Have it happen again at its time; what would find no door any more does not, and is counted."""
    if isinstance(one, Answered):
        night.answer(one.event, one.answer, one.by, one.at)
    elif led := through(night.config, one):
        night.accept(led)
    else:
        night.refused[one.integration] += 1


def _answers(store: Store, identity: str, event: str) -> Iterator[Answered]:
    found = store.get(f"incidents/{identity}") if identity else None
    incident = from_document(Incident, found) if found else None
    for entry in incident.timeline if incident else ():
        if entry.what in ANSWERS:
            yield Answered(event, entry.what, entry.by, entry.at)

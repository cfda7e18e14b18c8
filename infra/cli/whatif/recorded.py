"""What was accepted in the past, for a night that tries it once more: the events, and the answers people gave."""

from collections.abc import Iterator
from datetime import datetime

from infra.cli.planning.repaged import through
from infra.cli.whatif.night import Night
from tocsin import events
from tocsin.clients.store import Store
from tocsin.domain.alert import Event
from tocsin.domain.incident import Incident, Status
from tocsin.records import from_document

MOST = 20_000
ANSWERS = {Status.ACKNOWLEDGED.value, Status.RESOLVED.value}


def relive(store: Store, since: datetime, night: Night) -> bool:
    """Have everything since an instant happen again; False if there was more than is read."""
    read = store.query("events", ("accepted_at", ">=", since), order_by="accepted_at", limit=MOST)
    opened: dict[str, Event] = {}
    for event, data in ((event, each) for _, each in read for event in events.marked(each)):
        led = through(night.config, event)
        if led:
            night.accept(led)
        opened.setdefault(data["incident"], event)
    for identity, event in opened.items():
        for what, by, at in _answers(store, identity):
            night.answer(event, what, by, at)
    return len(read) < MOST


def _answers(store: Store, identity: str) -> Iterator[tuple[str, str, datetime]]:
    found = store.get(f"incidents/{identity}") if identity else None
    incident = from_document(Incident, found) if found else None
    for entry in incident.timeline if incident else ():
        if entry.what in ANSWERS and incident and entry.by != incident.integration:
            yield entry.what, entry.by, entry.at

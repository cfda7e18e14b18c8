"""Decides the pages of the past once more: whom two configurations would have paged, by the rules that page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from infra.cli.whatif.ruled import decided
from tocsin.clients.store import Store
from tocsin.domain.alert import Action, Alert, Event
from tocsin.domain.config import Config
from tocsin.domain.escalation import page_again, page_next, resume
from tocsin.domain.incident import Incident
from tocsin.records import from_document

MOST = 20_000

# By what stands in the timeline before a page: how it came to be. Any other came because nobody had answered.
CAUSES = {"triggered again": resume, "raised": page_again}


@dataclass(frozen=True)
class Paging:
    """A level was paged at an instant, after something that the timeline names."""

    at: datetime
    after: str = ""


@dataclass(frozen=True)
class Moved:
    """A page of an incident, in the order of its pages, that goes to other users; nobody is the empty list."""

    incident: str
    title: str
    service: str
    at: datetime
    page: int
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Repaged:
    """How many pages there were, and those that would have gone to somebody else; `cut` if there were more to read."""

    pages: int
    moved: tuple[Moved, ...]
    cut: bool


def repaged(store: Store, before: Config, after: Config, since: datetime) -> Repaged:
    """Ask both configurations about every page since an instant: the service, the level, and the people at that time.

    A page is one level of one incident at the time at which it was paged. Canaries and test pages are left out.
    """
    recorded = store.query("incidents", ("opened_at", ">=", since), order_by="opened_at", limit=MOST)
    pages, moved = 0, list[Moved]()
    for incident in (from_document(Incident, data) for _, data in recorded):
        steps = list(_steps(incident))
        if not steps or incident.is_test or (before.canary and incident.integration == before.canary.integration):
            continue
        pages += len(steps)
        event = _event(store, incident)
        was, would = (list(paged(config, event, steps)) for config in (before, after))
        moved += [
            Moved(incident.id, incident.title, incident.service, step.at, number, one, other)
            for number, (step, one, other) in enumerate(zip(steps, was, would, strict=True), 1)
            if set(one) != set(other)
        ]
    return Repaged(pages, tuple(moved), cut=len(recorded) == MOST)


def _steps(incident: Incident) -> Iterator[Paging]:
    after = ""
    for entry in incident.timeline:
        if entry.what == "paging":
            yield Paging(entry.at, after)
            after = ""
        elif entry.what in CAUSES:
            after = entry.what


def _event(store: Store, incident: Incident) -> Event:
    """Give the event that opened an incident, or what the incident itself knows of it."""
    events = store.query("events", ("incident", "==", incident.id), order_by="accepted_at")
    triggers = (data["event"] for _, data in events if data["action"] == Action.TRIGGER)
    if found := next(triggers, None):
        return from_document(Event, found)
    facts = (incident.severity, incident.affected, incident.link)
    alert = Alert(Action.TRIGGER, incident.dedup_key, incident.title, *facts, details=incident.details)
    return Event(incident.id, incident.triggered_at, incident.integration, incident.service, alert)


def paged(config: Config, event: Event, steps: Sequence[Paging]) -> Iterator[tuple[str, ...]]:
    """Give who is paged first, and who each later time; whose turn it is in a round robin is left to the lot."""
    led = through(config, event)
    if not led:
        yield from (() for _ in steps)
        return
    _, routed = decided(config, led, steps[0].at, at_once=True)
    incident = routed.incident
    for number, step in enumerate(steps):
        if incident and number:
            incident = CAUSES.get(step.after, page_next)(replace(incident, new=()), config, step.at)
        yield _users(incident)


def through(config: Config, event: Event) -> Event | None:
    """Give the event as it would have come in: its door may lead to another service, or not be there any more."""
    door = config.integrations.get(event.integration)
    if door:
        return replace(event, service=door.service)
    return event if event.integration == f"{event.service}/operator" else None


def _users(incident: Incident | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.user for one in incident.new)) if incident else ()

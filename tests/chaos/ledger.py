"""Reads what the pager has kept of the storm, straight from its store, and what its log says of repairs."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from tocsin import ledger as books
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.firestore import CHANNEL, FirestoreStore
from tocsin.clients.store import Store
from tocsin.domain.incident import Incident
from tocsin.domain.notification import Notification
from tocsin.events import count
from tocsin.records import from_document

ALL = 1_000_000
A_DAY = timedelta(days=1)
SLOW_SECONDS = 60.0  # a whole collection is read at once, from an emulator that may be catching up


@dataclass(frozen=True)
class Ledger:
    """The documents of one moment, by id; `left` counts those of which none may wait in the end.

    `differences` is what the pager's own ledger finds not to be as it must be.
    """

    events: Mapping[str, dict[str, Any]]
    incidents: Mapping[str, Incident]
    notifications: Mapping[str, Notification]
    inbound: Mapping[str, dict[str, Any]]
    spilled: int
    left: Mapping[str, int]
    differences: tuple[str, ...]

    def outcomes(self) -> Counter[tuple[str, str]]:
        """Count the events of each thing and action."""
        return Counter((thing(one), one["action"]) for one in self.events.values() for _ in range(count(one)))


def read(store: Store, now: datetime) -> Ledger:
    """Read everything; events first, so that what they point at is never younger than what is read of it."""
    events = dict(store.query("events", limit=ALL))
    incidents = {key: from_document(Incident, one) for key, one in store.query("incidents", limit=ALL)}
    notifications = {key: from_document(Notification, one) for key, one in store.query("notifications", limit=ALL)}
    inbound = dict(store.query("inbound", limit=ALL))
    spilled = dict(store.query("spill", limit=ALL))
    waiting = sum(one["next_at"] is not None and not one.get("handed_at") for one in spilled.values())
    left = {"quarantine": len(store.query("quarantine", limit=ALL)), "spill": waiting}
    balance = books.ledger(store, now - A_DAY, now).balance
    differences = tuple(f"{one.document}: {one.sentence}" for one in balance.differences)
    return Ledger(events, incidents, notifications, inbound, len(spilled), left, differences)


def connect(settings: Mapping[str, str]) -> Store:
    """Give the store that the pager's own settings name."""
    if path := settings.get("TOCSIN_EMBEDDED"):
        return EmbeddedStore(path)
    channel = grpc.insecure_channel(settings["FIRESTORE_EMULATOR_HOST"], options=CHANNEL)
    client = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))
    return FirestoreStore(client, settings["GOOGLE_CLOUD_PROJECT"], call_seconds=SLOW_SECONDS)


def thing(event: Mapping[str, Any]) -> str:
    """Give what an event is about, as the tool that sent it calls it."""
    alert = event["event"]["alert"]
    return str(alert["labels"].get("alertname") or alert["dedup_key"])


def repairs(log: Path) -> Counter[str]:
    """Add up what the sweeps say they put right."""
    total: Counter[str] = Counter()
    for line in _lines(log):
        if line.get("message") == "swept":
            total.update({name: int(line.get(name, 0)) for name in ("spilled", "notifications", "timers", "replies")})
    return total


def tracebacks(log: Path) -> Counter[str]:
    """Count the exceptions that nobody had foreseen, by their last line."""
    found: Counter[str] = Counter()
    inside = False
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("Traceback (most recent call last)"):
            inside = True
        elif inside and line and not line.startswith((" ", "{")):
            found[line[:200]] += 1
            inside = False
    return found


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except ValueError:  # cut short by a kill
                continue

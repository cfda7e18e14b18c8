"""Finds what is kept of each accepted event: one document, with its outcome and the incident it is about."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.store import Data, Store, Where

_PAGE = 100


def path(event_id: str) -> str:
    """Give where it is kept."""
    return f"events/{hashlib.sha256(event_id.encode()).hexdigest()}"


def keys(marker: Data) -> tuple[str, str]:
    """Give the integration and the dedup key to which the event was led."""
    event = marker["event"]
    return event["integration"], marker.get("led_to") or event["alert"]["dedup_key"]


def later(store: Store, incident: str, than: datetime) -> list[Data]:
    """Give all of an incident that were accepted after an instant, in their order: a group can have thousands."""
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

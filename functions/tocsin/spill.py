"""Where accepted events wait while Pub/Sub is away; the sweep routes them, and one that got through twice is one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from tocsin.domain.config import RETENTION
from tocsin.records import versioned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tocsin.clients.store import Store
    from tocsin.domain.alert import Event


def put_by(events: Sequence[Event], body: bytes, store: Store) -> None:
    """Keep a message that could not be published, or perhaps was; raises Unavailable if it cannot be kept either.

    It stays what it was, with all its events: they have one marker if it was published after all.
    """
    first = events[0]
    document = {"body": body.decode(), "accepted_at": first.accepted_at, "next_at": first.accepted_at}
    store.transact(lambda tx: tx.put(path(first.id), versioned("Spill", document)))


def waiting(store: Store, now: datetime, limit: int) -> list[tuple[str, dict[str, Any]]]:
    """Give what waits, the oldest first."""
    return store.query("spill", ("next_at", "<=", now), order_by="next_at", limit=limit)


def routed(identity: str, document: dict[str, Any], store: Store) -> None:
    """Take a message off the list; the document stays for a while, as a record of the outage."""
    expires_at = document["accepted_at"] + RETENTION
    over = versioned("Spill", {**document, "next_at": None, "expires_at": expires_at})
    store.transact(lambda tx: tx.put(f"spill/{identity}", over))


def path(event_id: str) -> str:
    """Give the document's path."""
    return f"spill/{hashlib.sha256(event_id.encode()).hexdigest()}"

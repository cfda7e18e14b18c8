"""Reads an incident for a change, or the one that it was merged into: whatever names the first means the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.domain.incident import Incident
from tocsin.records import from_document

if TYPE_CHECKING:
    from tocsin.clients.store import Store, Transaction
    from tocsin.domain.notification import Notification


def followed(tx: Store | Transaction, identity: str) -> Incident | None:
    """Give the incident, or None if there is none; it ends, since only what is open is ever merged into."""
    while found := tx.get(f"incidents/{identity}") if identity else None:
        incident = from_document(Incident, found)
        if not incident.merged_into:
            return incident
        identity = incident.merged_into
    return None


def about(tx: Store | Transaction, page: Notification) -> Incident:
    """Give the incident of a page; whoever was asked for help with what was merged is asked about both then."""
    found = followed(tx, page.incident) if page.beside else None
    return found or from_document(Incident, tx.get(f"incidents/{page.incident}") or {})

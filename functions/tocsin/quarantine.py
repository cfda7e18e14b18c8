"""Puts aside what cannot be routed, as it came: somebody looks at it, and it can be routed again."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

from tocsin import log
from tocsin.clients.store import Exists
from tocsin.records import versioned

if TYPE_CHECKING:
    from tocsin.clients.store import Store
    from tocsin.moment import Moment

_REASON = 1000  # characters
_KEPT = 900_000  # bytes of what is put aside: more than the largest event, less than a document may have


def put(data: bytes, why: str, store: Store, moment: Moment) -> str:
    """Keep it, once however often it comes; gives what became of it."""
    path = f"quarantine/{hashlib.sha256(data).hexdigest()}"
    # Cut after the decoding: a byte that is no text becomes three.
    text = data.decode(errors="replace").encode()[:_KEPT].decode(errors="ignore")
    expires_at = moment.now + moment.config.retention
    kept = versioned("Quarantine", {"data": text, "why": why[:_REASON], "at": moment.now, "expires_at": expires_at})
    with contextlib.suppress(Exists):
        store.transact(lambda tx: tx.create(path, kept))
    log.event(f"quarantined: {why}", "ERROR", quarantine=path)
    return f"quarantined: {why}"

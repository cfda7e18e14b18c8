"""Where accepted events wait while Pub/Sub is away; the sweep routes them, and one that got through twice is one."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from tocsin import events, log
from tocsin.domain.config import RETENTION
from tocsin.records import is_newer, versioned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from tocsin.clients.queue import Topic
    from tocsin.clients.store import Data, Store, Transaction
    from tocsin.domain.alert import Event
    from tocsin.moment import Moment

Found = list[tuple[str, "Data"]]
"""Documents with their names."""

HANDING = timedelta(seconds=30)
LOOK_AGAIN = timedelta(minutes=2)
MOST_BYTES = 2_500_000  # characters, of which UTF-8 may need three bytes each: a commit and a publish hold 10 MB


def put_by(held: Sequence[Event], body: bytes, store: Store) -> None:
    """Keep a message that could not be published, or perhaps was; raises Unavailable if it cannot be kept either.

    It stays what it was, with all its events: they have one marker if it was published after all.
    """
    first = held[0]
    document = {"body": body.decode(), "accepted_at": first.accepted_at, "next_at": first.accepted_at}
    store.transact(lambda tx: tx.put(path(first.id), versioned("Spill", document)))


def waiting(store: Store, now: datetime, limit: int) -> Found:
    """Give what waits, the oldest first."""
    return store.query("spill", ("next_at", "<=", now), order_by="next_at", limit=limit)


def routed(identity: str, document: Data, store: Store) -> None:
    """Take a message off the list; the document stays for a while, as a record of the outage."""
    store.transact(lambda tx: tx.put(f"spill/{identity}", _over(document)))


def hand_back(store: Store, topic: Topic, moments: Callable[[], Moment], limit: int) -> None:
    """Publish what waits once more, as long as there is any, for half a minute at most.

    It is for what an outage has left beyond what one sweep can route, one after the other: from the topic `route` takes
    many at once. It stays on the list, and the sweep sees to it itself if it has not been routed in two minutes. Raises
    Unavailable if Pub/Sub takes nothing, or perhaps did: what is published twice has one marker.
    """
    began = moments().now
    while (now := moments().now) < began + HANDING and (kept := _new(waiting(store, now, limit))):
        topic.publish_now(*(document["body"].encode() for _, document in kept), urgent=False)
        handed = {"handed_at": now, "next_at": now + LOOK_AGAIN}
        changed = {name: versioned("Spill", {**document, **handed}) for name, document in kept}
        store.transact(partial(_put, documents=changed))
        log.event(f"handed back to the topic: {len(kept)} that were kept aside", "WARNING")


def confirm(store: Store, moments: Callable[[], Moment], limit: int) -> None:
    """Take off the list, many at once, what was handed back and is routed; what is not is left for the sweep itself."""
    began = moments().now
    while (now := moments().now) < began + HANDING:
        handed = _one_commit((name, one) for name, one in waiting(store, now, limit) if is_handed(one))
        if not handed or not store.transact(partial(_confirm, handed=handed)):
            return


def is_handed(document: Data) -> bool:
    """Say whether it was handed back to the topic before."""
    return document.get("handed_at") is not None


def _confirm(tx: Transaction, handed: Found) -> int:
    """Look for the markers; gives how many messages are routed with all of their events."""
    tx.ahead(*(f"events/{name}" for name, _ in handed))
    over = {name: _over(document) for name, document in handed if _is_routed(document, tx.get(f"events/{name}"))}
    _put(tx, over)
    return len(over)


def _is_routed(document: Data, marker: Data | None) -> bool:
    if marker is None:
        return False
    return {one.id for one in events.read(document["body"])} <= {one.id for one in events.marked(marker)}


def _new(found: Found) -> Found:
    """Leave out what is of a newer version, and what was handed back: else it is published while nobody delivers it."""
    return _one_commit((name, one) for name, one in found if not (is_newer("Spill", one) or is_handed(one)))


def _one_commit(found: Iterable[tuple[str, Data]]) -> Found:
    """Give as many, from the first on, as one commit, or one publish, can hold."""
    kept = list(found)
    sizes = accumulate(len(one["body"]) for _, one in kept)
    return [one for one, size in zip(kept, sizes, strict=True) if size <= MOST_BYTES]


def _put(tx: Transaction, documents: Mapping[str, Data]) -> None:
    for name, document in documents.items():
        tx.put(f"spill/{name}", document)


def _over(document: Data) -> Data:
    return versioned("Spill", {**document, "next_at": None, "expires_at": document["accepted_at"] + RETENTION})


def path(event_id: str) -> str:
    """Give the document's path."""
    return f"spill/{hashlib.sha256(event_id.encode()).hexdigest()}"

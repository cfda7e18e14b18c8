"""What is left undone after a sweep: the work that should long have been done, and the oldest page that is unsent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tocsin.domain.values import dataclass

if TYPE_CHECKING:
    from tocsin.clients.store import Data, Store

TOLERATED = timedelta(seconds=150)
"""How long overdue something may be after a sweep that counts as clean: a minute, a lease, and a send that hangs."""

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 200


@dataclass(frozen=True)
class Backlog:
    """`overdue` counts the kinds of things that are left; `unsent` is how many seconds the oldest page is late."""

    overdue: int
    unsent: int


def backlog(store: Store, now: datetime) -> Backlog:
    """Look at what waits; one question about pages answers both."""
    before = now - TOLERATED
    pages = [data for _, data in store.query("notifications", ("next_at", ">", _EVER), order_by="next_at", limit=_MOST)]
    others = [store.query(kind, ("next_at", "<=", before), limit=1) for kind in ("spill", "heartbeats", "incidents")]
    others.append(store.query("events", ("suppressed_until", "<=", before), limit=1))
    late = [data for data in pages if data["next_at"] <= before]
    return Backlog(sum(map(bool, (late, *others))), _unsent(pages, now))


def _unsent(pages: list[Data], now: datetime) -> int:
    """Give the seconds; what waits for its turn at a phone, or is spoken for by another page, is not late."""
    dues = [data["due"] for data in pages if not (data["held"] or data["carrier"])]
    return max(0, int((now - min(dues, default=now)).total_seconds()))

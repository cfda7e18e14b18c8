"""Whose turn it is at the levels that go round: one small document for each, read and moved with the change.

It is read only by the commits that page such a level, so nothing else waits for it. Who collides there in a storm pages
without it: a page is worth more than an even share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.clients.store import Transaction
    from tocsin.domain.circle import Circle
    from tocsin.domain.incident import Incident

PATIENCE = 3
"""How many lost races are taken for one even share."""


def missing(tx: Transaction, changed: Incident | None) -> dict[str, Circle]:
    """Give the circle that a change has asked for, so that it can be made again with it; nothing if it needs none."""
    if not changed or not changed.drawn:
        return {}
    found = tx.get(_path(changed.drawn))
    return {changed.drawn: tuple(found["order"]) if found else ()}


def keep(tx: Transaction, changed: Incident) -> None:
    """Write the circles that a change has moved."""
    for name, order in changed.circles.items():
        tx.put(_path(name), {"order": list(order)})


def _path(name: str) -> str:
    return f"circles/{name}"

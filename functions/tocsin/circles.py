"""Whose turn it is at the levels that go round: one small document for each, read and moved with the change.

It is read only by the commits that page such a level, so nothing else waits for it. Who collides there in a storm pages
without it: a page is worth more than an even share.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Protocol, TypeVar

from tocsin.domain.values import replace
from tocsin.records import is_newer, versioned

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.clients.store import Store, Transaction
    from tocsin.domain.circle import Circle
    from tocsin.domain.incident import Incident

T_co = TypeVar("T_co", covariant=True)


class Rule(Protocol[T_co]):
    """A rule that may want an even share, if `even` allows it."""

    def __call__(self, tx: Transaction, *, even: bool) -> T_co:
        """Read, decide and write."""


PATIENCE = 3
"""How many lost races are taken for one even share."""


def evenly(store: Store, rule: Rule[T_co]) -> T_co:
    """Commit a rule, and tell it each time whether it may still ask for an even share."""
    races = count()
    return store.transact(lambda tx: rule(tx, even=next(races) < PATIENCE))


def missing(tx: Transaction, *changed: Incident | None) -> dict[str, Circle]:
    """Give the circles that changes have asked for, so that they can be made again with them; nothing if none has."""
    drawn = {one.drawn for one in changed if one and one.drawn}
    found = {name: tx.get(_path(name)) or {} for name in sorted(drawn)}
    # Without one that a newer version has written it is by lot: nobody waits for a fair share.
    legible = {name: document for name, document in found.items() if not is_newer("Circle", document)}
    return {name: tuple(document.get("order", ())) for name, document in legible.items()}


def in_turn(
    tx: Transaction, incident: Incident, rule: Callable[[Incident], Incident], *, even: bool = True
) -> Incident:
    """Change an incident; if that asks somebody at a level that goes round, once more with what is known of it."""
    changed = rule(incident)
    known = missing(tx, changed) if even else {}
    return rule(replace(incident, circles=known)) if known else changed


def keep(tx: Transaction, changed: Incident) -> None:
    """Write the circle that a change has moved."""
    if order := changed.circles.get(changed.drawn):
        tx.put(_path(changed.drawn), versioned("Circle", {"order": list(order)}))


def _path(name: str) -> str:
    return f"circles/{name}"

"""Weighs events against what stands where they are led, and writes down what became of them.

Neighbours in a message are weighed one after the other. As long as nothing changes, all of them find the same: those
that end alike then share a commit and a marker. Whatever changes something has a commit of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import circles, events, outbox, standing
from tocsin.domain.routing import Outcome, Routed, decide
from tocsin.domain.rules import NOTHING_CHOSEN, Path
from tocsin.domain.values import dataclass, replace
from tocsin.records import from_document, to_document
from tocsin.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from tocsin.clients.store import Data, Transaction
    from tocsin.domain.alert import Event
    from tocsin.domain.opening import Minted
    from tocsin.moment import Moment

Led = tuple["Event", Path]
"""An event, and what the rules have chosen for it."""

_ABOUT_NOTHING = frozenset({Outcome.NOTHING_OPEN, Outcome.RECORDED, Outcome.SUPPRESSED, Outcome.WAITING})


@dataclass(frozen=True)
class Weighed:
    """What was decided about an event, and what was found for that."""

    came: Event
    found: Standing
    routed: Routed

    @property
    def writes(self) -> dict[str, Data]:
        """Give by path what changes, but for the incident."""
        return standing.writes(self.came, self.found, self.routed)

    @property
    def changes(self) -> bool:
        """Say whether anything but its marker is written."""
        return bool(self.routed.incident or self.writes)

    @property
    def incident(self) -> str:
        """Give the id of the incident it is about, or nothing."""
        if self.routed.outcome in _ABOUT_NOTHING:
            return ""
        about = self.routed.incident or self.found.current
        return about.id if about else self.found.pointer.incident


def weigh(
    tx: Transaction, led: Led, minted: Minted, moment: Moment, *, last_resort: bool = False, even: bool
) -> Weighed:
    """Decide what an event does, led as the rules have chosen.

    If that asks somebody at a level that goes round, it is decided once more with what is known of whose turn it is.
    """
    event, path = led
    found = standing.gather(tx, event, path, moment.config, last_resort=last_resort)
    weighed = _weighed(event, found, minted, moment)
    if even and (known := circles.missing(tx, weighed.routed.incident)):
        weighed = _weighed(event, found, replace(minted, circles=known), moment)
    return weighed


def _weighed(event: Event, found: Standing, minted: Minted, moment: Moment) -> Weighed:
    routed = decide(found.event, found.pointer, found.current, moment.config, minted, moment.now, found.around)
    return Weighed(event, found, routed)


def alike(
    first: Weighed,
    others: Iterable[Led],
    minted: Minted,
    moment: Moment,
    told: Callable[[Weighed], Weighed] = lambda one: one,
) -> list[Event]:
    """Give the event and those after it that end as it did; it is alone if it has changed what they would find.

    `told` is what is made of each that was weighed, as it was of the first.
    """
    same = [first.came]
    if first.changes:
        return same
    for event, path in others:
        if path != first.found.path:
            break
        next_ = told(_weighed(event, standing.beside(first.found, event), minted, moment))
        if next_.changes or fate(next_, moment.now) != fate(first, moment.now):
            break
        same.append(event)
    return same


def fate(weighed: Weighed, now: datetime) -> Data:
    """Give what a marker says of how its events ended."""
    routed, found = weighed.routed, weighed.found
    ended: Data = {
        "outcome": routed.outcome.value,
        "reason": routed.reason,
        "incident": weighed.incident,
        "routed_at": now,
        "expires_at": (routed.until or now) + found.retention,
    }
    if found.path.tried:
        ended |= {"path": to_document(found.path), "led_to": found.event.alert.dedup_key}
    return ended | ({"suppressed_until": routed.until} if routed.until else {})


def recorded(marker: Data) -> Path:
    """Give what the rules have chosen for the events of a marker when they came."""
    return from_document(Path, marker["path"]) if "path" in marker else NOTHING_CHOSEN


def write(tx: Transaction, weighed: Weighed) -> None:
    """Write what an event has changed."""
    for path, document in weighed.writes.items():
        tx.put(path, document)
    if weighed.routed.incident:
        outbox.save(tx, weighed.routed.incident)


def rewrite(tx: Transaction, marker: Data, moved: Sequence[Event], weighed: Weighed, now: datetime) -> str:
    """Let events have another outcome than their marker says; gives the first one after them, which keeps its own."""
    said, ids = events.marked(marker), [one.id for one in moved]
    at = [one.id for one in said].index(ids[0])
    before, after = said[:at], said[at + len(ids) :]
    for kept in (before, after):
        if kept:
            tx.put(*events.marker(kept, marker))
    tx.put(*events.marker(moved, fate(weighed, now)))
    write(tx, weighed)
    return after[0].id if after else ""

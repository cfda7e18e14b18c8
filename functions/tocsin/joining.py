"""Lets events join what is open: of a storm, all that share a message in one commit.

In a storm most events only join. A commit that depends on the incident would contend with all the others, and with the
answer that everybody waits for: so theirs depends on nothing, and they look at the incident once more.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tocsin import conditions, events, log, standing
from tocsin.clients.store import Exists
from tocsin.domain.opening import Minted
from tocsin.domain.routing import Outcome
from tocsin.domain.rules import choose
from tocsin.domain.values import dataclass
from tocsin.errors import DEFECTS
from tocsin.reopen import look_at_all
from tocsin.weighing import alike, fate, weigh

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Data, Store, Transaction
    from tocsin.domain.alert import Event
    from tocsin.moment import Moment
    from tocsin.weighing import Led, Weighed


@dataclass(frozen=True)
class Ended:
    """What became of the next events of a message: how the first of them was weighed, and all that ended as it did."""

    weighed: Weighed
    events: Sequence[Event]

    @property
    def is_released(self) -> bool:
        """Say whether the commit may stand whatever becomes meanwhile of the incident that they have joined.

        What is made of several troubles, or settles, remembers who has joined: there it depends on all it has read.
        """
        weighed, found = self.weighed, self.weighed.found
        joined = found.current if weighed.routed.outcome is Outcome.JOINED and not weighed.changes else None
        return bool(joined and not (found.path.group or joined.firing or joined.stable))

    def marker(self, now: datetime) -> tuple[str, Data]:
        """Give what is kept of them; if they were `released`, whoever repeats them looks where they had joined."""
        released = {"released": True} if self.is_released else {}
        return events.marker(self.events, fate(self.weighed, now) | released)

    def tell(self) -> str:
        """Write it into the log; gives the same sentence."""
        weighed, event = self.weighed, self.events[0]
        for warning in weighed.found.path.warnings:
            log.event(warning, "WARNING", event=event.id)
        said, count = f"{weighed.routed.outcome}: {weighed.routed.reason}", len(self.events)
        log.event(said, event=event.id, incident=weighed.incident or None, events=count)
        return said if count == 1 else f"{said}, and {count - 1} more of the same"


def join(said: Sequence[Event], store: Store, tasks: Tasks, moment: Moment) -> tuple[list[Event], list[str]]:
    """Let whatever of several troubles only joins do so at once; gives what is left, and what became of the others."""
    troubles = events.by_trouble(said)
    if len(troubles) == 1:
        return list(said), []
    try:
        led = [[(one, choose(one, moment.config, conditions.holds)) for one in trouble] for trouble in troubles]
        apart = [trouble for trouble in led if not trouble[0][1].group]
        ended = store.transact(partial(_join, led=apart, moment=moment)) if apart else []
    except Exists:  # some have come before: that is looked for next
        return list(said), []
    except DEFECTS as error:
        log.event(f"each is routed by itself: {type(error).__name__}: {error}", "WARNING", event=said[0].id)
        return list(said), []
    joined = {one.events[0].id: one.weighed.incident for one in ended}
    if joined:
        look_at_all(joined, store, tasks, moment)
    done = {event.id for one in ended for event in one.events}
    return [one for one in said if one.id not in done], [one.tell() for one in ended]


def by_news(troubles: list[list[Event]], store: Store) -> tuple[list[list[Event]], list[list[Event]]]:
    """Give the troubles that have not come before, and those that have."""
    if len(troubles) <= 1:
        return troubles, []
    paths = [events.path(trouble[0].id) for trouble in troubles]
    known = store.transact(partial(_known, paths=paths))
    told = list(zip(known, troubles, strict=True))
    return [one for is_known, one in told if not is_known], [one for is_known, one in told if is_known]


def _known(tx: Transaction, paths: Sequence[str]) -> list[bool]:
    tx.ahead(*paths)
    return [tx.peek(path) is not None for path in paths]


def _join(tx: Transaction, led: Sequence[Sequence[Led]], moment: Moment) -> list[Ended]:
    standing.ahead(tx, [one for trouble in led for one in trouble], moment.config)
    ended: list[Ended] = []
    for first, *others in led:
        minted = Minted(moment.new_id(), moment.new_id())
        weighed = weigh(tx, first, minted, moment, even=False)
        ended.append(Ended(weighed, alike(weighed, others, minted, moment)))
    tx.release()
    released = [one for one in ended if one.is_released]
    for one in released:
        tx.create(*one.marker(moment.now))
    return released

"""Routes anew what has joined an incident that was resolved on behalf of those before it only.

Deliveries overtake each other, and joining writes nothing that a resolve could collide with. So whoever resolves looks
who has joined once that is committed, and whoever joins looks whether it is resolved: the last of them sees the other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from tocsin import circles, events, outbox
from tocsin.domain.alert import Action
from tocsin.domain.opening import Minted
from tocsin.domain.values import dataclass, replace
from tocsin.weighing import Weighed, alike, recorded, rewrite, weigh

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Data, Store, Transaction
    from tocsin.domain.incident import Incident
    from tocsin.moment import Moment

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Left:
    """What a resolve does not speak for: what had joined an `incident` and was accepted `after` an instant."""

    incident: str
    after: datetime


def reopen(
    resolved_through: datetime,
    incident: str,
    store: Store,
    tasks: Tasks,
    moment: Moment,
    only: tuple[str, str] | None = None,
) -> None:
    """Open anew when a trigger accepted after what a resolve speaks for had joined before the incident was resolved.

    `only` is the integration and the dedup key that a resolve is about: what else was merged there stays.
    """
    for marker in events.later(store, incident, resolved_through):
        if marker["action"] == Action.TRIGGER and only in {None, events.keys(marker)}:
            _reroute_all(marker["event"]["id"], Left(incident, resolved_through), store, tasks, moment)


def since_resolved(incident: Incident, store: Store, tasks: Tasks, moment: Moment) -> None:
    """Do the same for what somebody has just resolved: a word counts from when it was said, not from its commit."""
    if incident.closed_through and not incident.merged_into:
        for one in (*incident.merged, incident.id):
            reopen(incident.closed_through, one, store, tasks, moment)


def look_again(
    event: str, incident: str, store: Store, tasks: Tasks, moment: Moment, *, was_alone: bool = False
) -> None:
    """Do the same for an event, and those that share its marker, whose commit did not depend on the incident.

    What `was_alone` in its incident when it joined, and is not any more, may be taken for over there, or where that
    incident went.
    """
    _look(event, incident, store.get(f"incidents/{incident}") or {}, store, tasks, moment, was_alone=was_alone)


def look_at_all(joined: Mapping[str, str], store: Store, tasks: Tasks, moment: Moment) -> None:
    """Do the same for events that were alone in the incidents that they joined, with one trip for all of them."""
    paths = {event: f"incidents/{incident}" for event, incident in joined.items()}
    found = store.transact(partial(_read_now, paths=set(paths.values())))
    for event, incident in joined.items():
        _look(event, incident, found[paths[event]], store, tasks, moment, was_alone=True)


def _read_now(tx: Transaction, paths: Collection[str]) -> dict[str, Data]:
    tx.ahead(*paths)
    return {path: tx.peek(path) or {} for path in paths}


def _look(
    event: str, incident: str, found: Data, store: Store, tasks: Tasks, moment: Moment, *, was_alone: bool
) -> None:
    through = None if was_alone and found.get("merged_into") else found.get("closed_through")
    if through:
        _reroute_all(event, Left(incident, through), store, tasks, moment)
    elif was_alone and (found.get("firing") or found.get("merged_into")):
        _reroute_all(event, Left(incident, _EVER), store, tasks, moment)


def _reroute_all(event: str, left: Left, store: Store, tasks: Tasks, moment: Moment) -> None:
    while event:
        minted = Minted(moment.new_id(), moment.new_id())
        rule = partial(_reroute, event=event, left=left, minted=minted, moment=moment)
        changed, event = circles.evenly(store, rule)
        if changed:
            outbox.flush(tasks, changed, moment.now)


def _reroute(
    tx: Transaction, *, event: str, left: Left, minted: Minted, moment: Moment, even: bool
) -> tuple[Incident | None, str]:
    """Route stragglers away from the incident they had joined, unless that was done before; gives who is next."""
    marker = tx.get(events.path(event))
    if not marker or marker["incident"] != left.incident:
        return None, ""
    # They are not counted once more, nor wait for others.
    path = replace(recorded(marker), threshold=None)
    late = [(one, path) for one in events.marked(marker) if one.accepted_at > left.after]
    if not late:
        return None, ""
    weighed = _overtaken(weigh(tx, late[0], minted, moment, even=even))
    moved = alike(weighed, late[1:], minted, moment, _overtaken)
    following = rewrite(tx, marker, moved, weighed, moment.now)
    return weighed.routed.incident, following


def _overtaken(weighed: Weighed) -> Weighed:
    why = f"{weighed.routed.reason}, after a resolve that it had overtaken"
    return replace(weighed, routed=replace(weighed.routed, reason=why))

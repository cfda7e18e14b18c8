"""An accepted event arrives: it opens an incident, joins one, answers one, or does nothing, and says why."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from tocsin import circles, conditions, events, heartbeat, joining, log, outbox, quarantine, standing
from tocsin.clients.layer import Layer
from tocsin.clients.store import Exists
from tocsin.domain.alert import Action
from tocsin.domain.incident import Incident
from tocsin.domain.opening import Minted
from tocsin.domain.routing import Outcome
from tocsin.domain.rules import NOTHING_CHOSEN, choose
from tocsin.errors import DEFECTS, Malformed, Unavailable
from tocsin.joining import Ended
from tocsin.records import check_version, from_document, split, to_document, to_json
from tocsin.reopen import look_again, reopen
from tocsin.weighing import alike, weigh, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Data, Store, Transaction
    from tocsin.domain.alert import Event
    from tocsin.moment import Moment
    from tocsin.weighing import Led

_PATIENCE = 20.0  # seconds for one message in which something fails; it has a minute


@dataclass
class _Came:
    """What became of a message whose patience ends at an instant of the monotonic clock."""

    until: float
    told: list[str] = field(default_factory=list)
    failures: list[Unavailable] = field(default_factory=list)

    @contextlib.contextmanager
    def trying(self) -> Iterator[None]:
        """Go on with the rest if this fails: the message comes again, and nobody waits until then for one that does."""
        try:
            yield
        except Unavailable as error:
            self.failures.append(error)

    @property
    def hangs(self) -> bool:
        """Say whether there is no time for more."""
        return bool(self.failures) and time.monotonic() > self.until


def arrived(data: bytes, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Route what Pub/Sub brings; what cannot be read is put aside and accepted, or it would slow its neighbours."""
    try:
        said = events.read(data)
    except Malformed as error:
        parts = split(data)
        if len(parts) > 1 and all(part.startswith(b"{") for part in parts):  # it may be one of them only
            return ", ".join([arrived(part, store, tasks, moment) for part in parts])
        return quarantine.put(data, str(error), store, moment)
    left, came = list(said), _Came(time.monotonic() + _PATIENCE)
    with came.trying():
        left, told = joining.join(said, store, tasks, moment)
        came.told += told
    new, known = joining.by_news(events.by_trouble(left), store)
    if len(new) > 1 and not came.failures:
        new = _arrived_together(new, came, store, tasks, moment)
    for trouble in (*new, *known):  # where something hangs, each delivery does some of the rest
        if came.hangs:
            break
        body = data if len(trouble) == len(said) else to_json(tuple(trouble))
        with came.trying():
            came.told.append(_arrived(trouble, body, store, tasks, moment))
    if came.failures:
        raise came.failures[0]
    return came.told[0]


def _arrived_together(
    troubles: list[list[Event]], came: _Came, store: Store, tasks: Tasks, moment: Moment
) -> list[list[Event]]:
    """Route troubles that have not come before in one commit; gives those that are left, which may be all of them."""
    try:
        led = [[(one, choose(one, moment.config, conditions.holds)) for one in trouble] for trouble in troubles]
        ended = circles.evenly(store, partial(_apply_all, led=led, moment=moment))
    except (Exists, Unavailable, *DEFECTS) as error:
        log.event(f"each is routed by itself: {type(error).__name__}: {error}", "WARNING", event=troubles[0][0].id)
        return troubles
    for one in ended:
        came.told.append(one.tell())
        with came.trying():
            if not came.hangs:
                _conclude(one, store, tasks, moment)
    return []


def _apply_all(tx: Transaction, *, led: Sequence[Sequence[Led]], moment: Moment, even: bool) -> list[Ended]:
    standing.ahead(tx, [one for trouble in led for one in trouble], moment.config)
    layer, ended = Layer(tx), list[Ended]()
    for trouble in led:
        left = trouble
        while left:
            minted = Minted(moment.new_id(), moment.new_id())
            ended.append(_apply(layer, left, minted, moment, last_resort=False, even=even))
            left = left[len(ended[-1].events) :]
    layer.write()
    return ended


def _arrived(said: Sequence[Event], data: bytes, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Route the events of one trouble."""
    left = list(said)
    try:
        return _route(left, store, tasks, moment)
    except DEFECTS as error:
        log.event(f"routed to the catch-all, because {type(error).__name__}: {error}", "ERROR", event=left[0].id)
    try:
        return _route(left, store, tasks, moment, last_resort=True)
    except DEFECTS as error:
        why = f"{type(error).__name__}: {error}"
    left = [left[0], *_without_the_first(left, store, tasks, moment)]
    rest = data if len(left) == len(said) else to_json(tuple(left))
    return quarantine.put(rest, why, store, moment)


def _without_the_first(left: Sequence[Event], store: Store, tasks: Tasks, moment: Moment) -> list[Event]:
    """Route what comes after an event that cannot be: what is wrong may be of that one only. Gives what is left."""
    others = list(left[1:])
    with contextlib.suppress(*DEFECTS):
        if others:
            _route(others, store, tasks, moment)
    return others


def route(event: Event, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Give an event its one outcome; a repeat meets the marker and asks again only for what may have been lost."""
    return _arrived([event], to_json(event), store, tasks, moment)


def _route(left: list[Event], store: Store, tasks: Tasks, moment: Moment, *, last_resort: bool = False) -> str:
    """Route the events of a message, and take off what is done; gives what became of the first.

    As a last resort neither the service nor an incident that cannot be read is asked: the catch-all gets a new one.
    """
    if last_resort:
        moment = replace(moment, config=replace(moment.config, services={}))
    paths = {one.id: NOTHING_CHOSEN if last_resort else choose(one, moment.config, conditions.holds) for one in left}
    told: list[str] = []
    while left:
        led = [(one, paths[one.id]) for one in left]
        done, said = _route_next(led, store, tasks, moment, last_resort=last_resort)
        left[:] = [one for one in left if one.id not in done]
        told.append(said)
    return told[0]


def _route_next(
    led: Sequence[Led], store: Store, tasks: Tasks, moment: Moment, *, last_resort: bool
) -> tuple[set[str], str]:
    """Route the first of them, and in the same commit those after it that end alike; gives their ids."""
    event = led[0][0]
    minted = Minted(moment.new_id(), moment.new_id())

    def apply(tx: Transaction, *, even: bool) -> Ended:
        return _apply(tx, led, minted, moment, last_resort=last_resort, even=even)

    try:
        ended = circles.evenly(store, apply)
    except Exists as error:
        if error.path != events.path(event.id):
            raise Unavailable("an id that was just made is taken: once more with another one") from error
        return _repeated(event, store, tasks, moment)
    _conclude(ended, store, tasks, moment)
    return {one.id for one in ended.events}, ended.tell()


def _apply(
    tx: Transaction, led: Sequence[Led], minted: Minted, moment: Moment, *, last_resort: bool, even: bool
) -> Ended:
    event = led[0][0]
    beat = heartbeat.heard(tx, event, moment.config)
    weighed = weigh(tx, led[0], minted, moment, last_resort=last_resort, even=even)
    ended = Ended(weighed, (event,) if beat else alike(weighed, led[1:], minted, moment))
    if ended.is_released:
        tx.release()
    tx.create(*ended.marker(moment.now))
    write(tx, weighed)
    if beat:
        heartbeat.keep(tx, event.integration, beat)
    return ended


def _conclude(ended: Ended, store: Store, tasks: Tasks, moment: Moment) -> None:
    """Do what follows from a commit."""
    routed, event = ended.weighed.routed, ended.events[0]
    if not routed.quiet:
        led_to = ended.weighed.found.event.alert.dedup_key
        _finish(event, led_to, routed.outcome, routed.incident, store, tasks, moment)
    if ended.is_released:
        look_again(event.id, ended.weighed.incident, store, tasks, moment, was_alone=True)


def _repeated(event: Event, store: Store, tasks: Tasks, moment: Moment) -> tuple[set[str], str]:
    """Ask again for whatever the first delivery may not have reached: it may have died after its commit."""
    marker: Data = store.get(events.path(event.id)) or {"event": to_document(event), "outcome": Outcome.RECORDED}
    check_version("Marker", marker)
    found = store.get(f"incidents/{marker['incident']}") if marker.get("incident") else None
    incident = from_document(Incident, found) if found else None
    led_to = marker.get("led_to") or event.alert.dedup_key
    _finish(event, led_to, Outcome(marker["outcome"]), incident, store, tasks, moment)
    if incident and marker["outcome"] == Outcome.JOINED:
        look_again(event.id, incident.id, store, tasks, moment, was_alone=bool(marker.get("released")))
    return {event.id, *(one.id for one in events.marked(marker))}, f"repeated: {marker['outcome']} before"


def _finish(
    event: Event, led_to: str, outcome: Outcome, incident: Incident | None, store: Store, tasks: Tasks, moment: Moment
) -> None:
    if incident and outcome is Outcome.RESOLVED and event.alert.action is Action.RESOLVE:
        only = (event.integration, led_to)
        for source in incident.merged:  # what joined before a merge is kept under the source
            reopen(event.accepted_at, source, store, tasks, moment, only)
        reopen(event.accepted_at, incident.id, store, tasks, moment, only)
        if not incident.settles_at:
            return
    if incident and not outbox.flush(tasks, incident, moment.now):
        # Not accepted, so that Pub/Sub delivers it again within seconds; the sweep may need a minute.
        raise Unavailable("the incident is saved, but its first page could not be queued")

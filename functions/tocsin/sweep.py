"""Every minute: whatever was due and did not happen happens now, from the documents alone.

It needs no timer and no queue: with both gone everybody is still paged, a minute late. Running twice, or at the same
time as what it repairs, is harmless. A watcher outside hears a heartbeat after a clean sweep, and only then.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from tocsin import (
    audit,
    backlog,
    books,
    canary,
    foresight,
    heartbeat,
    idle,
    levels,
    log,
    missed,
    notices,
    outlast,
    pending,
    settling,
    spending,
    spill,
)
from tocsin.domain.heartbeat import Heartbeat
from tocsin.domain.maintenance import window
from tocsin.domain.values import dataclass, replace
from tocsin.errors import TocsinError
from tocsin.records import check_version, from_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.clients.http import Watcher
    from tocsin.clients.queue import Tasks, Topic
    from tocsin.clients.store import Store
    from tocsin.clients.twilio import Twilio
    from tocsin.moment import Moment

GRACE = timedelta(seconds=5)
"""What the queue may be late before the sweep steps in."""

_MOST = 200
_MEANWHILE = timedelta(minutes=5)


@dataclass(frozen=True)
class Swept:
    """How much was put right, how many monitors had fallen silent, and how many incidents were perhaps idle.

    `overdue` counts what should long have been done and still is not, `blocked` is 1 while no canary comes through,
    `differences` counts what the books say is not as it must be, `unsent` is how many seconds the oldest page is late.
    """

    spilled: int
    silent: int
    notifications: int
    timers: int
    replies: int
    idle: int
    failures: int
    overdue: int
    blocked: int
    differences: int
    unsent: int

    @property
    def clean(self) -> bool:
        """Whether nothing is left to worry about: what was put right is right."""
        return not (self.failures or self.overdue or self.blocked or self.differences)

    @property
    def severity(self) -> str:
        """Say how bad it is: incidents that were looked at, and a page that is being sent just now, are no trouble."""
        return "WARNING" if any(vars(replace(self, idle=0, unsent=0)).values()) else "INFO"


def sweep(
    store: Store,
    tasks: Tasks,
    twilio: Twilio,
    moments: Callable[[], Moment],
    topic: Topic | None = None,
    watcher: Watcher | None = None,
) -> Swept:
    """Go through everything overdue, oldest first; one that fails does not hold up the others.

    Each gets a moment of its own: a sweep may take minutes, and a claim dated by its beginning would be born expired.
    """
    moment = moments()
    before = moment.now - GRACE
    routed = _kept_aside(store, tasks, topic, moments)
    # Only now: a beat may have been among them.
    quiet = heartbeat.overdue(store, moment.now, _MOST)
    silent = [_tried(partial(_alarm, one, last, store, tasks), moments) for one, last in quiet]
    late = store.query("notifications", ("next_at", "<=", before), order_by="next_at", limit=_MOST)
    overdue = store.query("incidents", ("next_at", "<=", before), order_by="next_at", limit=_MOST)
    sent = [_tried(partial(_notify, one, store, tasks, twilio), moments) for one, _ in late]
    fired = [_tried(partial(_fire, one, data, store, tasks), moments) for one, data in overdue]
    waited = _waited(store, tasks, moments)
    ended = [_tried(partial(idle.look, one, store, tasks), moments) for one in idle.overdue(store, before, _MOST)]
    heard = _heard(store, tasks, twilio, moments)
    noticed = [_tried(lambda _: notices.tell(store, twilio, moments), moments)]
    noticed += [_tried(partial(work, store), moments) for work in (spending.count, foresight.warn, audit.seal)]
    noticed.append(_tried(partial(levels.look, store, twilio), moments))
    swept = Swept(
        spilled=routed.count(True),
        silent=silent.count(True),
        notifications=sent.count(True),
        timers=fired.count(True),
        replies=heard.count(True),
        idle=ended.count(True),
        failures=[*routed, *silent, *sent, *fired, *waited, *ended, *heard, *noticed].count(False),
        blocked=0 if _gets_through(store, topic, moments()) else 1,
        differences=_differences(store, moments()),
        **vars(backlog.backlog(store, moments().now)),
    )
    log.event("swept", swept.severity, **vars(swept))
    if watcher:
        _report(swept, watcher)
    return swept


def _kept_aside(store: Store, tasks: Tasks, topic: Topic | None, moments: Callable[[], Moment]) -> list[bool]:
    """Route what Pub/Sub would not take, and hand back to it what is too much."""
    kept = spill.waiting(store, moments().now, _MOST)
    confirmed = []
    if any(spill.is_handed(one) for _, one in kept):
        confirmed.append(_tried(lambda _: spill.confirm(store, moments, _MOST), moments))
        kept = spill.waiting(store, moments().now, _MOST)
    routed = [_tried(partial(_route, identity, one, store, tasks), moments) for identity, one in kept]
    if topic and len(kept) == _MOST:
        routed.append(_tried(lambda _: spill.hand_back(store, topic, moments, _MOST), moments))
    return confirmed + routed


def _waited(store: Store, tasks: Tasks, moments: Callable[[], Moment]) -> list[bool]:
    """See to what waited for its hours: support hours that have begun, maintenance windows that are over, and calm."""
    moment = moments()
    begun = pending.due(store, moment.now, _MOST)
    over = outlast.due(store, moment, _MOST)
    raised = [_tried(partial(pending.raise_urgency, one, store, tasks), moments) for one in begun]
    looked = [_tried(partial(outlast.look, one, store, tasks), moments) for one in over]
    calm = settling.due(store, moment.now, _MOST)
    return raised + looked + [_tried(partial(settling.settle, one, store), moments) for one in calm]


def _gets_through(store: Store, topic: Topic | None, moment: Moment) -> bool:
    sent = moment.config.canary
    if not sent or not topic:
        return True
    try:
        return canary.watch(sent, store, topic, moment)
    except TocsinError as error:
        log.event(f"no canary: {error}", "ERROR")
        return False


def _differences(store: Store, moment: Moment) -> int:
    try:
        return books.differences(store, moment)
    except Exception as error:  # noqa: BLE001 - books that cannot be read are no reason to leave anything undone
        log.event(f"the books cannot be read: {type(error).__name__}: {error}", "CRITICAL")
        return 1


def _report(swept: Swept, watcher: Watcher) -> None:
    """Send a heartbeat, or leave it out: it is the silence that alarms."""
    if not swept.clean:
        log.event("no heartbeat is sent to the watcher outside: this sweep was not clean", "ERROR")
        return
    try:
        watcher.beat()
    except TocsinError as error:
        log.event(f"no heartbeat was sent: {error}", "WARNING")


def _notify(identity: str, store: Store, tasks: Tasks, twilio: Twilio, moment: Moment) -> None:
    # As all verbs here, imported when there is work for it: most sweeps, and most first ones, find nothing to do.
    from tocsin.notify import notify

    notify(identity, store, tasks, twilio, moment)


def _fire(incident: str, document: dict[str, Any], store: Store, tasks: Tasks, moment: Moment) -> None:
    from tocsin.escalate import Timer, escalate

    escalate(Timer.of({**document, "incident": incident}), store, tasks, moment)


def _alarm(integration: str, kept: dict[str, Any], store: Store, tasks: Tasks, moment: Moment) -> None:
    """Raise the alert about a monitor that has fallen silent; a sweep at the same time raises the same one."""
    last = from_document(Heartbeat, kept)
    if event := heartbeat.alarm(integration, last, moment):
        if expected := window(moment.config.maintenance, event, moment.now):
            # Its alert is raised once only: whatever is still silent when the window ends is told then. That is looked
            # at now and then, for a window can be called off.
            log.event(f"silence, suppressed by the maintenance window {expected.name}", integration=integration)
            heartbeat.put_off(integration, last, min(expected.end, moment.now + _MEANWHILE), store)
            return
        from tocsin.route import route

        route(event, store, tasks, moment)
    heartbeat.told(integration, last, store, moment)


def _route(identity: str, kept: dict[str, Any], store: Store, tasks: Tasks, moment: Moment) -> None:
    """Route an event that Pub/Sub would not take; if it had taken it after all, the marker says so."""
    from tocsin.route import arrived

    check_version("Spill", kept)
    arrived(kept["body"].encode(), store, tasks, moment)
    spill.routed(identity, kept, store)


def _heard(store: Store, tasks: Tasks, twilio: Twilio, moments: Callable[[], Moment]) -> list[bool]:
    try:
        found = missed.texts(store, twilio, moments())
    except TocsinError as error:
        log.event(f"the list of texts could not be read: {error}", "WARNING")
        return [False]
    return [_tried(partial(missed.answer, one, store, tasks, twilio), moments) for one in found]


def _tried(work: Callable[[Moment], object], moments: Callable[[], Moment]) -> bool:
    try:
        work(moments())
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one document must not stop the sweep for the others
        log.event(f"left for the next sweep: {type(error).__name__}: {error}", "ERROR")
        return False
    return True

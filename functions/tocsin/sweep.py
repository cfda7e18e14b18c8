"""Every minute: whatever was due and did not happen happens now, from the documents alone.

It needs no timer and no queue: with both gone everybody is still paged, a minute late. Running twice, or at the same
time as what it repairs, is harmless.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from tocsin import log, spill
from tocsin.domain.incident import Status
from tocsin.errors import TocsinError
from tocsin.escalate import Timer, escalate
from tocsin.notify import notify
from tocsin.reply import Text, text
from tocsin.route import arrived

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store
    from tocsin.clients.twilio import Twilio
    from tocsin.moment import Moment

GRACE = timedelta(seconds=5)
"""What the queue may be late before the sweep steps in."""

_LOOK_BACK = timedelta(hours=1)
_MOST = 200


@dataclass(frozen=True)
class Swept:
    """How much was put right; anything but zeros means that something else failed."""

    spilled: int
    notifications: int
    timers: int
    replies: int
    failures: int


def sweep(store: Store, tasks: Tasks, twilio: Twilio, moment: Moment) -> Swept:
    """Go through everything overdue, oldest first; one that fails does not hold up the others."""
    before = moment.now - GRACE
    kept = spill.waiting(store, moment.now, _MOST)
    routed = [_tried(partial(_route, identity, one, store, tasks, moment)) for identity, one in kept]
    late = store.query("notifications", ("next_at", "<=", before), order_by="next_at", limit=_MOST)
    overdue = store.query("incidents", ("next_at", "<=", before), order_by="next_at", limit=_MOST)
    timers = [Timer(one, data["generation"], data["level"]) for one, data in overdue]
    sent = [_tried(partial(notify, one, store, tasks, twilio, moment)) for one, _ in late]
    fired = [_tried(partial(escalate, timer, store, tasks, moment)) for timer in timers]
    heard = _missed_replies(store, tasks, twilio, moment)
    failures = [*routed, *sent, *fired, *heard].count(False)
    swept = Swept(routed.count(True), sent.count(True), fired.count(True), heard.count(True), failures)
    log.event("swept", "WARNING" if any(asdict(swept).values()) else "INFO", **asdict(swept))
    return swept


def _route(identity: str, kept: dict[str, Any], store: Store, tasks: Tasks, moment: Moment) -> None:
    """Route an event that Pub/Sub would not take; if it had taken it after all, the marker says so."""
    arrived(kept["body"].encode(), store, tasks, moment)
    spill.routed(identity, kept, store)


def _missed_replies(store: Store, tasks: Tasks, twilio: Twilio, moment: Moment) -> list[bool]:
    """Apply the texts whose webhook was lost; Twilio is only asked while there is something to answer."""
    since = moment.now - _LOOK_BACK
    paged = store.query("notifications", ("claimed_at", ">", since), limit=1)
    alive = (Status.TRIGGERED, Status.ACKNOWLEDGED)
    if not paged and not any(store.query("incidents", ("status", "==", one.value), limit=1) for one in alive):
        return []
    try:
        received = twilio.inbound(since)
    except TocsinError as error:
        log.event(f"the list of texts could not be read: {error}", "WARNING")
        return [False]
    missed = [one for one in received if one.at <= moment.now - GRACE and not store.get(f"inbound/{one.sid}")]
    known = {user.phone for user in moment.config.users.values()}
    return [
        _tried(partial(_answer, Text(one.sid, one.sender, one.body, one.at), store, tasks, twilio, moment))
        for one in missed
        if one.sender in known
    ]


def _answer(received: Text, store: Store, tasks: Tasks, twilio: Twilio, moment: Moment) -> None:
    if words := text(received, store, tasks, moment):
        twilio.answer(received.sender, words)


def _tried(work: Callable[[], object]) -> bool:
    try:
        work()
    except TocsinError as error:
        log.event(f"left for the next sweep: {error}", "ERROR")
        return False
    return True

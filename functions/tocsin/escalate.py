"""A timer fired: the next level is paged, or what was acknowledged is triggered again; a stale one does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin import circles, log, outbox
from tocsin.domain.escalation import Fired, fire, resume
from tocsin.domain.escalation import escalate as next_level
from tocsin.domain.flapping import settled
from tocsin.domain.identity import is_id
from tocsin.domain.incident import Due, Incident
from tocsin.domain.notification import State
from tocsin.domain.values import dataclass
from tocsin.errors import Malformed, Unavailable
from tocsin.records import from_document

if TYPE_CHECKING:
    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction
    from tocsin.moment import Moment


@dataclass(frozen=True)
class Timer:
    """What a timer carries: it means nothing once the incident has another generation or level."""

    incident: str
    generation: int
    level: int

    @classmethod
    def of(cls, task: dict[str, Any]) -> Timer:
        """Read a task; raises Malformed for what is none."""
        incident, generation, level = task.get("incident"), task.get("generation"), task.get("level")
        if not isinstance(incident, str) or not is_id(incident):
            raise Malformed("this task names no incident")
        if not isinstance(generation, int) or not isinstance(level, int):
            raise Malformed("this task names no generation and level")
        return cls(incident, generation, level)


def escalate(timer: Timer, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Act on a timer and say what it did."""
    fired, reason, found = circles.evenly(store, lambda tx, *, even: _fire(tx, timer, moment, even=even))
    if found and fired is Fired.EARLY and found.next_at:
        outbox.set_timer(tasks, found, found.next_at)
    elif (
        found and fired is not Fired.ANSWERED and not outbox.flush(tasks, found, moment.now, _dues(fired, found, store))
    ):
        raise Unavailable("the escalation is saved, but its pages could not be queued")
    log.event(f"{fired}: {reason}", incident=timer.incident)
    return f"{fired}: {reason}"


def _dues(fired: Fired, incident: Incident, store: Store) -> tuple[Due, ...] | None:
    """Give what to ask for: everything after an escalation, and after a stale timer the pages that nobody has begun.

    A stale timer may be the repeat of one that died before it had queued its pages. It never sets another timer: a
    queue that delivers twice would otherwise double them at every level.
    """
    if fired in {Fired.ESCALATED, Fired.RESUMED}:
        return None
    paged = [(due, store.get(f"notifications/{due.notification}")) for due in incident.outbox if due.notification]
    return tuple(due for due, one in paged if one and one["state"] == State.PENDING)


def _fire(tx: Transaction, timer: Timer, moment: Moment, *, even: bool) -> tuple[Fired, str, Incident | None]:
    document = tx.get(f"incidents/{timer.incident}")
    if not document:
        return Fired.STALE, "there is no such incident", None
    found = from_document(Incident, document)
    fired, reason = fire(found, timer.generation, timer.level, moment.now)
    if fired is Fired.SETTLED:
        outbox.save(tx, settled(found, moment.now))
    if fired not in {Fired.ESCALATED, Fired.RESUMED}:
        return fired, reason, found
    rule = next_level if fired is Fired.ESCALATED else resume
    paged = circles.in_turn(tx, found, lambda one: rule(one, moment.config, moment.now), even=even)
    outbox.save(tx, paged)
    return fired, reason, paged

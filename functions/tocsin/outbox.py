"""Saved first, sent second: what a change demands is committed with it, and whoever comes next repairs a crash.

A notification that is not finished and an incident whose timer is set carry `next_at`, so the sweep finds both without
any task; the tasks only make it quick. Asking for the same thing twice is harmless: the second one finds it done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import circles, log
from tocsin.domain.config import Urgency
from tocsin.domain.values import dataclass, replace
from tocsin.errors import Unavailable
from tocsin.records import to_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Transaction
    from tocsin.domain.incident import Due, Incident


@dataclass(frozen=True)
class Change:
    """An incident that was changed, and what this has added to its outbox."""

    incident: Incident
    dues: tuple[Due, ...]


def change(tx: Transaction, known: Iterable[Incident], changed: Sequence[Incident]) -> tuple[Change, ...]:
    """Write what was changed, and say what each asks for beyond what was asked for when the `known` were written."""
    before = {one.id: one for one in known}
    for one in changed:
        save(tx, one)
    return tuple(Change(one, _added(before[one.id], one)) for one in changed)


def _added(before: Incident, after: Incident) -> tuple[Due, ...]:
    """Give the pages that are new, and the timer if it has another time, or another generation or level."""
    made = {one.id for one in after.new}
    stays = (before.generation, before.level, before.next_at) == (after.generation, after.level, after.next_at)
    return tuple(due for due in after.outbox if (due.notification in made if due.notification else not stays))


def save(tx: Transaction, incident: Incident) -> None:
    """Write the incident and, as documents of their own, the notifications the change makes."""
    for notification in incident.new:
        kept = replace(notification, expires_at=notification.due + incident.retention)
        tx.create(f"notifications/{notification.id}", to_document(kept))
    circles.keep(tx, incident)
    document = to_document(replace(incident, new=(), circles={}, drawn=""))
    for inner in ("new", "circles", "drawn"):
        document.pop(inner, None)
    tx.put(f"incidents/{incident.id}", {**document, "expires_at": incident.expires_at})


def flush(tasks: Tasks, incident: Incident, now: datetime, dues: tuple[Due, ...] | None = None) -> bool:
    """Ask for everything in the outbox, or for `dues`; False when the queue refuses, and the sweep will see to it."""
    try:
        for due in incident.outbox if dues is None else dues:
            if due.notification:
                body = {"notification": due.notification}
                tasks.create("notify", body, _later(due.at, now), urgent=is_pressing(incident))
            else:
                set_timer(tasks, incident, due.at)
    except Unavailable as error:
        log.event(f"timers not set: {error}", "WARNING", incident=incident.id)
        return False
    return True


def set_timer(tasks: Tasks, incident: Incident, at: datetime) -> None:
    """Ask for the escalation; the timer carries what it was made for and does nothing once that has passed."""
    body = {"incident": incident.id, "generation": incident.generation, "level": incident.level}
    tasks.create("escalate", body, at, urgent=is_pressing(incident))


def is_pressing(incident: Incident) -> bool:
    """Say whether what an incident asks for goes before what others do: it is urgent, and this is no repeat.

    A repeat begins when each of its levels has been asked once since it is urgent; those who are meant then know of it.
    """
    asked = incident.step - incident.raised_step
    return incident.urgency is Urgency.HIGH and asked <= max(1, len(incident.levels))


def _later(at: datetime, now: datetime) -> datetime | None:
    return at if at > now else None

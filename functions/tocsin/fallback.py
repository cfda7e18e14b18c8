"""A channel failed: the person's next one is tried at once, and when a whole level is out of reach, the next level."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin import outbox
from tocsin.domain.incident import Due, Incident, unneeded
from tocsin.domain.notification import Notification, State, failed, hastened, otherwise
from tocsin.domain.values import replace
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tocsin.clients.store import Transaction

_SOON = timedelta(minutes=1)

Failed = tuple[Notification, Incident, tuple[Due, ...]]


def fail(
    tx: Transaction, notification: Notification, incident: Incident, why: str, now: datetime, *, provider: bool = False
) -> Failed:
    """Write the failure and what follows from it; gives both as they are now, and what has to be asked for.

    `provider` says that not the person but the provider is out of reach: then nobody is given up because of it.
    """
    beside = tuple(due.notification for due in incident.outbox if due.notification not in {"", notification.id})
    spare = otherwise(notification, now)
    # What stood in for somebody else's failed channel counts as well: that person may be answering just now.
    stand_ins = {f"{one}-{channel}" for one in (*beside, notification.id) for channel in ("sms", "voice")}
    read = {one.id: one for one in _read(tx, {*notification.then, *_before(notification), *beside, *stand_ins})}
    ended = failed(notification, now, why)
    tx.put(f"notifications/{ended.id}", to_document(ended))
    if unneeded(incident, notification):
        return ended, incident, ()
    for identity in notification.then:
        following = read.get(identity)
        if following and following.state is State.PENDING:
            tx.put(f"notifications/{identity}", to_document(hastened(following, now, f"{notification.channel} failed")))
            return ended, incident, (Due(now, identity),)
    others = [one for one in read.values() if one.id != ended.id]
    if _is_over(ended, incident) or any(one.user == ended.user and one.state is not State.FAILED for one in others):
        return ended, incident, ()
    if spare.channel not in {one.channel for one in read.values() if one.user == ended.user}:
        tx.create(f"notifications/{spare.id}", to_document(spare))
        return ended, incident, (Due(now, spare.id),)
    if notification.beside:
        left = tuple(one for one in incident.asked if one != ended.user)
        alarm = f"{ended.user_name}, who was asked, could not be paged: {why}"
        changed = replace(incident, asked=left).noting(now, "alarm", alarm)
        outbox.save(tx, changed)
        return ended, changed, ()
    changed = _soon(incident, ended, now) if provider else _stranded(incident, ended, others, now)
    outbox.save(tx, changed)
    return ended, changed, (Due(changed.next_at),) if changed.next_at and changed.next_at != incident.next_at else ()


def _is_over(page: Notification, incident: Incident) -> bool:
    """Say whether others have been paged since; steps of before a merge do not compare, and levels do."""
    if page.beside or page.step == incident.step:
        return False
    return incident.step != incident.merged_step or page.level != incident.level


def _before(notification: Notification) -> set[str]:
    """Give the ids of what was to reach somebody who was asked, up to this: the outbox may not know them any more."""
    page, _, number = notification.id.rpartition(f"-{notification.user}-")
    numbers = range(1, int(number.partition("-")[0]) + 1) if notification.beside else ()
    return {f"{page}-{notification.user}-{one}" for one in numbers}


def hasten(tx: Transaction, notification: Notification, why: str, now: datetime) -> tuple[Due, ...]:
    """Bring the person's next notification forward, if there is one; called before anything else is written."""
    for following in _read(tx, notification.then):
        if following.state is State.PENDING and following.due > now:
            tx.put(f"notifications/{following.id}", to_document(hastened(following, now, why)))
            return (Due(now, following.id),)
    return ()


def _soon(incident: Incident, ended: Notification, now: datetime) -> Incident:
    """Sound the alarm for a provider that does not answer; somebody is paged again in a minute, not when it is due."""
    alarmed = incident.noting(now, "alarm", f"{ended.user_name} could not be paged: the provider does not answer")
    return replace(alarmed, next_at=min(incident.next_at or now, now + _SOON))


def _stranded(incident: Incident, ended: Notification, beside: list[Notification], now: datetime) -> Incident:
    """Sound the alarm for somebody no channel is left for; if that was the last hope of the level, go on at once."""
    alarmed = incident.noting(now, "alarm", f"{ended.user_name} can't be reached: no channel is left")
    alarmed = replace(alarmed, out_of_reach=tuple(sorted({*alarmed.out_of_reach, ended.user})))
    hopeless = all(one.state is State.FAILED for one in beside)
    on_levels = incident.level <= len(incident.levels)
    return replace(alarmed, next_at=now) if hopeless and on_levels else alarmed


def _read(tx: Transaction, identities: Iterable[str]) -> list[Notification]:
    found = (tx.get(f"notifications/{identity}") for identity in sorted(identities))
    return [from_document(Notification, one) for one in found if one]

"""A digest says at once what waited for its turn at a phone; those it speaks for share what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import fallback
from tocsin.domain import caps, wording
from tocsin.domain import notification as rules
from tocsin.domain.incident import Due, Incident, unneeded
from tocsin.domain.notification import LOOK_AGAIN, MOST_TRIES, Notification, State, Verdict, path
from tocsin.domain.thrift import Thrift
from tocsin.domain.values import dataclass, replace
from tocsin.follow import about
from tocsin.look import Look, give_up, put
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tocsin.clients.store import Store, Transaction, Where
    from tocsin.domain.phone import Phone
    from tocsin.fallback import Failed

MOST = 100
"""How many pages one digest speaks for: each costs three of the 500 writes of a commit. The others wait once more."""

_FINISHED = frozenset({State.SENT, State.FAILED, State.DROPPED})
_TOLD = frozenset({State.SENDING, State.UNKNOWN, State.SENT})


@dataclass(frozen=True)
class Told:
    """What else a page speaks for: each notification with its incident; `left` are those that must wait once more."""

    pages: tuple[tuple[Notification, Incident], ...] = ()
    unneeded: tuple[Notification, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Give every incident once."""
        return tuple({incident.id: incident for _, incident in self.pages}.values())

    @property
    def steps(self) -> dict[str, int]:
        """Give the last step that each incident is told of here."""
        in_order = sorted(self.pages, key=lambda page: page[0].step)
        return {incident.id: one.step for one, incident in in_order}


def waiting(notification: Notification, number: str, phone: Phone, store: Store, now: datetime) -> tuple[str, ...]:
    """Give those that wait for their turn at the same phone, and at least one more than a page can speak for.

    They are not asked for where none can be: by what has to wait itself, or had a turn and came too early.
    """
    if notification.tries or notification.carried or notification.channel not in phone.turn:
        return ()
    if not notification.held and caps.free_at(phone.pages(notification.channel), notification.channel, now) > now:
        return ()
    found = store.query("notifications", ("number", "==", number), ("held", "==", notification.channel), limit=MOST + 2)
    return tuple(identity for identity, _ in found if identity != notification.id)


def knows(
    notification: Notification, number: str, phone: Phone, store: Store, now: datetime, thrift: Thrift = Thrift.NONE
) -> bool:
    """Say whether a phone was paged about the incident at an earlier step; asked only where that makes a difference."""
    sent = phone.pages(notification.channel)
    free = caps.free_at(sent, notification.channel, now)
    kept = caps.free_at(sent, notification.channel, now, repeat=True, thrift=thrift)
    if kept <= free or notification.step == 1 or notification.tries:
        return False
    mine: Where = ("incident", "==", notification.incident)
    found = store.query("notifications", mine, ("number", "==", number), limit=MOST)
    return any(one["step"] < notification.step and one["state"] in _TOLD for _, one in found)


def gather(tx: Transaction, others: tuple[str, ...], now: datetime) -> Told:
    """Read those that wait; what nobody needs any more is told apart."""
    read = [from_document(Notification, tx.get(path(one)) or {}) for one in others[:MOST]]
    held = [one for one in read if one.state is State.PENDING and one.held]
    incidents = {one.id: about(tx, one) for one in held}
    reasons = {one.id: unneeded(incidents[one.id], one) for one in held}
    return Told(
        tuple((one, incidents[one.id]) for one in held if not reasons[one.id]),
        tuple(rules.dropped(one, now, reasons[one.id]) for one in held if reasons[one.id]),
        others[MOST:],
    )


def speaking(leader: Notification, incident: Incident, told: Told) -> Notification:
    """Give the page that speaks for the others as well; it is a digest if they are about another incident."""
    if not told.pages:
        return leader
    every = {one.id: one for one in (incident, *told.incidents)}
    carried = tuple(one.id for one, _ in told.pages)
    words = wording.digest(list(every.values()), leader.zone) if len(every) > 1 else ""
    return replace(leader, carried=carried, digest=words)


def carry(tx: Transaction, leader: Notification, told: Told, now: datetime) -> None:
    """Write of each of the others who speaks for it."""
    why = f"by the {leader.channel} with the code {leader.code}, beside {len(told.pages)} more"
    for one, _ in told.pages:
        tx.put(path(one.id), to_document(rules.carried(one, leader.id, now, why)))
    for one in told.unneeded:
        tx.put(path(one.id), to_document(one))


def fate(tx: Transaction, notification: Notification, incident: Incident, now: datetime) -> Look | None:
    """Let a page share what became of the one that speaks for it; None if it has to speak for itself again."""
    found = tx.get(path(notification.carrier))
    carrier = from_document(Notification, found) if found else None
    if not carrier or carrier.state is State.DROPPED:
        return None
    if carrier.state is State.SENT:
        why = f"by the {carrier.channel} with the code {carrier.code}"
        return put(tx, rules.sent(notification, carrier.sid, now, why), incident, Verdict.DONE)
    if carrier.state is State.FAILED:
        why, provider = carrier.history[-1].why, carrier.tries >= MOST_TRIES
        return give_up(tx, notification, incident, why, now, provider=provider)
    if notification.next_at and now < notification.next_at:
        return Look(Verdict.BUSY, "another page speaks for it", notification, incident)
    later = replace(notification, next_at=max(carrier.next_at or now, now) + LOOK_AGAIN)
    tx.put(path(later.id), to_document(later))
    return Look(Verdict.BUSY, "another page speaks for it", later, incident, (Due(later.next_at or now, later.id),))


def shared(leader: Notification, now: datetime) -> tuple[Due, ...]:
    """Ask for those a page spoke for, once it is known what became of it."""
    return tuple(Due(now, one) for one in leader.carried) if leader.state in _FINISHED else ()


def next_turn(waited: Notification, others: tuple[str, ...], now: datetime) -> tuple[Due, ...]:
    """Give the turn of a page that waited, and that nobody needs any more, to another one that waits."""
    return (Due(now, others[0]),) if waited.held and others else ()


def fail_carried(leader: Notification, why: str, store: Store, now: datetime) -> Iterator[Failed]:
    """Record, one by one, that a page that was sent has not arrived for those it spoke for either."""
    for identity in leader.carried:
        if failed := store.transact(lambda tx, one=identity: _fail(tx, one, leader.id, why, now)):  # type: ignore[misc]
            yield failed


def _fail(tx: Transaction, identity: str, leader: str, why: str, now: datetime) -> Failed | None:
    one = from_document(Notification, tx.get(path(identity)) or {})
    incident = about(tx, one)
    shares = one.carrier == leader and one.state in {State.PENDING, State.SENT}
    return fallback.fail(tx, one, incident, why, now) if shares else None

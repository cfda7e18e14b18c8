"""Sends what was claimed and records the answer; what was claimed is recorded only by its owner."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin import fallback, log
from tocsin.domain import breaker, phone
from tocsin.domain import notification as rules
from tocsin.domain.breaker import Breaker
from tocsin.domain.incident import Due, Incident
from tocsin.domain.notification import Notification, State, Verdict
from tocsin.domain.phone import Phone
from tocsin.domain.values import replace
from tocsin.errors import DEFECTS, TocsinError, Unavailable, Uncertain, Undeliverable
from tocsin.evidence import channel
from tocsin.follow import about
from tocsin.look import Look, give_up, put
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.clients.store import Store, Transaction
    from tocsin.clients.twilio import Twilio
    from tocsin.moment import Moment

_OPTED_OUT = 21610
_PATIENT_REFUSALS = 3
_LONGEST_WAIT = timedelta(seconds=30)


def send(look: Look, store: Store, twilio: Twilio, moment: Moment) -> Look:
    """Call the provider, record the answer, and remember whether the channel works."""
    mine = look.notification
    try:
        sid = channel(mine).send(look.incident, mine, twilio, again=mine.tries > 1)
    except (Undeliverable, *DEFECTS) as error:
        refusal = error if isinstance(error, Undeliverable) else Undeliverable(f"our own mistake: {error!r}")
        answered = _record(look, store, lambda tx, one: _refused(tx, one, refusal, moment))
    except Uncertain as error:
        doubt = error
        answered = _record(look, store, lambda tx, one: _in_doubt(tx, one, look.incident, doubt, moment))
        return _judged(answered, store, moment, failed=True)
    except Unavailable as error:
        patience = error
        answered = _record(look, store, lambda tx, one: _postpone(tx, one, patience, moment))
        return _judged(answered, store, moment, failed=True)
    else:
        beside = f", with {len(mine.carried)} more" if mine.carried else ""
        sent = rules.sent(mine, sid, moment.now, f"{mine.channel} to {mine.user_name}, code {mine.code}{beside}")
        answered = _record(look, store, lambda tx, _: put(tx, sent, look.incident, Verdict.SEND))
    return _judged(answered, store, moment, failed=False) if look.channel != Breaker() else answered


def _record(look: Look, store: Store, write: Callable[[Transaction, Notification], Look]) -> Look:
    """Write what became of a claim, unless a callback or a later claimer has done so."""

    def rule(tx: Transaction) -> Look:
        one = from_document(Notification, tx.get(rules.path(look.notification.id)) or {})
        if one.owner != look.notification.owner or one.state is not State.SENDING:
            return Look(Verdict.DONE, f"recorded by another: it is {one.state}", one, look.incident)
        return write(tx, one)

    recorded = store.transact(rule)
    return replace(recorded, follows=(*look.follows, *recorded.follows))


def _judged(look: Look, store: Store, moment: Moment, *, failed: bool) -> Look:
    """Count it for the channel or against it; a breaker that cannot be written must not stop a page."""
    name = look.notification.channel
    where = breaker.path(name)

    def rule(tx: Transaction) -> Breaker:
        found = tx.get(where)
        known = from_document(Breaker, found) if found else Breaker()
        counted = known.failed(moment.now) if failed else Breaker()
        if counted != known:
            tx.put(where, to_document(counted))
        return counted

    try:
        counted = store.transact(rule)
    except TocsinError as error:
        log.event(f"whether {name} works could not be noted: {error}", "WARNING")
    else:
        if counted.probe_at:
            log.event(f"left alone: {name}, until {counted.probe_at:%H:%M:%S} UTC", "ERROR", failures=counted.failures)
    return look


def _in_doubt(
    tx: Transaction, notification: Notification, incident: Incident, error: Uncertain, moment: Moment
) -> Look:
    """Wait for evidence; what may not have been sent takes nobody's turn."""
    unknown = rules.lost(notification, moment.now, str(error))
    tx.put(phone.path(notification.number), to_document(_unpaged(tx, notification)))
    return put(tx, unknown, incident, Verdict.SETTLE, _due(unknown))


def _refused(tx: Transaction, notification: Notification, error: Undeliverable, moment: Moment) -> Look:
    incident = about(tx, notification)
    known = _unpaged(tx, notification)
    look = give_up(tx, notification, incident, str(error), moment.now)
    opted_out = known.opted_out or error.code == _OPTED_OUT
    tx.put(phone.path(notification.number), to_document(replace(known, opted_out=opted_out)))
    return look


def _postpone(tx: Transaction, notification: Notification, error: Unavailable, moment: Moment) -> Look:
    """Wait as asked, then longer, for as long as the page is needed: it is the provider that fails, not the person.

    After a few refusals the person's next channel is tried beside it.
    """
    incident = about(tx, notification)
    known = _unpaged(tx, notification)
    impatient = notification.refusals == _PATIENT_REFUSALS
    follows = fallback.hasten(tx, notification, str(error), moment.now) if impatient else ()
    doubled = timedelta(seconds=(error.retry_after or 1.0) * 2 ** min(notification.refusals, 5))
    later = rules.postponed(notification, moment.now, min(doubled, _LONGEST_WAIT), str(error))
    tx.put(phone.path(notification.number), to_document(known))
    return put(tx, later, incident, Verdict.EARLY, (*_due(later), *follows))


def _unpaged(tx: Transaction, notification: Notification) -> Phone:
    """Give the phone without this page: what has not gone out has taken nobody's turn."""
    found = tx.get(phone.path(notification.number))
    known = from_document(Phone, found) if found else Phone()
    return known.unpaged(notification.channel, notification.claimed_at)


def _due(notification: Notification) -> tuple[Due, ...]:
    return (Due(notification.next_at, notification.id),) if notification.next_at else ()

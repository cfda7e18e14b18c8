"""Tells, once and by a text, that a shift begins or ends, or that money runs out; never before a page."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from tocsin import log, spending
from tocsin.domain import breaker, handover, phone
from tocsin.domain.breaker import Breaker
from tocsin.domain.handover import Notice as Handover
from tocsin.domain.notification import LEASE, State
from tocsin.domain.phone import Phone
from tocsin.domain.values import dataclass, replace
from tocsin.errors import DEFECTS, Unavailable, Undeliverable
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.clients.store import Store, Transaction
    from tocsin.clients.twilio import Twilio
    from tocsin.domain import thrift
    from tocsin.moment import Moment


@dataclass(frozen=True)
class Telling:
    """How far a notice has come: `begun_at` is the first try, `claimed_at` the last; `over` says how it ended.

    Until `expires_at` it is kept.
    """

    number: str
    words: str
    begun_at: datetime
    claimed_at: datetime
    tries: int = 1
    over: str = ""
    expires_at: datetime | None = None


def tell(store: Store, twilio: Twilio, moments: Callable[[], Moment]) -> None:
    """Send what is due; when the provider is away the rest waits for the next sweep."""
    moment = moments()
    due: list[Handover | thrift.Notice] = [*handover.due(moment.config, moment.now), *spending.notices(store, moment)]
    for notice in due:
        try:
            _tell(notice, store, twilio, moments())
        except Unavailable as error:
            log.event(f"notices wait for the next sweep: {error}", "WARNING", notice=notice.id)
            return
        except DEFECTS as error:
            log.event(f"a notice is not told: {error!r}", "ERROR", notice=notice.id)


def _tell(notice: Handover | thrift.Notice, store: Store, twilio: Twilio, moment: Moment) -> None:
    path = f"notices/{notice.id}"
    known = store.get(path)
    if (known and known["over"]) or _is_paged(moment.config.users[notice.user].phone, store, moment.now):
        return
    mine = store.transact(partial(_claimed, path=path, notice=notice, moment=moment))
    if not mine:
        return
    try:
        again = mine.tries > 1 and twilio.find_text(mine.number, mine.words, mine.begun_at)
        over = f"sent as {again or twilio.answer(mine.number, mine.words)}"
    except Undeliverable as error:
        over = str(error)
    store.transact(lambda tx: tx.put(path, to_document(replace(mine, over=over))))
    log.event(f"notice: {over}", notice=notice.id)


def _is_paged(number: str, store: Store, now: datetime) -> bool:
    """Say whether a page to this number should be on its way: it goes first."""
    waiting = store.query("notifications", ("number", "==", number), ("state", "==", State.PENDING.value))
    return any(one["next_at"] and one["next_at"] <= now for _, one in waiting)


def _claimed(tx: Transaction, path: str, notice: Handover | thrift.Notice, moment: Moment) -> Telling | None:
    """Take it for this sweep, unless it has been told, another sweep is at it, or texts do not get through."""
    found, now = tx.get(path), moment.now
    known = from_document(Telling, found) if found else None
    if known and (known.over or now < known.claimed_at + LEASE):
        return None
    number = moment.config.users[notice.user].phone
    if _is_closed(tx, number, now):
        return None
    words = handover.words(notice, moment.config) if isinstance(notice, Handover) else notice.words
    new = Telling(number, words, now, now, expires_at=now + moment.config.retention)
    telling = replace(known, claimed_at=now, tries=known.tries + 1) if known else new
    tx.put(path, to_document(telling))
    return telling


def _is_closed(tx: Transaction, number: str, now: datetime) -> bool:
    """Say whether the number takes no texts from us, or no text gets through to anybody."""
    heard, channel = tx.peek(phone.path(number)), tx.peek(breaker.path("sms"))
    return bool(
        (heard and from_document(Phone, heard).opted_out) or (channel and from_document(Breaker, channel).is_open(now))
    )

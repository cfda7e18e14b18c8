"""Takes a page for one sender, if its channel works and its phone has a turn free; else it waits, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin import digest, fallback
from tocsin.domain import breaker, caps, codes, phone
from tocsin.domain import notification as rules
from tocsin.domain.breaker import Breaker
from tocsin.domain.codes import REST, Code
from tocsin.domain.config import Urgency
from tocsin.domain.incident import Due
from tocsin.domain.notification import State, Verdict
from tocsin.domain.phone import Phone
from tocsin.domain.quiet import reaches
from tocsin.domain.thrift import Thrift
from tocsin.domain.values import dataclass, replace
from tocsin.errors import Unavailable
from tocsin.look import Look, give_up, put
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.store import Transaction
    from tocsin.digest import Told
    from tocsin.domain.incident import Incident
    from tocsin.domain.notification import Notification
    from tocsin.moment import Moment

_SAVED = "the month's budget runs out, and this can wait: it will be in a digest"
_QUIET = "quiet hours, and this can wait"
_OPTED_OUT = "the number has opted out of texts with STOP; only a START from that phone undoes it"


@dataclass(frozen=True)
class Waiting:
    """The phone to page, as it was a moment ago, and the pages that wait for their turn there.

    `knows` says that it was paged about the incident before, by itself or in a digest: this is no news to it. `thrift`
    says how much has to be saved.
    """

    number: str
    phone: Phone
    others: tuple[str, ...]
    knows: bool = False
    thrift: Thrift = Thrift.NONE


def claim(
    tx: Transaction, page: Notification, incident: Incident, waiting: Waiting, owner: str, moment: Moment
) -> Look:
    """Claim it, or let it wait."""
    page, now = replace(page, number=waiting.number), moment.now
    if page.channel == "sms" and waiting.phone.opted_out:
        return give_up(tx, page, incident, _OPTED_OUT, now)
    channel = _breaker(tx.peek(breaker.path(page.channel)))
    if channel.is_open(now):
        return _wait(tx, page, incident, channel, now)
    if page.tries or _is_a_test(incident, moment):
        return _take(tx, page, incident, waiting, channel, owner, now)
    # A digest that was put off may speak for what cannot wait.
    if not page.carried and now < (morning := _awake(page, incident, moment)):
        later = rules.waiting(page, morning, now, _QUIET)
        return put(tx, later, incident, Verdict.EARLY, (Due(morning, later.id),))
    thrift = waiting.thrift if waiting.knows or incident.urgency is Urgency.LOW else Thrift.NONE
    free = _free_at(page, waiting.phone, now, thrift, knows=waiting.knows)
    if free <= now:
        # What was read may be a moment old: somebody else can have taken the turn.
        free = _free_at(page, _phone(tx.get(phone.path(page.number))), now, thrift, knows=waiting.knows)
    if now < free:
        why = _SAVED if thrift else f"this phone has had its share by {page.channel} for now"
        return _hold(tx, page, incident, waiting.phone, free, now, why)
    return _take(tx, page, incident, waiting, channel, owner, now)


def _awake(page: Notification, incident: Incident, moment: Moment) -> datetime:
    """Give when it may reach its person: an outage, or a channel that failed, may have brought it into quiet hours."""
    user = moment.config.users.get(page.user)
    return reaches(user, incident.urgency, moment.now) if user else moment.now


def _is_a_test(incident: Incident, moment: Moment) -> bool:
    """Say whether it is a test page, or the canary, which nobody is woken by."""
    return incident.is_test or _is_the_canary(incident, moment)


def _is_the_canary(incident: Incident, moment: Moment) -> bool:
    return moment.config.canary is not None and incident.integration == moment.config.canary.integration


def _free_at(page: Notification, known: Phone, now: datetime, thrift: Thrift, *, knows: bool) -> datetime:
    """Give when the phone may be paged; a repeat leaves room for what is new."""
    return caps.free_at(known.pages(page.channel), page.channel, now, repeat=knows, thrift=thrift)


def _wait(tx: Transaction, page: Notification, incident: Incident, channel: Breaker, now: datetime) -> Look:
    """Wait for a channel that fails; meanwhile the person's next one is tried."""
    until = channel.probe_at or now
    why = f"{page.channel} fails since {channel.since or now:%H:%M:%S} UTC"
    hastened = fallback.hasten(tx, page, why, now)
    later = rules.waiting(page, until, now, why)
    return put(tx, later, incident, Verdict.EARLY, (Due(until, later.id), *hastened))


def _hold(
    tx: Transaction, page: Notification, incident: Incident, known: Phone, free: datetime, now: datetime, why: str
) -> Look:
    """Let it wait for its turn; the first of those that wait has a task for it, and speaks for all of them."""
    later = rules.held(page, free, now, why)
    if page.carried:  # nobody speaks for a digest that was put off, and it speaks for nobody new
        return put(tx, later, incident, Verdict.EARLY, (Due(free, later.id),))
    turn = known.turn.get(page.channel)
    if turn and now < turn <= free:
        return put(tx, later, incident, Verdict.EARLY)
    where = phone.path(page.number)
    tx.put(where, to_document(_phone(tx.get(where)).turning(page.channel, free)))
    return put(tx, later, incident, Verdict.EARLY, (Due(free, later.id),))


def _take(
    tx: Transaction,
    page: Notification,
    incident: Incident,
    waiting: Waiting,
    channel: Breaker,
    owner: str,
    now: datetime,
) -> Look:
    where = phone.path(page.number)
    known = _phone(tx.get(where))
    if channel.probe_at:
        channel = _breaker(tx.get(breaker.path(page.channel)))
    # A test page takes nobody's turn, and speaks for nobody else.
    told = digest.gather(tx, () if incident.is_test else waiting.others, now)
    spoken = digest.speaking(page, incident, told)
    code = _code(tx, spoken, incident, told, now)
    claimed = rules.claim(spoken, owner, code.code, now)
    if page.state is State.SENDING:
        known = known.unpaged(page.channel, page.claimed_at)  # whoever claimed it before has died with it
    paged, follows = (known, ()) if incident.is_test else _turned(known.paging(page.channel, now), page, told, now)
    digest.carry(tx, claimed, told, now)
    if channel.probe_at:
        tx.put(breaker.path(page.channel), to_document(channel.probing(now)))
    tx.put(where, to_document(paged))
    tx.put(codes.path(code.number, code.code), to_document(code))
    tx.put(rules.path(claimed.id), to_document(claimed))
    return Look(Verdict.SEND, "claimed", claimed, incident, follows, channel)


def _turned(paged: Phone, page: Notification, told: Told, now: datetime) -> tuple[Phone, tuple[Due, ...]]:
    """Give the next turn to one of those that must wait once more, or to nobody."""
    if page.tries or page.carried:
        return paged, ()
    if not told.left:
        return paged.turning(page.channel, None), ()
    turn = caps.free_at(paged.pages(page.channel), page.channel, now)
    return paged.turning(page.channel, turn), (Due(turn, told.left[0]),)


def _code(tx: Transaction, page: Notification, incident: Incident, told: Told, now: datetime) -> Code:
    """Give the code of the incident, or of the digest, on this phone: the one it has, or the first that is free."""
    about, nonce = (page.id, f"{incident.nonce}|{page.id}") if page.digest else (incident.id, incident.nonce)
    steps = told.steps | {incident.id: max(page.step, told.steps.get(incident.id, 0))}
    for code in codes.candidates(nonce, page.number):
        found = tx.get(codes.path(page.number, code))
        taken = from_document(Code, found) if found else None
        if codes.free(taken, about, now):
            known = taken if taken and taken.about == about else None
            since, before = (known.since, known.steps) if known else (now, {})
            until = max(known.until, now + REST) if known else now + REST  # a snooze may need it for longer
            last = {one: max(step, before.get(one, 0)) for one, step in steps.items()}
            return Code(page.number, code, about, {**before, **last}, page.user, until, since)
    raise Unavailable("every code tried for this phone is taken: more than 10,000 pages in 72 hours?")


def _phone(document: dict[str, Any] | None) -> Phone:
    return from_document(Phone, document) if document else Phone()


def _breaker(document: dict[str, Any] | None) -> Breaker:
    return from_document(Breaker, document) if document else Breaker()

"""One notification, one person, one channel: claimed, sent, recorded; dropped if somebody has answered already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin import digest, log, outbox, spending
from tocsin.claim import Waiting, claim
from tocsin.domain import breaker, codes
from tocsin.domain import notification as rules
from tocsin.domain import phone as phones
from tocsin.domain.breaker import Breaker
from tocsin.domain.identity import is_id
from tocsin.domain.incident import Due, unneeded
from tocsin.domain.notification import Notification, State, Verdict
from tocsin.domain.phone import Phone
from tocsin.domain.values import dataclass, replace
from tocsin.errors import Malformed, Uncertain
from tocsin.evidence import evidence
from tocsin.follow import about
from tocsin.look import Look, give_up, put
from tocsin.records import from_document
from tocsin.send import send

if TYPE_CHECKING:
    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Data, Store, Transaction
    from tocsin.clients.twilio import Twilio
    from tocsin.moment import Moment


@dataclass(frozen=True)
class Gathered:
    """What was found out before: the id of a send that was lost, and the phone with those that wait for their turn.

    `paths` name the documents that a claim reads: all of them in one trip, since each costs a person milliseconds.
    """

    sid: str | None
    waiting: Waiting
    paths: tuple[str, ...]


def due(task: dict[str, Any], store: Store, tasks: Tasks, twilio: Twilio, moment: Moment) -> str:
    """Act on a task; raises Malformed for what is none."""
    identity = task.get("notification")
    if not isinstance(identity, str) or not is_id(identity):
        raise Malformed("this task names no notification")
    return notify(identity, store, tasks, twilio, moment)


def notify(identity: str, store: Store, tasks: Tasks, twilio: Twilio, moment: Moment) -> str:
    """Do what is due about one notification, whoever asks and however often, and say what that was."""
    document = store.get(rules.path(identity))
    if not document:
        return "there is no such notification"
    look = _claimed(identity, _gather(from_document(Notification, document), store, twilio, moment), store, moment)
    if look.verdict is Verdict.SEND:
        look = send(look, store, twilio, moment)
    follows = (*look.follows, *digest.shared(look.notification, moment.now))
    outbox.flush(tasks, look.incident, moment.now, follows)
    log.event(
        f"{look.verdict}: {look.reason}", notification=identity, incident=look.incident.id, **_waited(look, moment)
    )
    return f"{look.verdict}: {look.reason}"


def _waited(look: Look, moment: Moment) -> dict[str, Any]:
    """Give, of a page that was sent, how many seconds after it was due, and at which try.

    Of one that was due when its incident was opened, and had no turn at a phone to wait for, also the seconds since its
    alert was accepted: how long the way of a page is.
    """
    page = look.notification
    if look.verdict is not Verdict.SEND:
        return {}
    waited = {"waited": round((moment.now - page.due).total_seconds(), 3), "tries": page.tries}
    if page.due > look.incident.opened_at or any(one.what == "held" for one in page.history):
        return waited
    return waited | {"since_accepted": round((moment.now - look.incident.triggered_at).total_seconds(), 3)}


def _gather(notification: Notification, store: Store, twilio: Twilio, moment: Moment) -> Gathered:
    sid = evidence(notification, store, twilio, moment)
    user = moment.config.users.get(notification.user)
    # A phone can change after a page was planned; what speaks for others, or may have been sent, keeps the old one.
    number = user.phone if user and not notification.tries and not notification.carried else notification.number
    where, incident = phones.path(number), f"incidents/{notification.incident}"
    found, about_it = store.transact(lambda tx: _together(tx, where, incident))
    phone = from_document(Phone, found) if found else Phone()
    waiting, thrift = digest.waiting(notification, number, phone, store, moment.now), spending.saving(store, moment)
    knows = digest.knows(notification, number, phone, store, moment.now, thrift)
    code = next(codes.candidates(about_it["nonce"], number)) if about_it else ""
    paths = (rules.path(notification.id), incident, where, codes.path(number, code), breaker.path(notification.channel))
    return Gathered(sid, Waiting(number, phone, waiting, knows, thrift), paths)


def _together(tx: Transaction, *paths: str) -> tuple[Data | None, ...]:
    tx.ahead(*paths)
    return tuple(tx.get(path) for path in paths)


def _claimed(identity: str, gathered: Gathered, store: Store, moment: Moment) -> Look:
    owner = moment.new_id()
    try:
        return store.transact(lambda tx: _decide(tx, identity, gathered, owner, moment))
    except Uncertain:
        # The commit's answer was lost. If the document carries our token, the claim is ours and nobody else's.
        notification = from_document(Notification, store.get(rules.path(identity)) or {})
        if notification.owner != owner:
            raise
        incident = about(store, notification)
        # How the channel was is not known any more: that it works is noted once too often.
        return Look(Verdict.SEND, "claimed", notification, incident, channel=Breaker(failures=1))


def _decide(tx: Transaction, identity: str, gathered: Gathered, owner: str, moment: Moment) -> Look:
    tx.ahead(*gathered.paths)
    notification = from_document(Notification, tx.get(rules.path(identity)) or {})
    incident = about(tx, notification)
    now = moment.now
    if notification.carrier and notification.state is State.PENDING:
        if shared := digest.fate(tx, notification, incident, now):
            return shared
        notification = replace(notification, carrier="", next_at=now)
    verdict = rules.look(notification, now)
    if verdict in {Verdict.DONE, Verdict.BUSY}:
        return Look(verdict, f"it is {notification.state}", notification, incident)
    if verdict is Verdict.SETTLE and gathered.sid:
        return put(tx, rules.sent(notification, gathered.sid, now, "found at the provider"), incident, Verdict.DONE)
    if reason := unneeded(incident, notification):
        dropped = rules.dropped(notification, now, reason)
        return put(tx, dropped, incident, Verdict.DROP, digest.next_turn(notification, gathered.waiting.others, now))
    if verdict is Verdict.EARLY:
        return Look(verdict, "set again", notification, incident, _again(notification))
    if verdict is Verdict.SETTLE:
        verdict = rules.after_silence(notification, now)
    if verdict is Verdict.SETTLE:
        waiting = rules.lost(notification, now, "no answer to the send, no evidence of it yet")
        return put(tx, waiting, incident, verdict, (Due(waiting.next_at or now, identity),))
    if verdict is Verdict.GIVE_UP:
        return give_up(tx, notification, incident, "sent three times without any answer", now, provider=True)
    return claim(tx, notification, incident, gathered.waiting, owner, moment)


def _again(notification: Notification) -> tuple[Due, ...]:
    """Set a task that came too early again, unless the page has another one: one for each repeat would multiply."""
    waits = notification.refusals or notification.held or notification.next_at != notification.due
    return () if waits else (Due(notification.due, notification.id),)

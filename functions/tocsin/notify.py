"""One notification, one person, one channel: claimed, sent, recorded; dropped if somebody has answered already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tocsin import fallback, log, outbox
from tocsin.domain import notification as rules
from tocsin.domain.codes import REST, Code, candidates, free, key
from tocsin.domain.identity import is_id
from tocsin.domain.incident import Due, Incident, Status
from tocsin.domain.notification import Notification, State, Verdict
from tocsin.domain.phone import Phone, path
from tocsin.errors import Malformed, Unavailable, Uncertain, Undeliverable
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction
    from tocsin.clients.twilio import Twilio
    from tocsin.moment import Moment

_OPTED_OUT = 21610
_PATIENT_REFUSALS = 3
_LONGEST_WAIT = timedelta(seconds=30)
_NEIGHBOURS = timedelta(minutes=5)


@dataclass(frozen=True)
class Look:
    """What a look at a notification led to: the verdict, its reason, both documents as they are, and what follows."""

    verdict: Verdict
    reason: str
    notification: Notification
    incident: Incident
    follows: tuple[Due, ...] = ()


def due(task: dict[str, Any], store: Store, tasks: Tasks, twilio: Twilio, moment: Moment) -> str:
    """Act on a task; raises Malformed for what is none."""
    identity = task.get("notification")
    if not isinstance(identity, str) or not is_id(identity):
        raise Malformed("this task names no notification")
    return notify(identity, store, tasks, twilio, moment)


def notify(identity: str, store: Store, tasks: Tasks, twilio: Twilio, moment: Moment) -> str:
    """Do what is due about one notification, whoever asks and however often, and say what that was."""
    document = store.get(_path(identity))
    if not document:
        return "there is no such notification"
    sid = _evidence(from_document(Notification, document), store, twilio, moment)
    look = _claim(identity, sid, store, moment)
    if look.verdict is Verdict.SEND:
        look = _send(look, store, twilio, moment)
    outbox.flush(tasks, look.incident, moment.now, look.follows)
    log.event(f"{look.verdict}: {look.reason}", notification=identity, incident=look.incident.id)
    return f"{look.verdict}: {look.reason}"


def _evidence(notification: Notification, store: Store, twilio: Twilio, moment: Moment) -> str | None:
    """Look at Twilio for a send whose answer was lost; when Twilio cannot say, there is no evidence yet."""
    if rules.look(notification, moment.now) is not Verdict.SETTLE or not notification.begun_at:
        return None
    since = notification.begun_at - _NEIGHBOURS
    near = store.query("notifications", ("number", "==", notification.number), ("claimed_at", ">=", since))
    known = {data["sid"] for _, data in near if data["sid"]}
    others = [
        data for identity, data in near if identity != notification.id and data["channel"] == notification.channel
    ]
    rivals = sum(data["tries"] - bool(data["sid"]) for data in others)  # sends whose call nobody has laid claim to
    try:
        found: str | None = _channel(notification).find(notification, twilio, known, rivals)
    except (Unavailable, Undeliverable):
        return None
    return found


def _claim(identity: str, sid: str | None, store: Store, moment: Moment) -> Look:
    owner = moment.new_id()
    try:
        return store.transact(lambda tx: _decide(tx, identity, sid, owner, moment))
    except Uncertain:
        # The commit's answer was lost. If the document carries our token, the claim is ours and nobody else's.
        notification = from_document(Notification, store.get(_path(identity)) or {})
        if notification.owner != owner:
            raise
        incident = from_document(Incident, store.get(f"incidents/{notification.incident}") or {})
        return Look(Verdict.SEND, "claimed", notification, incident)


def _decide(tx: Transaction, identity: str, sid: str | None, owner: str, moment: Moment) -> Look:
    notification = from_document(Notification, tx.get(_path(identity)) or {})
    incident = from_document(Incident, tx.get(f"incidents/{notification.incident}") or {})
    now, verdict = moment.now, rules.look(notification, moment.now)
    if verdict in {Verdict.DONE, Verdict.BUSY}:
        return Look(verdict, f"it is {notification.state}", notification, incident)
    if verdict is Verdict.SETTLE and sid:
        return _put(tx, rules.sent(notification, sid, now, "found at the provider"), incident, Verdict.DONE)
    if reason := unneeded(notification, incident):
        return _put(tx, rules.dropped(notification, now, reason), incident, Verdict.DROP)
    if verdict is Verdict.EARLY:
        # What was postponed has a task of its own; another one for each repeat of this one would multiply.
        return Look(verdict, "set again", notification, incident, () if notification.refusals else _due(notification))
    if verdict is Verdict.SETTLE:
        verdict = rules.after_silence(notification, now)
    if verdict is Verdict.SETTLE:
        waiting = rules.lost(notification, now, "no answer to the send, no evidence of it yet")
        return _put(tx, waiting, incident, verdict, (Due(waiting.next_at or now, identity),))
    if verdict is Verdict.GIVE_UP:
        why = "sent three times without any answer"
        failed, changed, follows = fallback.fail(tx, notification, incident, why, now, provider=True)
        return Look(verdict, why, failed, changed, follows)
    return _take(tx, notification, incident, owner, moment)


def unneeded(notification: Notification, incident: Incident) -> str:
    """Say why the page is not needed any more, or nothing."""
    if incident.status is not Status.TRIGGERED:
        return f"already {incident.status} by {incident.answered_by}"
    if notification.episode != incident.episode:
        return f"stale: made for episode {notification.episode}, the incident is at {incident.episode}"
    return ""


def _take(tx: Transaction, notification: Notification, incident: Incident, owner: str, moment: Moment) -> Look:
    user = moment.config.users.get(notification.user)
    if user and not notification.tries:
        notification = replace(notification, number=user.phone)  # a phone changed since the page was planned
    phone = tx.get(path(notification.number))
    if notification.channel == "sms" and phone and from_document(Phone, phone).opted_out:
        why = "the number has opted out of texts with STOP; only a START from that phone undoes it"
        return _give_up(tx, notification, incident, why, moment)
    code = _code(tx, notification, incident, moment)
    claimed = rules.claim(notification, owner, code.code, moment.now)
    tx.put(f"codes/{key(code.number, code.code)}", to_document(code))
    tx.put(_path(claimed.id), to_document(claimed))
    return Look(Verdict.SEND, "claimed", claimed, incident)


def _code(tx: Transaction, notification: Notification, incident: Incident, moment: Moment) -> Code:
    """Give the incident's code on this phone: the one it has there already, or the first that is free."""
    now, number = moment.now, notification.number
    for code in candidates(incident.nonce, number):
        found = tx.get(f"codes/{key(number, code)}")
        taken = from_document(Code, found) if found else None
        if free(taken, incident.id, now):
            since = taken.since if taken and taken.incident == incident.id else now
            until, step = now + REST, notification.step
            return Code(number, code, incident.id, notification.user, until, since, step)
    raise Unavailable("every code tried for this phone is taken: more than 10,000 pages in 72 hours?")


def _give_up(tx: Transaction, notification: Notification, incident: Incident, why: str, moment: Moment) -> Look:
    failed, changed, follows = fallback.fail(tx, notification, incident, why, moment.now)
    return Look(Verdict.GIVE_UP, why, failed, changed, follows)


def _put(
    tx: Transaction, notification: Notification, incident: Incident, verdict: Verdict, follows: tuple[Due, ...] = ()
) -> Look:
    tx.put(_path(notification.id), to_document(notification))
    return Look(verdict, notification.history[-1].why, notification, incident, follows)


def _send(look: Look, store: Store, twilio: Twilio, moment: Moment) -> Look:
    """Call the provider and record the answer; what was claimed is recorded only by its owner."""
    mine = look.notification
    try:
        sid = _channel(mine).send(look.incident, mine, twilio, again=mine.tries > 1)
    except Undeliverable as error:
        refusal = error
        return _record(look, store, lambda tx, one: _refused(tx, one, refusal, moment))
    except Uncertain as error:
        unknown = rules.lost(mine, moment.now, str(error))
        return _record(look, store, lambda tx, _: _put(tx, unknown, look.incident, Verdict.SETTLE, _due(unknown)))
    except Unavailable as error:
        patience = error
        return _record(look, store, lambda tx, one: _postpone(tx, one, patience, moment))
    why = f"{mine.channel} to {mine.user_name}, code {mine.code}"
    sent = rules.sent(mine, sid, moment.now, why)
    return _record(look, store, lambda tx, _: _put(tx, sent, look.incident, Verdict.SEND))


def _record(look: Look, store: Store, write: Callable[[Transaction, Notification], Look]) -> Look:
    """Write what became of a claim, unless a callback or a later claimer has done so."""

    def rule(tx: Transaction) -> Look:
        one = from_document(Notification, tx.get(_path(look.notification.id)) or {})
        if one.owner != look.notification.owner or one.state is not State.SENDING:
            return Look(Verdict.DONE, f"recorded by another: it is {one.state}", one, look.incident)
        return write(tx, one)

    return store.transact(rule)


def _refused(tx: Transaction, notification: Notification, error: Undeliverable, moment: Moment) -> Look:
    incident = from_document(Incident, tx.get(f"incidents/{notification.incident}") or {})
    phone = tx.get(path(notification.number)) or {}
    look = _give_up(tx, notification, incident, str(error), moment)
    if error.code == _OPTED_OUT:
        tx.put(path(notification.number), {**phone, "opted_out": True})
    return look


def _postpone(tx: Transaction, notification: Notification, error: Unavailable, moment: Moment) -> Look:
    """Wait as asked, then longer, for as long as the page is needed: it is the provider that fails, not the person.

    After a few refusals the person's next channel is tried beside it.
    """
    incident = from_document(Incident, tx.get(f"incidents/{notification.incident}") or {})
    impatient = notification.refusals == _PATIENT_REFUSALS
    follows = fallback.hasten(tx, notification, str(error), moment.now) if impatient else ()
    doubled = timedelta(seconds=(error.retry_after or 1.0) * 2 ** min(notification.refusals, 5))
    later = rules.postponed(notification, moment.now, min(doubled, _LONGEST_WAIT), str(error))
    return _put(tx, later, incident, Verdict.EARLY, (*_due(later), *follows))


def _due(notification: Notification) -> tuple[Due, ...]:
    return (Due(notification.next_at, notification.id),) if notification.next_at else ()


def _channel(notification: Notification) -> Any:
    return import_module(f"tocsin.channels.{notification.channel}")


def _path(identity: str) -> str:
    return f"notifications/{identity}"

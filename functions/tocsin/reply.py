"""Twilio calls back: a text, a pressed key, a receipt; each counts once, and the answer says what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import audit, circles, inbound, log, meaning, outbox, twiml
from tocsin.domain import answers, callbacks, codes, wording
from tocsin.domain.answers import Answer, Page
from tocsin.domain.audit import Kind, entry, organisation
from tocsin.domain.codes import Code
from tocsin.domain.identity import is_id
from tocsin.domain.notification import Notification
from tocsin.domain.orders import Said
from tocsin.domain.phone import Phone, path
from tocsin.domain.replies import Wish, pressed, understand
from tocsin.domain.values import dataclass, replace
from tocsin.errors import Malformed
from tocsin.follow import about
from tocsin.receipt import Receipt, receipt
from tocsin.records import from_document, to_document
from tocsin.reopen import since_resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction
    from tocsin.denials import Denials
    from tocsin.domain.replies import Reply
    from tocsin.moment import Moment
    from tocsin.outbox import Change


_STRANGER = "a text from a number that is nobody's"


@dataclass(frozen=True)
class Text:
    """A text that was written at `at`; `carrier_answered` says that the carrier has seen to it (STOP, START, HELP)."""

    sid: str
    sender: str
    body: str
    at: datetime
    carrier_answered: bool = False


@dataclass(frozen=True)
class Author:
    """Whose number a text comes from, and where they live."""

    id: str
    name: str
    zone: str = "UTC"


def author(number: str, store: Store, moment: Moment) -> Author | None:
    """Give the user with this number; somebody who was paged keeps the right to answer after leaving the file."""
    for user in moment.config.users.values():
        if user.phone == number:
            return Author(user.id, user.name, user.time_zone)
    paged = store.query("codes", ("number", "==", number), ("until", ">", moment.now), limit=1)
    return Author(paged[0][1]["user"], paged[0][1]["user"]) if paged else None


def text(received: Text, store: Store, tasks: Tasks, moment: Moment, denials: Denials | None = None) -> str:
    """Do what the text asks for, once, and give the words to answer with; none for strangers."""
    sender = author(received.sender, store, moment)
    if not sender:
        log.event(f"{_STRANGER}: no answer", "WARNING", message_sid=received.sid)
        if denials:
            denials.refused("reply", _STRANGER)
        return ""
    reply = understand(received.body)
    alive = meaning.open_codes(reply, received.sender, received.at, store, moment.now)
    unsure = meaning.unsure(alive, store)
    done = circles.evenly(
        store, lambda tx, *, even: _answer_text(tx, received, sender, alive, unsure, moment, even=even)
    )
    if done.denied == answers.LOCKED:
        log.event("answers by text are locked: ten wrong codes came from one phone", "WARNING", user=sender.id)
    _finish(done, store, tasks, moment)
    return done.words


@dataclass(frozen=True)
class Done:
    """The words to answer with, and each incident that was changed with what that asks for; or why none may be."""

    words: str
    changes: tuple[Change, ...] = ()
    denied: str = ""


def _answer_text(
    tx: Transaction,
    received: Text,
    sender: Author,
    alive: list[Code],
    unsure: set[str],
    moment: Moment,
    *,
    even: bool,
) -> Done:
    where = f"inbound/{received.sid}"
    if (words := inbound.again(tx, where)) is not None:
        return Done(words)
    reply = understand(received.body)
    found = tx.get(path(received.sender))
    phone = known = from_document(Phone, found) if found else Phone()
    pages: Sequence[Page] = ()
    whose = organisation(moment.config, sender.id)
    said = Said(sender.name, "by text", received.at, sender.id, sender.zone, whose)
    if reply.wish in {Wish.STOP, Wish.START}:
        answer, phone = Answer(""), phone.heard(reply.wish is Wish.STOP, received.at)
    elif received.carrier_answered:
        answer = Answer("")
    elif reply.wish is Wish.UNCLEAR and (vouched := phone.vouched(received.body, received.at)) != phone:
        audit.vouched(tx, said, vouched.verification, moment.config.retention)
        answer, phone = Answer(wording.vouched(vouched)), vouched
    else:
        named = meaning.named(tx, reply, received.sender, alive, moment.now)
        pages = meaning.pages(tx, named, unsure)
        answer = _in_turn(tx, pages, lambda of: answers.answer(reply, of, said, moment.config, moment.now), even=even)
        phone = phone.guessed(moment.now) if answer.denied else phone
        answer = answers.unless_locked(answer, phone.locked_until(moment.now))
        meaning.keep(tx, named, answer.incidents)
    if answer.passive:
        words = answer.words if phone.may_be_answered(moment.now) else ""
        answer, phone = replace(answer, words=words), phone.answered(moment.now)
    if answer.incidents:
        phone = phone.reached(received.at)
    if phone != known:
        tx.put(path(received.sender), to_document(phone))
    return _save(tx, where, answer, pages, moment, said, reply.wish)


def _in_turn(tx: Transaction, pages: Sequence[Page], rule: Callable[[Sequence[Page]], Answer], *, even: bool) -> Answer:
    """Answer; if that asks somebody at a level that goes round, once more with what is known of whose turn it is."""
    answer = rule(pages)
    known = circles.missing(tx, *answer.incidents) if even else {}
    return rule([one.knowing(known) for one in pages]) if known else answer


def _save(
    tx: Transaction, where: str, answer: Answer, pages: Sequence[Page], moment: Moment, said: Said, wish: Wish
) -> Done:
    """Write what was changed, by whom, and that this was answered, in one commit."""
    known = [one.incident for page in pages for one in page.about]
    audit.acted(tx, said, known, answer.incidents, moment.now)
    if answer.denied:
        audit.write(tx, entry(Kind.DENIED, answer.denied, where, said, moment.now), moment.config.retention)
    inbound.keep(tx, where, answer.words, wish, said, moment)
    return Done(answer.words, outbox.change(tx, known, answer.incidents), answer.denied)


def _finish(done: Done, store: Store, tasks: Tasks, moment: Moment) -> None:
    for one in done.changes:
        after = (moment.now - one.incident.triggered_at).total_seconds()
        log.event(f"answered: {one.incident.timeline[-1].what}", incident=one.incident.id, after=round(after, 3))
        outbox.flush(tasks, one.incident, moment.now, one.dues)
        since_resolved(one.incident, store, tasks, moment)


@dataclass(frozen=True)
class Key:
    """A key pressed in the call of a notification; `answered_by` is Twilio's guess at who picked up, if it has one."""

    sid: str
    notification: str
    digits: str
    answered_by: str


def voice_key(received: Key, action: str, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Do what the key asks for, once, and give the TwiML to go on with; an unknown key hears the page again."""
    found = store.get(f"notifications/{received.notification}")
    if not found:
        return twiml.said("This page is not known any more. Goodbye.")
    notification = from_document(Notification, found)
    reply = pressed(received.digits, received.answered_by)
    if reply.wish not in {Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE}:
        incident = about(store, notification)
        return twiml.script(*wording.spoken(incident, notification), action)
    done = circles.evenly(store, lambda tx, *, even: _answer_key(tx, received, reply, notification, moment, even=even))
    _finish(done, store, tasks, moment)
    return twiml.said(f"{done.words} Goodbye.")


def _answer_key(
    tx: Transaction, received: Key, reply: Reply, notification: Notification, moment: Moment, *, even: bool
) -> Done:
    heard_at = f"inbound/{received.sid}-{received.digits[:1]}"
    if (words := inbound.again(tx, heard_at)) is not None:
        return Done(words)
    found = tx.get(codes.path(notification.number, notification.code)) if notification.digest else None
    steps = from_document(Code, found).steps if found else {notification.incident: notification.step}
    pages = [Page(notification.code, meaning.about(tx, steps))]
    whose = organisation(moment.config, notification.user)
    said = Said(notification.user_name, "by phone", moment.now, notification.user, notification.zone, whose)
    answer = _in_turn(tx, pages, lambda of: answers.act(reply.wish, of[0], said, moment.config, moment.now), even=even)
    if answer.incidents:
        where = path(notification.number)
        tx.put(where, to_document(from_document(Phone, tx.get(where) or {}).reached(moment.now)))
    return _save(tx, heard_at, answer, pages, moment, said, reply.wish)


@dataclass(frozen=True)
class Webhook:
    """A webhook that proved to be Twilio's: its path below /reply/, its form, and the notification its URL names."""

    path: str
    form: Mapping[str, str]
    notification: str
    public_url: str


def webhook(posted: Webhook, store: Store, tasks: Tasks, moment: Moment, denials: Denials | None = None) -> str:
    """Take any of Twilio's webhooks and give the TwiML to answer with."""
    form = posted.form
    if denials:
        denials.settle()
    if posted.path == "sms":
        sid, sender, carrier_answered = _needed(form, "MessageSid"), _needed(form, "From"), bool(form.get("OptOutType"))
        received = Text(sid, sender, form.get("Body", ""), moment.now, carrier_answered)
        return twiml.texted(text(received, store, tasks, moment, denials))
    if posted.path not in {"voice", "status"} or not is_id(posted.notification):
        raise Malformed("there are /reply/sms, and /reply/voice and /reply/status about a notification", status=404)
    if posted.path == "voice":
        sid, digits, answered_by = _needed(form, "CallSid"), form.get("Digits", ""), form.get("AnsweredBy", "")
        action = callbacks.url(posted.public_url, "voice", posted.notification)
        return voice_key(Key(sid, posted.notification, digits, answered_by), action, store, tasks, moment)
    sid = form.get("MessageSid") or _needed(form, "CallSid")
    status = form.get("MessageStatus") or _needed(form, "CallStatus")
    news = Receipt(posted.notification, sid, status, int(form.get("ErrorCode") or 0))
    return receipt(news, store, tasks, moment)


def _needed(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise Malformed(f"the parameter {name} is missing")
    return form[name]

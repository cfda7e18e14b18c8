"""Twilio calls back: a text, a pressed key, a delivery receipt; each counts once, and the answer says what was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tocsin import fallback, log, outbox, twiml
from tocsin.domain import answers, callbacks
from tocsin.domain import notification as rules
from tocsin.domain.answers import Answer, Page
from tocsin.domain.codes import Code, key
from tocsin.domain.identity import is_id
from tocsin.domain.incident import Due, Incident, Status
from tocsin.domain.notification import Notification, State
from tocsin.domain.phone import Phone, path
from tocsin.domain.replies import Reply, Wish, pressed, understand
from tocsin.errors import Malformed
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction
    from tocsin.moment import Moment

_MOST = 1000


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
    """Whose number a text comes from."""

    id: str
    name: str


def author(number: str, store: Store, moment: Moment) -> Author | None:
    """Give the user with this number; somebody who was paged keeps the right to answer after leaving the file."""
    for user in moment.config.users.values():
        if user.phone == number:
            return Author(user.id, user.name)
    paged = store.query("codes", ("number", "==", number), ("until", ">", moment.now), limit=1)
    return Author(paged[0][1]["user"], paged[0][1]["user"]) if paged else None


def text(received: Text, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Do what the text asks for, once, and give the words to answer with; none for strangers."""
    sender = author(received.sender, store, moment)
    if not sender:
        log.event("a text from a number that is nobody's: no answer", "WARNING", message_sid=received.sid)
        return ""
    codes = _open_codes(received, store, moment)
    answer = store.transact(lambda tx: _answer_text(tx, received, sender, codes, moment))
    _finish(answer, tasks, moment)
    return answer.words


def _open_codes(received: Text, store: Store, moment: Moment) -> list[Code]:
    """Give the codes of the phone's open pages; a text that was found late never means a page that came after it."""
    pages = store.query("codes", ("number", "==", received.sender), ("until", ">", moment.now), limit=_MOST)
    waiting = {
        identity
        for status in (Status.TRIGGERED, Status.ACKNOWLEDGED)
        for identity, _ in store.query("incidents", ("status", "==", status.value), limit=_MOST)
    }
    codes = (from_document(Code, data) for _, data in pages)
    return [one for one in codes if one.incident in waiting and one.since <= received.at]


def _answer_text(tx: Transaction, received: Text, sender: Author, codes: list[Code], moment: Moment) -> Answer:
    inbound = f"inbound/{received.sid}"
    if seen := tx.get(inbound):
        return Answer(str(seen["answer"]))
    reply = understand(received.body)
    found = tx.get(path(received.sender))
    phone = from_document(Phone, found) if found else Phone()
    if reply.wish in {Wish.STOP, Wish.START}:
        answer, phone = Answer(""), replace(phone, opted_out=reply.wish is Wish.STOP)
    elif received.carrier_answered:
        answer = Answer("")
    else:
        pages = _pages(tx, _named(tx, reply, received.sender, codes, moment))
        answer = answers.answer(reply, pages, sender.name, "by text", moment.config, moment.now)
    if answer.passive:
        words = answer.words if phone.may_be_answered(moment.now) else ""
        answer, phone = replace(answer, words=words), phone.answered(moment.now)
    if phone != Phone() or found:
        tx.put(path(received.sender), to_document(phone))
    _save(tx, inbound, answer, moment, by=sender.id, wish=reply.wish.value)
    return answer


def _named(tx: Transaction, reply: Reply, number: str, codes: list[Code], moment: Moment) -> list[Code]:
    """Give the codes the reply can mean: the one it names, read now, or all that were open a moment ago."""
    if not reply.code:
        return codes if reply.wish is Wish.ACKNOWLEDGE else []
    found = tx.get(f"codes/{key(number, reply.code)}")
    named = from_document(Code, found) if found else None
    return [named] if named and named.until > moment.now else []


def _pages(tx: Transaction, codes: Iterable[Code]) -> list[Page]:
    found = ((one, tx.get(f"incidents/{one.incident}")) for one in codes)
    return [Page(one.code, from_document(Incident, document), one.paged_at) for one, document in found if document]


def _save(tx: Transaction, inbound: str, answer: Answer, moment: Moment, **said: str) -> None:
    if answer.incident:
        outbox.save(tx, answer.incident)
    tx.put(inbound, {"answer": answer.words, "at": moment.now, **said})


def _finish(answer: Answer, tasks: Tasks, moment: Moment) -> None:
    if answer.incident:
        log.event(answer.incident.timeline[-1].what, incident=answer.incident.id)
        if answer.incident.status is Status.TRIGGERED:
            outbox.flush(tasks, answer.incident, moment.now)


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
        incident = from_document(Incident, store.get(f"incidents/{notification.incident}") or {})
        return twiml.script(incident, action)
    answer = store.transact(lambda tx: _answer_key(tx, received, reply, notification, moment))
    _finish(answer, tasks, moment)
    return twiml.said(f"{answer.words} Goodbye.")


def _answer_key(tx: Transaction, received: Key, reply: Reply, notification: Notification, moment: Moment) -> Answer:
    inbound = f"inbound/{received.sid}-{received.digits[:1]}"
    if seen := tx.get(inbound):
        return Answer(str(seen["answer"]))
    incident = from_document(Incident, tx.get(f"incidents/{notification.incident}") or {})
    page = Page(notification.code, incident, notification.claimed_at or moment.now)
    answer = answers.act(reply.wish, page, notification.user_name, "by phone", moment.config, moment.now)
    _save(tx, inbound, answer, moment, by=notification.user, wish=reply.wish.value)
    return answer


@dataclass(frozen=True)
class Receipt:
    """What Twilio says became of a notification's text or call; `error` is its code, 0 for none."""

    notification: str
    sid: str
    status: str
    error: int = 0


def receipt(received: Receipt, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Record the status if it is news; a text that cannot arrive sets the person's next channel off at once."""
    said = f"the provider says {received.status}" + (f", error {received.error}" if received.error else "")
    incident, follows, outcome = store.transact(lambda tx: _record(tx, received, said, moment))
    if incident:
        outbox.flush(tasks, incident, moment.now, follows)
    return outcome


def _record(
    tx: Transaction, received: Receipt, said: str, moment: Moment
) -> tuple[Incident | None, tuple[Due, ...], str]:
    found = tx.get(f"notifications/{received.notification}")
    if not found:
        return None, (), "there is no such notification"
    before = from_document(Notification, found)
    after = rules.delivery(before, received.status, received.sid, moment.now, said)
    if after == before:
        return None, (), f"no news: it is {before.delivery or before.state}"
    if received.status not in rules.OUT_OF_REACH or before.state is State.FAILED:
        tx.put(f"notifications/{after.id}", to_document(after))
        return None, (), said
    incident = from_document(Incident, tx.get(f"incidents/{after.incident}") or {})
    _, changed, follows = fallback.fail(tx, after, incident, said, moment.now)
    return changed, follows, said


@dataclass(frozen=True)
class Webhook:
    """A webhook that proved to be Twilio's: its path below /reply/, its form, and the notification its URL names."""

    path: str
    form: Mapping[str, str]
    notification: str
    public_url: str


def webhook(posted: Webhook, store: Store, tasks: Tasks, moment: Moment) -> str:
    """Take any of Twilio's webhooks and give the TwiML to answer with."""
    form = posted.form
    if posted.path in {"voice", "status"} and not is_id(posted.notification):
        raise Malformed("the URL names no notification", status=404)
    try:
        if posted.path == "sms":
            carrier_answered = bool(form.get("OptOutType"))
            received = Text(form["MessageSid"], form["From"], form.get("Body", ""), moment.now, carrier_answered)
            return twiml.texted(text(received, store, tasks, moment))
        if posted.path == "voice":
            pressed_key = Key(form["CallSid"], posted.notification, form.get("Digits", ""), form.get("AnsweredBy", ""))
            action = callbacks.url(posted.public_url, "voice", posted.notification)
            return voice_key(pressed_key, action, store, tasks, moment)
        if posted.path == "status":
            sid, status = form.get("MessageSid") or form["CallSid"], form.get("MessageStatus") or form["CallStatus"]
            news = Receipt(posted.notification, sid, status, int(form.get("ErrorCode") or 0))
            return receipt(news, store, tasks, moment)
    except KeyError as error:
        raise Malformed(f"the parameter {error} is missing") from error
    raise Malformed("there are /reply/sms, /reply/voice and /reply/status", status=404)

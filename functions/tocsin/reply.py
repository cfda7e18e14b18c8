"""Twilio calls back: a text, a pressed key, a receipt; each counts once, and the answer says what was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tocsin import log, outbox, twiml
from tocsin.domain import answers, callbacks, codes, wording
from tocsin.domain.answers import About, Answer, Page
from tocsin.domain.codes import Code
from tocsin.domain.identity import is_id
from tocsin.domain.incident import Status
from tocsin.domain.notification import Notification
from tocsin.domain.orders import Said
from tocsin.domain.phone import Phone, path
from tocsin.domain.replies import Reply, Wish, pressed, understand
from tocsin.errors import Malformed
from tocsin.follow import about, followed
from tocsin.receipt import Receipt, receipt
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction
    from tocsin.moment import Moment

_MOST = 200
_OF_ALL = frozenset({Wish.ACKNOWLEDGE, Wish.WHO, Wish.STATUS})
"""What can be said without a code, and then means all that is open on the phone."""


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
    reply = understand(received.body)
    asks = reply.wish in _OF_ALL and not reply.code
    alive = _open_codes(received, store, moment) if asks else []
    unsure = _unsure(alive, store)
    answer = store.transact(lambda tx: _answer_text(tx, received, sender, alive, unsure, moment))
    _finish(answer, tasks, moment)
    return answer.words


def _open_codes(received: Text, store: Store, moment: Moment) -> list[Code]:
    """Give the codes a bare answer can mean: not resolved, and paged before the text was written."""
    pages = store.query(
        "codes", ("number", "==", received.sender), ("until", ">", moment.now), order_by="-until", limit=_MOST
    )
    paged = [from_document(Code, data) for _, data in pages]
    named = {identity for one in paged for identity in one.steps}
    found = {identity: store.get(f"incidents/{identity}") for identity in named}
    alive = {identity for identity, data in found.items() if data and _may_be_open(data)}
    return [one for one in paged if alive & one.steps.keys() and (not one.since or one.since <= received.at)]


def _may_be_open(data: Mapping[str, Any]) -> bool:
    return data["status"] != Status.RESOLVED or bool(data.get("merged_into"))


def _unsure(alive: list[Code], store: Store) -> set[str]:
    """Give the codes this phone may never have got in a page: a bare answer does not mean those."""
    return {one.code for one in alive if not _was_sent(one, store)}


def _was_sent(code: Code, store: Store) -> bool:
    paged = store.query("notifications", ("number", "==", code.number), ("code", "==", code.code), limit=_MOST)
    return any(data["sid"] for _, data in paged)


def _answer_text(
    tx: Transaction, received: Text, sender: Author, alive: list[Code], unsure: set[str], moment: Moment
) -> Answer:
    inbound = f"inbound/{received.sid}"
    if seen := tx.get(inbound):
        return Answer(str(seen["answer"]))
    reply = understand(received.body)
    found = tx.get(path(received.sender))
    phone = known = from_document(Phone, found) if found else Phone()
    if reply.wish in {Wish.STOP, Wish.START}:
        answer, phone = Answer(""), phone.heard(reply.wish is Wish.STOP, received.at)
    elif received.carrier_answered:
        answer = Answer("")
    elif reply.wish is Wish.UNCLEAR and (vouched := phone.vouched(received.body, received.at)) != phone:
        answer, phone = Answer(wording.vouched(vouched)), vouched
    else:
        named = _named(tx, reply, received.sender, alive, moment)
        pages = _pages(tx, named, unsure)
        said = Said(sender.name, "by text", received.at, sender.id)
        answer = answers.answer(reply, pages, said, moment.config, moment.now)
        _keep(tx, named, answer)
    if answer.passive:
        words = answer.words if phone.may_be_answered(moment.now) else ""
        answer, phone = replace(answer, words=words), phone.answered(moment.now)
    if answer.incidents:
        phone = phone.reached(received.at)
    if phone != known:
        tx.put(path(received.sender), to_document(phone))
    _save(tx, inbound, answer, moment, by=sender.id, wish=reply.wish.value)
    return answer


def _keep(tx: Transaction, named: list[Code], answer: Answer) -> None:
    """Let the codes of what was snoozed mean it until it has come back, however late that is."""
    waking = max((one.snoozed_until for one in answer.incidents if one.snoozed_until), default=None)
    for one in named:
        if waking and one.until < waking + codes.REST:
            kept = replace(one, until=waking + codes.REST)
            tx.put(codes.path(one.number, one.code), to_document(kept))


def _named(tx: Transaction, reply: Reply, number: str, alive: list[Code], moment: Moment) -> list[Code]:
    """Give the codes the reply can mean: the one it names, read now, or all that were open a moment ago."""
    if not reply.code:
        return alive if reply.wish in _OF_ALL else []
    wanted = (reply.code, reply.rest) if reply.wish is Wish.MERGE else (reply.code,)
    found = (tx.get(codes.path(number, code)) for code in dict.fromkeys(wanted))
    named = [from_document(Code, one) for one in found if one]
    return [one for one in named if one.until > moment.now]


def _pages(tx: Transaction, named: Iterable[Code], unsure: set[str]) -> list[Page]:
    return [Page(one.code, _about(tx, one.steps), sent=one.code not in unsure) for one in named]


def _about(tx: Transaction, steps: Mapping[str, int]) -> tuple[About, ...]:
    found = ((followed(tx, identity), step) for identity, step in sorted(steps.items()))
    return tuple({one.id: About(one, step) for one, step in found if one}.values())


def _save(tx: Transaction, inbound: str, answer: Answer, moment: Moment, **said: str) -> None:
    for incident in answer.incidents:
        outbox.save(tx, incident)
    tx.put(inbound, {"answer": answer.words, "at": moment.now, **said})


def _finish(answer: Answer, tasks: Tasks, moment: Moment) -> None:
    for incident in answer.incidents:
        log.event(incident.timeline[-1].what, incident=incident.id)
        outbox.flush(tasks, incident, moment.now)


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
    answer = store.transact(lambda tx: _answer_key(tx, received, reply, notification, moment))
    _finish(answer, tasks, moment)
    return twiml.said(f"{answer.words} Goodbye.")


def _answer_key(tx: Transaction, received: Key, reply: Reply, notification: Notification, moment: Moment) -> Answer:
    inbound = f"inbound/{received.sid}-{received.digits[:1]}"
    if seen := tx.get(inbound):
        return Answer(str(seen["answer"]))
    found = tx.get(codes.path(notification.number, notification.code)) if notification.digest else None
    steps = from_document(Code, found).steps if found else {notification.incident: notification.step}
    page = Page(notification.code, _about(tx, steps))
    said = Said(notification.user_name, "by phone", moment.now, notification.user)
    answer = answers.act(reply.wish, page, said, moment.config, moment.now)
    if answer.incidents:
        where = path(notification.number)
        tx.put(where, to_document(from_document(Phone, tx.get(where) or {}).reached(moment.now)))
    _save(tx, inbound, answer, moment, by=notification.user, wish=reply.wish.value)
    return answer


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
    if posted.path == "sms":
        sid, sender, carrier_answered = _needed(form, "MessageSid"), _needed(form, "From"), bool(form.get("OptOutType"))
        received = Text(sid, sender, form.get("Body", ""), moment.now, carrier_answered)
        return twiml.texted(text(received, store, tasks, moment))
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

"""Somebody opens the link in a text, and may press a button there: looking changes nothing, whoever looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import audit, inbound, log, meaning, outbox
from tocsin.domain import answers, links, phone, sheet
from tocsin.domain.answers import Page
from tocsin.domain.audit import organisation
from tocsin.domain.incident import Incident
from tocsin.domain.notification import Notification, path
from tocsin.domain.orders import Said
from tocsin.domain.phone import Phone
from tocsin.domain.replies import Wish
from tocsin.domain.sheet import Sheet
from tocsin.domain.values import dataclass
from tocsin.errors import Forbidden
from tocsin.records import from_document, to_document
from tocsin.reopen import since_resolved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction
    from tocsin.moment import Moment
    from tocsin.outbox import Change

SEE_OTHER = 303
WISHES = {"acknowledge": Wish.ACKNOWLEDGE, "resolve": Wish.RESOLVE}

ENDED = "This link has expired: it held for a day. Nothing was done. If you are still paged, a newer text has another."
GONE = "What this link was about is not known any more. Nothing was done."
STALE = "This link is not the way to answer any more. Nothing was done. The newest text from Tocsin says how."


@dataclass(frozen=True)
class Pressed:
    """What was asked for: the end of the link, and the button, which is empty for whoever only looks."""

    token: str
    button: str = ""


def linked(asked: Pressed, secrets: Sequence[str], store: Store, tasks: Tasks, moment: Moment) -> Sheet:
    """Show what a link opens, and do first what was pressed; raises Forbidden for a link that we did not make."""
    found = links.read(asked.token, secrets, moment.now)
    if not found:
        raise Forbidden("a link that is none of ours")
    identity, holds = found
    document = store.get(path(identity))
    if not document:
        return Sheet(sheet.said(GONE), 410)
    page = from_document(Notification, document)
    if not holds:
        return Sheet(sheet.said(ENDED), 410)
    if asked.button:
        if not _press(page, WISHES[asked.button], store, tasks, moment):
            return Sheet(sheet.said(STALE), 409)
        return Sheet("", SEE_OTHER)
    about = store.get(f"incidents/{page.incident}")
    if not about:
        return Sheet(sheet.said(GONE), 410)
    incident = from_document(Incident, about)
    return Sheet(sheet.shown(incident, page, moment.now, open_=links.answers(page, incident)))


def _press(page: Notification, wish: Wish, store: Store, tasks: Tasks, moment: Moment) -> bool:
    changes = store.transact(lambda tx: _answer(tx, page, wish, moment))
    for one in changes or ():
        after = (moment.now - one.incident.triggered_at).total_seconds()
        log.event(f"answered: {one.incident.timeline[-1].what}", incident=one.incident.id, after=round(after, 3))
        outbox.flush(tasks, one.incident, moment.now, one.dues)
        since_resolved(one.incident, store, tasks, moment)
    return changes is not None


def _answer(tx: Transaction, page: Notification, wish: Wish, moment: Moment) -> tuple[Change, ...] | None:
    """Answer for the person that the link was sent to, once for each button; None where the link is too old for that.

    Whoever pressed has the text, so the phone can be reached.
    """
    pressed = f"inbound/link-{page.id}-{wish.value}"
    if inbound.again(tx, pressed) is not None:
        return ()
    [about] = meaning.about(tx, {page.incident: page.step}) or [None]
    if not about or about.incident.id != page.incident or not links.answers(page, about.incident):
        return None
    said = Said(page.user_name, "by link", moment.now, page.user, page.zone, organisation(moment.config, page.user))
    answer = answers.act(wish, Page(page.code, (about,)), said, moment.config, moment.now)
    where = phone.path(page.number)
    known = from_document(Phone, tx.get(where) or {})
    audit.acted(tx, said, (about.incident,), answer.incidents, moment.now)
    changes = outbox.change(tx, (about.incident,), answer.incidents)
    tx.put(where, to_document(known.reached(moment.now)))
    inbound.keep(tx, pressed, answer.words, wish, said, moment)
    return changes

"""Somebody opens the link in a text, and may press a button there: looking changes nothing, whoever looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tocsin import audit, inbound, log, meaning, outbox
from tocsin.clients.store import Exists
from tocsin.domain import answers, links, phone, sheet
from tocsin.domain.answers import Page
from tocsin.domain.audit import Kind, entry, organisation
from tocsin.domain.incident import Incident
from tocsin.domain.notification import Notification, path
from tocsin.domain.orders import Said
from tocsin.domain.phone import Phone
from tocsin.domain.replies import Wish
from tocsin.domain.sheet import Sheet
from tocsin.domain.values import dataclass
from tocsin.errors import Forbidden, Unavailable
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

SPAN = timedelta(minutes=5)
"""So often at most a link's being opened is told of: half as long as an entry of the audit may wait for its seal."""

_EVER = datetime(1970, 1, 1, tzinfo=UTC)

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
    if incident.answered_by:
        _looked(page, incident, store, moment)
    return Sheet(sheet.shown(incident, page, moment.now, open_=links.answers(page, incident)))


def _looked(page: Notification, incident: Incident, store: Store, moment: Moment) -> None:
    """Write down that somebody has read who answered: once in `SPAN`, however often a link is opened, by whom ever."""
    at = moment.now - (moment.now - _EVER) % SPAN
    told = entry(Kind.ACCESS, "an incident shown", f"incidents/{incident.id}", _said(page, at, moment), at)
    try:
        store.transact(lambda tx: audit.write(tx, told, moment.config.retention))
    except Exists:
        return
    except Unavailable as error:
        log.event(f"who has looked is in the log only: {error}", "WARNING", incident=incident.id)


def _said(page: Notification, at: datetime, moment: Moment) -> Said:
    return Said(page.user_name, "by link", at, page.user, page.zone, organisation(moment.config, page.user))


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
    said = _said(page, moment.now, moment)
    answer = answers.act(wish, Page(page.code, (about,)), said, moment.config, moment.now)
    where = phone.path(page.number)
    known = from_document(Phone, tx.get(where) or {})
    audit.acted(tx, said, (about.incident,), answer.incidents, moment.now)
    changes = outbox.change(tx, (about.incident,), answer.incidents)
    tx.put(where, to_document(known.reached(moment.now)))
    inbound.keep(tx, pressed, answer.words, wish, said, moment)
    return changes

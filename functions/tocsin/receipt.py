"""Twilio reports what became of a text or a call: it proves what the provider has, and never that anybody read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import digest, fallback, outbox
from tocsin.domain import delivery as rules
from tocsin.domain.incident import Due, Incident
from tocsin.domain.notification import Notification, State, path
from tocsin.domain.values import dataclass
from tocsin.follow import about
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store, Transaction
    from tocsin.fallback import Failed
    from tocsin.moment import Moment


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
    for _, changed, dues in _failed_beside(received, said, store, moment):
        outbox.flush(tasks, changed, moment.now, dues)
    incident, follows, outcome = store.transact(lambda tx: _record(tx, received, said, moment))
    if incident:
        outbox.flush(tasks, incident, moment.now, follows)
    return outcome


def _failed_beside(received: Receipt, said: str, store: Store, moment: Moment) -> Iterable[Failed]:
    """Fail what a digest spoke for, before itself: then a receipt that comes again still finds what is left to do."""
    found = store.get(path(received.notification)) if received.status in rules.OUT_OF_REACH else None
    if not found:
        return ()
    leader = from_document(Notification, found)
    is_news = rules.reported(leader, received.status, received.sid, moment.now, said) != leader
    return digest.fail_carried(leader, said, store, moment.now) if is_news or leader.state is State.FAILED else ()


def _record(
    tx: Transaction, received: Receipt, said: str, moment: Moment
) -> tuple[Incident | None, tuple[Due, ...], str]:
    found = tx.get(path(received.notification))
    if not found:
        return None, (), "there is no such notification"
    before = from_document(Notification, found)
    after = rules.reported(before, received.status, received.sid, moment.now, said)
    if after == before:
        return None, (), f"no news: it is {before.delivery or before.state}"
    if received.status not in rules.OUT_OF_REACH or before.state is State.FAILED:
        tx.put(path(after.id), to_document(after))
        return None, (), said
    incident = about(tx, after)
    _, changed, follows = fallback.fail(tx, after, incident, said, moment.now)
    return changed, follows, said

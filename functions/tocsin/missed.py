"""Finds the texts whose webhook was lost in Twilio's own list, and answers them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin.domain.incident import Status
from tocsin.records import check_version, versioned

if TYPE_CHECKING:
    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Store
    from tocsin.clients.twilio import Inbound, Twilio
    from tocsin.moment import Moment

GRACE = timedelta(seconds=5)
"""What a webhook may take."""

_LOOK_BACK = timedelta(hours=1)
_LONGEST_LOOK_BACK = timedelta(days=1)
_LISTED = "sweeps/replies"


def texts(store: Store, twilio: Twilio, moment: Moment) -> list[Inbound]:
    """Give those from people we know, since the texts were listed last and for an hour at least.

    Twilio is only asked while there is something to answer.
    """
    listed = store.get(_LISTED) or {}
    check_version("Sweep", listed)
    longest = moment.now - _LONGEST_LOOK_BACK
    since = max(min(moment.now - _LOOK_BACK, listed.get("at", longest)), longest)
    paged = store.query("notifications", ("claimed_at", ">", since), limit=1)
    alive = (Status.TRIGGERED, Status.ACKNOWLEDGED)
    if not paged and not any(store.query("incidents", ("status", "==", one.value), limit=1) for one in alive):
        return []
    received = twilio.inbound(since)
    store.transact(lambda tx: tx.put(_LISTED, versioned("Sweep", {"at": moment.now})))
    missed = [one for one in received if one.at <= moment.now - GRACE and not store.get(f"inbound/{one.sid}")]
    if not missed:
        return []
    from tocsin.reply import author  # seldom needed: most sweeps find nothing

    return [one for one in missed if author(one.sender, store, moment)]


def answer(one: Inbound, store: Store, tasks: Tasks, twilio: Twilio, moment: Moment) -> None:
    """Do what a text says, as if its webhook had come."""
    from tocsin.reply import Text, text

    if words := text(Text(one.sid, one.sender, one.body, one.at), store, tasks, moment):
        twilio.answer(one.sender, words)

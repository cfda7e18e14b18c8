"""Looks once an hour at what fills or empties slowly: the account's credit at Twilio, and what lies in quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import log
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from tocsin.clients.store import Store
    from tocsin.clients.twilio import Twilio
    from tocsin.moment import Moment

MINUTE = 37
"""Of the hour in which one looks: a document that says when somebody looked last would be read by every sweep."""

MOST = 20
"""How many messages are read at most: each may hold nearly 1 MB."""


def look(store: Store, twilio: Twilio, moment: Moment) -> None:
    """Write down both, if this is the minute for it; a look that is missed is made in the next hour."""
    if moment.now.minute == MINUTE:
        _look_at_credit(twilio)
        _look_at_quarantine(store)


def _look_at_credit(twilio: Twilio) -> None:
    """Say how much is left; Twilio does not tell a subaccount, which is no reason to ring anybody."""
    try:
        left, currency = twilio.credit()
    except TocsinError as error:
        log.event(f"Twilio does not say what credit is left: {error}", "NOTICE")
        return
    log.event(f"the credit at Twilio: {left:.2f} {currency} are left", left=left)


def _look_at_quarantine(store: Store) -> None:
    newest = store.query("quarantine", order_by="-at", limit=MOST)
    if depth := sum(data.get("replayed_at") is None for _, data in newest):
        log.event(f"in quarantine: {depth} messages that nobody has replayed", "WARNING", depth=depth)

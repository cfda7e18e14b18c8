"""Remembers what was answered to what somebody said, so that a second delivery hears the same and does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import audit
from tocsin.domain.audit import Kind, entry
from tocsin.domain.replies import Wish
from tocsin.records import check_version, versioned

if TYPE_CHECKING:
    from tocsin.clients.store import Transaction
    from tocsin.domain.orders import Said
    from tocsin.moment import Moment

_TOLD = {
    Wish.WHO: (Kind.ACCESS, "who is on call"),
    Wish.STATUS: (Kind.ACCESS, "what is open on a phone"),
    Wish.STOP: (Kind.ACTION, "texts stopped"),
    Wish.START: (Kind.ACTION, "texts taken again"),
}
"""What changes no incident, and still is for the audit."""


def again(tx: Transaction, path: str) -> str | None:
    """Give the words of the first time, or None: this is the first time."""
    seen = tx.get(path) or {}
    check_version("Inbound", seen)
    return str(seen["answer"]) if seen else None


def keep(tx: Transaction, path: str, words: str, wish: Wish, said: Said, moment: Moment) -> None:
    """Write down the words of the answer, by the path that what was said has, whoever delivers it."""
    expires_at = moment.now + moment.config.retention
    heard = {"answer": words, "at": moment.now, "by": said.user, "wish": wish.value, "expires_at": expires_at}
    tx.put(path, versioned("Inbound", heard))
    if wish in _TOLD and (words or wish in {Wish.STOP, Wish.START}):  # without words nobody has read anything
        kind, what = _TOLD[wish]
        audit.write(tx, entry(kind, what, path, said, moment.now), moment.config.retention)

"""Finds what a reply can mean: the pages of a phone, by the code it names or because they are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.domain import codes
from tocsin.domain.answers import About, Page
from tocsin.domain.codes import Code
from tocsin.domain.incident import Status
from tocsin.domain.replies import Reply, Wish
from tocsin.domain.values import replace
from tocsin.follow import followed
from tocsin.records import from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tocsin.clients.store import Store, Transaction
    from tocsin.domain.incident import Incident

_MOST = 200
_OF_ALL = frozenset({Wish.ACKNOWLEDGE, Wish.WHO, Wish.STATUS})
"""What can be said without a code, and then means all that is open on the phone."""


def open_codes(reply: Reply, number: str, written: datetime, store: Store, now: datetime) -> list[Code]:
    """Give the codes a bare answer can mean: not resolved, and paged before the text was written."""
    if reply.code or reply.wish not in _OF_ALL:
        return []
    pages = store.query("codes", ("number", "==", number), ("until", ">", now), order_by="-until", limit=_MOST)
    paged = [from_document(Code, data) for _, data in pages]
    named = {identity for one in paged for identity in one.steps}
    found = {identity: store.get(f"incidents/{identity}") for identity in named}
    alive = {identity for identity, data in found.items() if data and _may_be_open(data)}
    return [one for one in paged if alive & one.steps.keys() and (not one.since or one.since <= written)]


def _may_be_open(data: Mapping[str, Any]) -> bool:
    return data["status"] != Status.RESOLVED or bool(data.get("merged_into"))


def unsure(alive: list[Code], store: Store) -> set[str]:
    """Give the codes this phone may never have got in a page: a bare answer does not mean those."""
    return {one.code for one in alive if not _was_sent(one, store)}


def _was_sent(code: Code, store: Store) -> bool:
    paged = store.query("notifications", ("number", "==", code.number), ("code", "==", code.code), limit=_MOST)
    return any(data["sid"] for _, data in paged)


def named(tx: Transaction, reply: Reply, number: str, alive: list[Code], now: datetime) -> list[Code]:
    """Give the codes the reply can mean: the one it names, read now, or all that were open a moment ago."""
    if not reply.code:
        return alive if reply.wish in _OF_ALL else []
    wanted = (reply.code, reply.rest) if reply.wish is Wish.MERGE else (reply.code,)
    found = (tx.get(codes.path(number, code)) for code in dict.fromkeys(wanted))
    known = [from_document(Code, one) for one in found if one]
    return [one for one in known if one.until > now]


def pages(tx: Transaction, meant: Iterable[Code], doubted: set[str]) -> list[Page]:
    """Give what the codes mean now."""
    return [Page(one.code, about(tx, one.steps), sent=one.code not in doubted) for one in meant]


def about(tx: Transaction, steps: Mapping[str, int]) -> tuple[About, ...]:
    """Give the incidents of a code with the step of the last page about each; what was merged is what it went into."""
    found = ((followed(tx, identity), step) for identity, step in sorted(steps.items()))
    return tuple({one.id: About(one, step) for one, step in found if one}.values())


def keep(tx: Transaction, named: Iterable[Code], changed: Iterable[Incident]) -> None:
    """Let the codes of what was snoozed mean it until it has come back, however late that is."""
    waking = max((one.snoozed_until for one in changed if one.snoozed_until), default=None)
    for one in named:
        if waking and one.until < waking + codes.REST:
            kept = replace(one, until=waking + codes.REST)
            tx.put(codes.path(one.number, one.code), to_document(kept))

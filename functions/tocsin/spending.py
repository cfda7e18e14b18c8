"""Counts what went out this month, where there is a budget: by the sweep alone, in one document for the month."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin import log
from tocsin.domain import thrift
from tocsin.domain.notification import State
from tocsin.domain.thrift import Spending, Thrift
from tocsin.records import from_document, is_newer, to_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tocsin.clients.store import Data, Store, Transaction
    from tocsin.domain.config import Budget
    from tocsin.domain.thrift import Notice
    from tocsin.moment import Moment

SETTLED = timedelta(minutes=2)
"""How old a claim must be to be counted: whether it went out is known by then, or its text may be on its way."""

_WENT_OUT = frozenset({State.SENT, State.UNKNOWN, State.SENDING})
_MOST = 500


def count(store: Store, moment: Moment) -> None:
    """Count the pages claimed since the last count; one that spoke for others is one, and answers are not counted."""
    budget = moment.config.budget
    if not budget:
        return
    at = moment.now - SETTLED
    known = _known(store.get(thrift.path(at)), at)
    found = store.query("notifications", ("claimed_at", ">", known.through), order_by="claimed_at", limit=_MOST)
    pages = [data for _, data in found if data["claimed_at"] <= at]
    if pages:
        store.transact(lambda tx: _count(tx, pages, known, budget, moment.now - SETTLED))


def _count(tx: Transaction, pages: list[Data], known: Spending, budget: Budget, at: datetime) -> None:
    path = thrift.path(at)
    if _known(tx.get(path), at) != known:
        return  # another sweep has counted them
    out = [data["channel"] for data in pages if data["state"] in _WENT_OUT]
    calls = out.count("voice")
    counted = known.counting(len(out) - calls, calls, pages[-1]["claimed_at"], budget, at + SETTLED)
    tx.put(path, to_document(counted))
    if (known.nearly_at, known.all_at) != (counted.nearly_at, counted.all_at):
        log.event(f"the budget of {at:%Y-%m} is used to {counted.percent(budget)} %", "ERROR")


def saving(store: Store, moment: Moment) -> Thrift:
    """Say how much has to be saved now; asks for one document, and for none where there is no budget."""
    budget = moment.config.budget
    if not budget:
        return Thrift.NONE
    found = store.get(thrift.path(moment.now))
    if found and is_newer("Spending", found):  # what a newer version counts is no reason to page nobody
        return Thrift.NONE
    return thrift.thrift(_known(found, moment.now), budget)


def notices(store: Store, moment: Moment) -> Iterator[Notice]:
    """Give who has to be told of it."""
    if moment.config.budget:
        yield from thrift.due(_known(store.get(thrift.path(moment.now)), moment.now), moment.config, moment.now)


def _known(found: Data | None, at: datetime) -> Spending:
    return from_document(Spending, found) if found else Spending(thrift.begins(at))

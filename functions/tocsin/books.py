"""Reads the ledger every few minutes: a difference in the books is an alarm, whoever looks at them or not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin import log
from tocsin.ledger import ledger
from tocsin.records import check_version, versioned

if TYPE_CHECKING:
    from tocsin.clients.store import Store
    from tocsin.moment import Moment

EVERY = timedelta(minutes=5)
_BACK = timedelta(minutes=15)
PATH = "sweeps/books"
"""When the books were read last, and how many differences they held."""

_MOST = 5_000
_MOST_TOLD = 10


def differences(store: Store, moment: Moment) -> int:
    """Count what is not as it must be, of what was accepted lately and of all that is open.

    Looking costs a read for each event of a quarter of an hour and each incident that is triggered: while all is well,
    one in five minutes is enough.
    """
    last = store.get(PATH) or {}
    check_version("Sweep", last)
    if last and not last["differences"] and moment.now < last["at"] + EVERY:
        return 0
    since = moment.now - _BACK
    found = ledger(store, since, moment.now, _MOST, quarantined_since=since).balance.differences
    for one in found[:_MOST_TOLD]:
        log.event(f"the books do not balance: {one.sentence}", "CRITICAL", document=one.document)
    read = versioned("Sweep", {"at": moment.now, "differences": len(found)})
    store.transact(lambda tx: tx.put(PATH, read))
    return len(found)

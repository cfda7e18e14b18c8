"""Sounds the alarm once a day for every schedule that will have nobody on call: before it is night, not in it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin import log
from tocsin.domain.outlook import gaps_ahead
from tocsin.records import check_version, versioned

if TYPE_CHECKING:
    from tocsin.clients.store import Store
    from tocsin.moment import Moment

EVERY = timedelta(days=1)
_PATH = "sweeps/foresight"


def warn(store: Store, moment: Moment) -> None:
    """Look ahead if nobody has since yesterday."""
    last = store.get(_PATH) or {}
    check_version("Sweep", last)
    if last and moment.now < last["at"] + EVERY:
        return
    for empty in gaps_ahead(moment.config, moment.now):
        log.event(f"a gap ahead: {empty.sentence}", "ERROR", schedule=empty.schedule)
    store.transact(lambda tx: tx.put(_PATH, versioned("Sweep", {"at": moment.now})))

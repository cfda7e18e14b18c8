"""What was suppressed in a maintenance window and is not over is routed when the window ends; found by the sweep alone.

Most tools repeat what still fires, but some say it once: without this their trouble would stay unheard for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from tocsin import circles, events, log, outbox
from tocsin.domain.maintenance import window
from tocsin.domain.opening import Minted
from tocsin.domain.outlasting import outlasted
from tocsin.domain.routing import suppressed
from tocsin.domain.values import replace
from tocsin.weighing import Weighed, alike, recorded, rewrite, weigh

if TYPE_CHECKING:
    from tocsin.clients.queue import Tasks
    from tocsin.clients.store import Data, Store, Transaction, Where
    from tocsin.domain.incident import Incident
    from tocsin.moment import Moment

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_FAR = timedelta(days=3650)


def due(store: Store, moment: Moment, limit: int) -> list[str]:
    """Give the events whose window has ended, in the order of their acceptance.

    What waits for the end of a window in force is left alone, and all else is due: a window can be called off, end
    earlier than was said or mean something else, whether another one is in force or not.
    """
    now = moment.now
    ends = sorted({one.until for one in moment.config.maintenance if one.start <= now < one.end})
    found: dict[str, Data] = {}
    for after, before in pairwise((_EVER, *ends, now + _FAR)):
        between: tuple[Where, ...] = (("suppressed_until", ">", after), ("suppressed_until", "<", before))
        found |= store.query("events", *between, order_by="suppressed_until", limit=limit)
    return sorted(found, key=lambda one: found[one]["accepted_at"])


def look(identity: str, store: Store, tasks: Tasks, moment: Moment) -> None:
    """Route one once more, and ask for its pages; those that cannot be queued are the next sweep's."""
    path = f"events/{identity}"
    while path:
        minted = Minted(moment.new_id(), moment.new_id())
        rule = partial(_look, path=path, minted=minted, moment=moment)
        changed, following = circles.evenly(store, rule)
        if changed:
            log.event("a maintenance window is over, and this is not", incident=changed.id)
            outbox.flush(tasks, changed, moment.now)
        path = events.path(following) if following else ""


def _look(tx: Transaction, *, path: str, minted: Minted, moment: Moment, even: bool) -> tuple[Incident | None, str]:
    """Route the first event of a marker, and those after it that end alike; gives who is next."""
    marker = tx.get(path)
    if not marker or not marker.get("suppressed_until"):
        return None, ""
    came = [(one, recorded(marker)) for one in events.marked(marker)]
    told = partial(_told, suppressed_by=marker["reason"], moment=moment)
    weighed = told(weigh(tx, came[0], minted, moment, even=even))
    moved = alike(weighed, came[1:], minted, moment, told)
    following = rewrite(tx, marker, moved, weighed, moment.now)
    return weighed.routed.incident, following


def _told(weighed: Weighed, suppressed_by: str, moment: Moment) -> Weighed:
    now = moment.now
    # Also what a longer window, or the next one, holds back was accepted before that began.
    expected = window(moment.config.maintenance, replace(weighed.found.event, accepted_at=now), now)
    routed = suppressed(expected) if expected else outlasted(weighed.routed, suppressed_by, now)
    return replace(weighed, routed=routed)

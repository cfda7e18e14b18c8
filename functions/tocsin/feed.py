"""A calendar program asks for a feed: whoever knows its URL reads who is on call, and nothing else."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfoNotFoundError

from tocsin.domain import feed as rules
from tocsin.domain.feed import Secret
from tocsin.domain.values import dataclass
from tocsin.errors import Forbidden, Unavailable
from tocsin.records import from_document

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.store import Store
    from tocsin.current import Current


@dataclass(frozen=True)
class Calendar:
    """A feed's text, and the tag that stays the same as long as the text does."""

    text: str
    tag: str


def feed(path: str, store: Store, current: Current, now: datetime) -> Calendar:
    """Give the feed at a path below the function; raises Forbidden for a wrong key as for a name that is nobody's."""
    asked = rules.asked_for(path)
    found = store.get(rules.PATH) if asked else None
    if not asked or not found:
        raise Forbidden("there is no such calendar")
    wanted, shown = asked
    if not rules.opens(shown, from_document(Secret, found), wanted):
        raise Forbidden("there is no such calendar")
    config = current.config(now)
    if not rules.known(config, wanted):
        raise Forbidden("there is no such calendar")
    try:
        text = rules.calendar(config, wanted, current.changed_at or now, now)
    except ZoneInfoNotFoundError as error:
        raise Unavailable(f"{error} on this machine") from error
    return Calendar(text, f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"')

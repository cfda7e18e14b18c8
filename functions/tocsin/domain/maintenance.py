"""Maintenance: hours in which trouble of certain services is expected, is written down and pages nobody."""

import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from tocsin.domain.alert import Event
from tocsin.domain.matchers import Matcher, labels_of
from tocsin.domain.values import dataclass


@dataclass(frozen=True)
class Maintenance:
    """From `start` up to and without `end` (UTC) alerts of these services that every matcher fits page nobody."""

    name: str
    services: tuple[str, ...]
    start: datetime
    end: datetime
    match: tuple[Matcher, ...] = ()

    @property
    def until(self) -> datetime:
        """Give what is kept with an alert that it suppresses: its end, but for a part of a second.

        That tells what the window means: one that was changed has another, so that what an earlier form of it held back
        can be found and looked at anew, although its end is the same.
        """
        meant = repr((self.name, self.services, self.start, self.match)).encode()
        return self.end - timedelta(microseconds=zlib.crc32(meant) % 1_000_000)


def window(windows: Iterable[Maintenance], event: Event, now: datetime) -> Maintenance | None:
    """Give the window that an event falls into, or None.

    It must have been accepted inside, and the window not be over: what was held up until after the end is still
    trouble then. Of several windows the one that ends last is given.
    """
    labels = labels_of(event.alert)
    inside = (
        one for one in windows if event.service in one.services and one.start <= event.accepted_at and now < one.end
    )
    meant = [one for one in inside if all(matcher.fits(labels) for matcher in one.match)]
    return max(meant, key=lambda one: one.end, default=None)

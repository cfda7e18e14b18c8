"""A feed is a calendar to subscribe to: the shifts of one schedule, or of one user, behind a URL that is a secret."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.domain.calendar import Schedule
from tocsin.domain.config import Config
from tocsin.domain.ical import Entry, written
from tocsin.domain.schedule import Shift, on_call, shifts
from tocsin.domain.timeline import EVER
from tocsin.domain.values import dataclass, replace

BACK, AHEAD = timedelta(days=30), timedelta(days=180)

REFRESH = timedelta(hours=1)
PATH = "config/feeds"
"""Where the secret is kept."""

_TICK = timedelta(microseconds=1)
_FARTHEST = timedelta(days=400)
_WHERE = re.compile(r"(schedule|user)/([^/]{1,200})/([0-9a-f]{32})\.ics")


class Kind(StrEnum):
    """Whose shifts a feed holds."""

    SCHEDULE = "schedule"
    USER = "user"


@dataclass(frozen=True)
class Feed:
    """One feed: its `id` is the schedule's or the user's."""

    kind: Kind
    id: str

    @property
    def name(self) -> str:
        """Tell a schedule from a user of the same name."""
        return f"{self.kind}/{self.id}"


@dataclass(frozen=True)
class Secret:
    """What every feed's key is made of, 128 random bits in hexadecimal; `renewed` counts the keys of one feed."""

    secret: str
    renewed: Mapping[str, int] = field(default_factory=dict)

    def renew(self, feed: Feed) -> "Secret":
        """Give one feed another key; the others keep theirs."""
        return replace(self, renewed={**self.renewed, feed.name: self.renewed.get(feed.name, 0) + 1})


def key(secret: Secret, feed: Feed) -> str:
    """Give the 128 bits that open a feed: nothing has to be kept of them, and none says anything about another."""
    made_of = f"{feed.name}/{secret.renewed.get(feed.name, 0)}"
    return hmac.new(bytes.fromhex(secret.secret), made_of.encode(), hashlib.sha256).hexdigest()[:32]


def where(secret: Secret, feed: Feed) -> str:
    """Give the path of a feed below the function's address."""
    return f"{feed.name}/{key(secret, feed)}.ics"


def asked_for(path: str) -> tuple[Feed, str] | None:
    """Give the feed that a path names, with the key it shows; nothing for what is no path of a feed."""
    match = _WHERE.fullmatch(path)
    return (Feed(Kind(match[1]), match[2]), match[3]) if match else None


def opens(shown: str, secret: Secret, feed: Feed) -> bool:
    """Say whether a key is the feed's, in a time that tells nothing about how close it came."""
    return hmac.compare_digest(shown.encode(), key(secret, feed).encode())


def known(config: Config, feed: Feed) -> bool:
    """Say whether there is such a schedule or user."""
    return feed.id in (config.schedules if feed.kind is Kind.SCHEDULE else config.users)


def calendar(config: Config, feed: Feed, changed_at: datetime, now: datetime) -> str:
    """Give the feed as text: the same all day, as long as nothing changes.

    The feed must be known. Raises zoneinfo.ZoneInfoNotFoundError for a zone that this machine does not know.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = today - BACK, today + AHEAD
    if feed.kind is Kind.SCHEDULE:
        entries = _of_schedule(config, config.schedules[feed.id], start, end)
        return written(f"On call: {feed.id}", entries, changed_at, REFRESH)
    return written(f"On call: {_name(config, feed.id)}", _of_user(config, feed.id, start, end), changed_at, REFRESH)


def _of_schedule(config: Config, schedule: Schedule, start: datetime, end: datetime) -> Iterator[Entry]:
    for shift in whole_shifts(schedule, start, end):
        yield _entry(schedule, shift, f"{_name(config, shift.user)} on call: {schedule.id}")


def _of_user(config: Config, user: str, start: datetime, end: datetime) -> Iterable[Entry]:
    theirs = (
        _entry(schedule, shift, f"On call: {schedule.id}")
        for schedule in config.schedules.values()
        for shift in whole_shifts(schedule, start, end)
        if shift.user == user
    )
    return sorted(theirs, key=lambda one: (one.start, one.uid))


def whole_shifts(schedule: Schedule, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """Give the shifts between two times, the first since when it truly began: tomorrow it must be the same one."""
    found = shifts(schedule, start, end)
    if not found or found[0].start > start:
        return found
    begun = _begun(schedule, found[0])
    return (replace(found[0], start=begun if begun > EVER else start), *found[1:])


def _begun(schedule: Schedule, shift: Shift) -> datetime:
    """Look back over the pieces that say the same; after more than a year one may as well begin there."""
    start, farthest = shift.start + _TICK, shift.start - _FARTHEST
    while start > max(farthest, EVER):
        before = on_call(schedule, start - _TICK)
        if not before or (before.user, before.because) != (shift.user, shift.because):
            break
        start = before.start
    return start


def _entry(schedule: Schedule, shift: Shift, summary: str) -> Entry:
    begun = f"{schedule.id}/{shift.user}/{shift.start:%Y%m%dT%H%M%S}"
    uid = f"{hashlib.sha256(begun.encode()).hexdigest()[:32]}@tocsin"
    return Entry(uid, shift.start, shift.until, summary, f"By {shift.because}.")


def _name(config: Config, user: str) -> str:
    return config.users[user].name if user in config.users else user

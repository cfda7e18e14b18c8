"""Who did what, through which door, and what it changed: one entry each, named by the hash of what it says.

An entry is written once, with the change it tells of, and later given its place in the chain (`chain.py`).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from enum import StrEnum

from tocsin.domain.config import Config
from tocsin.domain.incident import Incident
from tocsin.domain.orders import Said
from tocsin.domain.values import dataclass

LONGEST = 500
"""How many characters of one value are kept: a whole note, and a sentence beside it."""

_TOLD = (
    "status",
    "urgency",
    "priority",
    "level",
    "answered_by",
    "snoozed_until",
    "asked",
    "passed_to",
    "merged_into",
)


class Kind(StrEnum):
    """What sort of thing an entry tells of."""

    CONFIGURATION = "configuration"
    ACTION = "action"
    DENIED = "denied"
    ACCESS = "access"


@dataclass(frozen=True)
class Entry:
    """One line of the audit; `about` is the document it is about, `channel` says how, `login` who was at the keyboard.

    `count` is how often it happened since the entry before of the same kind. `seq`, `prev` and `hash` are its place in
    the chain, `prev_expires_at` until when its predecessor is kept: 0 and empty until it is sealed.
    """

    at: datetime
    kind: Kind
    what: str
    about: str
    by: str = ""
    user: str = ""
    organisation: str = ""
    channel: str = ""
    login: str = ""
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    count: int = 1
    expires_at: datetime | None = None
    seq: int = 0
    prev: str = ""
    prev_expires_at: datetime | None = None
    hash: str = ""

    @property
    def id(self) -> str:
        """Give the SHA-256 of what it says, its place left out: its document's name."""
        said = {name: _plain(value) for name, value in vars(self).items() if name not in _PLACE}
        return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


_PLACE = frozenset({"seq", "prev", "prev_expires_at", "hash"})


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case Mapping():
            return dict(value)
    return value


def organisation(config: Config, user: str) -> str:
    """Give whose user this is: what is said of them, else of the first of their teams of which it is said."""
    known = config.users.get(user)
    if known and known.organisation:
        return known.organisation
    theirs = (team.organisation for team in config.teams.values() if user in team.users)
    return next((one for one in theirs if one), "")


def action(said: Said, before: Incident, after: Incident, now: datetime) -> Entry:
    """Tell what somebody did about an incident: the lines it added to the timeline, and the fields it changed."""
    known = frozenset(before.timeline)
    lines = [line for line in after.timeline if line not in known]
    changed = [name for name in _TOLD if getattr(before, name) != getattr(after, name)]
    was = {name: _text(getattr(before, name)) for name in changed}
    now_is = {name: _text(getattr(after, name)) for name in changed}
    why = {"said": _text("; ".join(line.why for line in lines))}
    what = ", ".join(line.what for line in lines) or "changed"
    return entry(Kind.ACTION, what, f"incidents/{after.id}", said, now, was, {**now_is, **why})


def entry(
    kind: Kind,
    what: str,
    about: str,
    said: Said,
    now: datetime,
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
) -> Entry:
    """Give the entry about what somebody said or did."""
    return Entry(
        at=now,
        kind=kind,
        what=what,
        about=about,
        by=said.by,
        user=said.user,
        organisation=said.organisation,
        channel=said.how,
        login=said.login,
        before=before or {},
        after=after or {},
    )


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S} UTC"
        case tuple():
            return ", ".join(map(str, value))
    return str(value)[:LONGEST]

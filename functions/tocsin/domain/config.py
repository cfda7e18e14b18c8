"""The configuration as the functions see it: checked once by the operator's command, never doubted again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from tocsin.domain.calendar import Schedule
from tocsin.domain.maintenance import Maintenance


class Urgency(StrEnum):
    """How loudly: each user says what either means for him."""

    HIGH = "high"
    LOW = "low"


class ServiceUrgency(StrEnum):
    """A service is always urgent, never, or as urgent as the alert's severity."""

    HIGH = "high"
    LOW = "low"
    BY_SEVERITY = "by_severity"


@dataclass(frozen=True)
class ContactRule:
    """Use `channel` (a module in `channels/`) this long after the page, unless somebody has answered."""

    channel: str
    after: timedelta = timedelta(0)


@dataclass(frozen=True)
class User:
    """Somebody who can be paged; `phone` is E.164; rules for each urgency, soonest first."""

    id: str
    name: str
    phone: str
    rules: Mapping[Urgency, tuple[ContactRule, ...]]


class TargetKind(StrEnum):
    """What a level can name."""

    USER = "user"
    SCHEDULE = "schedule"


@dataclass(frozen=True)
class Target:
    """A user, or whoever a schedule has on call."""

    kind: TargetKind
    id: str


@dataclass(frozen=True)
class Level:
    """Everybody a level pages at once, and how long they have before the next one is paged."""

    targets: tuple[Target, ...]
    delay: timedelta


@dataclass(frozen=True)
class Policy:
    """Levels in order; after the last one they are gone through `repeat` more times."""

    id: str
    levels: tuple[Level, ...]
    repeat: int = 0


@dataclass(frozen=True)
class Service:
    """Something that can break, and the policy that finds its owner.

    What is acknowledged for longer than `acknowledgement_timeout` is triggered again; what no alert has joined for
    `auto_resolve` is resolved.
    """

    id: str
    name: str
    policy: str
    urgency: ServiceUrgency = ServiceUrgency.BY_SEVERITY
    acknowledgement_timeout: timedelta | None = None
    auto_resolve: timedelta | None = None


@dataclass(frozen=True)
class Integration:
    """A door into one service: `source` is a module in `sources/`; keys are kept as SHA-256 in hexadecimal.

    One that is a heartbeat monitor is to be heard `every` so often, and is called by its `title` when it is not.
    """

    id: str
    service: str
    source: str
    keys: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    every: timedelta | None = None
    title: str = ""


@dataclass(frozen=True)
class CatchAll:
    """Who takes what nobody else takes: never empty; asked again every `every` until somebody answers."""

    users: tuple[str, ...]
    every: timedelta = timedelta(minutes=30)


@dataclass(frozen=True)
class Canary:
    """An alert that is sent `every` so often to show that one gets through, to a contact nobody else is paged by.

    With `answers` the contact's phone acknowledges each of them by itself, and one that is only sent proves nothing.
    """

    integration: str
    every: timedelta
    answers: bool = False


@dataclass(frozen=True)
class Config:
    """One version of everything."""

    catch_all: CatchAll
    users: Mapping[str, User]
    schedules: Mapping[str, Schedule]
    policies: Mapping[str, Policy]
    services: Mapping[str, Service]
    integrations: Mapping[str, Integration]
    canary: Canary | None = None
    maintenance: tuple[Maintenance, ...] = ()

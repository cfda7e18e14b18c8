"""The configuration as the functions see it: checked once by the operator's command, never doubted again."""

import hmac
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.domain.alert import Severity
from tocsin.domain.calendar import Hours, Schedule
from tocsin.domain.maintenance import Maintenance
from tocsin.domain.matchers import Matcher
from tocsin.domain.values import dataclass

RETENTION = timedelta(days=400)
"""How long what is over is kept unless the configuration says otherwise: thirteen months, so that a year can be told
when it has ended. No shorter one is taken than what may still be delivered again needs."""


class Urgency(StrEnum):
    """How loudly: each user says what either means for him."""

    HIGH = "high"
    LOW = "low"


class ServiceUrgency(StrEnum):
    """A service is always urgent, never, as urgent as the alert's severity, or while somebody is there for it."""

    HIGH = "high"
    LOW = "low"
    BY_SEVERITY = "by_severity"
    BY_SUPPORT_HOURS = "by_support_hours"


@dataclass(frozen=True)
class ContactRule:
    """Use `channel` (a module in `channels/`) this long after the page, unless somebody has answered."""

    channel: str
    after: timedelta = timedelta(0)


@dataclass(frozen=True)
class User:
    """Somebody who can be paged; `phone` is E.164; rules for each urgency, soonest first.

    `quiet_hours`, on the wall of this user's own `time_zone`, hold back what can wait. With `shift_notices` a text says
    when a shift begins and ends. The audit names the `organisation`, where several look after the same services.
    """

    id: str
    name: str
    phone: str
    rules: Mapping[Urgency, tuple[ContactRule, ...]]
    time_zone: str = "UTC"
    quiet_hours: Hours | None = None
    shift_notices: bool = False
    links: bool = False
    organisation: str = ""


@dataclass(frozen=True)
class Team:
    """People who can be paged under one name; `organisation` is that of those of whom none is said."""

    id: str
    users: tuple[str, ...]
    organisation: str = ""


class TargetKind(StrEnum):
    """What a level can name."""

    USER = "user"
    SCHEDULE = "schedule"
    TEAM = "team"


@dataclass(frozen=True)
class Target:
    """A user, whoever a schedule has on call, or everybody in a team."""

    kind: TargetKind
    id: str


@dataclass(frozen=True)
class Level:
    """Everybody a level pages at once, and how long they have before the next one is paged.

    With a `circle`, the name under which it is remembered whose turn it is, one of them is paged for each incident.
    """

    targets: tuple[Target, ...]
    delay: timedelta
    circle: str = ""


@dataclass(frozen=True)
class Policy:
    """Levels in order; after the last one they are gone through `repeat` more times."""

    id: str
    levels: tuple[Level, ...]
    repeat: int = 0


@dataclass(frozen=True)
class SupportHours:
    """When somebody is there for a service, on the wall of a zone; with `raise_pending` what is open then is raised."""

    time_zone: str
    hours: tuple[Hours, ...]
    raise_pending: bool = False


@dataclass(frozen=True)
class Flapping:
    """What opens so many `times` within so long is flapping, until nothing of it has come for as long as `stable`."""

    times: int = 6
    within: timedelta = timedelta(hours=1)
    stable: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class Service:
    """Something that can break, and the policy that finds its owner.

    What is acknowledged for longer than `acknowledgement_timeout` is triggered again; what no alert has joined for
    `auto_resolve` is resolved. Where it is not None, `flapping` is damped. One in `shadow` does everything but send.
    """

    id: str
    name: str
    policy: str
    urgency: ServiceUrgency = ServiceUrgency.BY_SEVERITY
    support_hours: SupportHours | None = None
    acknowledgement_timeout: timedelta | None = None
    auto_resolve: timedelta | None = None
    shadow: bool = False
    flapping: Flapping | None = Flapping()


@dataclass(frozen=True)
class Integration:
    """A door into one service: `source` is a module in `sources/`; keys are kept as SHA-256 in hexadecimal.

    The newest key is first; one that `until` names opens nothing from that time on. A heartbeat monitor is to be heard
    `every` so often, and is called by its `title` when it is not.
    """

    id: str
    service: str
    source: str
    keys: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    every: timedelta | None = None
    title: str = ""
    until: Mapping[str, datetime] = field(default_factory=dict)

    def opens(self, digest: str, now: datetime) -> bool:
        """Say whether one of the keys still does."""
        # Every key is compared, in constant time.
        found = [hmac.compare_digest(digest.encode(), one.encode()) for one in self.keys]
        until = self.until.get(digest)
        return any(found) and (until is None or now < until)


@dataclass(frozen=True)
class CatchAll:
    """Who takes what nobody else takes: never empty; asked again every `every` until somebody answers."""

    users: tuple[str, ...]
    every: timedelta = timedelta(minutes=30)


@dataclass(frozen=True)
class Threshold:
    """So many triggers within so long."""

    count: int
    within: timedelta


@dataclass(frozen=True)
class Rule:
    """What is decided about an alert that every matcher fits, and for which the expression `when` (in CEL) holds.

    `dedup_key` and `group` are templates. Alerts of one group are one incident until that is resolved, or those that
    come within `group_window` of its first one. `pause` is how long nobody is paged, `threshold` what must have come
    before an incident opens. The first rule that fits is the last one looked at, unless it `continues`.
    """

    name: str
    match: tuple[Matcher, ...] = ()
    when: str = ""
    continues: bool = False
    service: str = ""
    severity: Severity | None = None
    urgency: Urgency | None = None
    priority: str = ""
    dedup_key: str = ""
    group: str = ""
    group_window: timedelta | None = None
    suppress: bool | None = None
    pause: timedelta | None = None
    threshold: Threshold | None = None


@dataclass(frozen=True)
class Canary:
    """An alert that is sent `every` so often to show that one gets through, to a contact nobody else is paged by.

    With `answers` the contact's phone acknowledges each of them by itself, and one that is only sent proves nothing.
    """

    integration: str
    every: timedelta
    answers: bool = False


@dataclass(frozen=True)
class Budget:
    """What texts and calls may cost in a `month` of UTC, and what one of either costs, in the account's currency."""

    month: float
    text: float
    call: float


@dataclass(frozen=True)
class Config:
    """One version of everything; `retention` is how long what is over is kept, phones have `calling_codes`."""

    catch_all: CatchAll
    users: Mapping[str, User]
    schedules: Mapping[str, Schedule]
    policies: Mapping[str, Policy]
    services: Mapping[str, Service]
    integrations: Mapping[str, Integration]
    canary: Canary | None = None
    teams: Mapping[str, Team] = field(default_factory=dict)
    maintenance: tuple[Maintenance, ...] = ()
    rules: tuple[Rule, ...] = ()
    budget: Budget | None = None
    retention: timedelta = RETENTION
    calling_codes: tuple[str, ...] = ()

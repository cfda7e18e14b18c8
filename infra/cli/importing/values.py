"""What every product's configuration becomes on its way to a file of ours; names are those of the file."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.cli.importing.weeks import ALWAYS, Week


@dataclass(frozen=True)
class User:
    """Somebody who can be paged; `phone` is empty where the export has none; rules are written as the file has them."""

    name: str
    title: str
    phone: str
    time_zone: str
    high: tuple[str, ...]
    low: tuple[str, ...]
    owns_the_account: bool = False


@dataclass(frozen=True)
class Team:
    """Users under one name."""

    name: str
    users: tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """Users who take turns from `start` to `end`, within the hours of `only`; wall-clock times of the schedule."""

    title: str
    users: tuple[str, ...]
    turn: timedelta
    start: datetime
    end: datetime | None = None
    only: Week = ALWAYS


@dataclass(frozen=True)
class Override:
    """One user instead of all layers; wall-clock times of the schedule."""

    user: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Schedule:
    """Who is on call when; a later layer wins over an earlier one."""

    name: str
    time_zone: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True)
class Level:
    """Targets as the file names them (`schedule shop`), and how long until the next level."""

    targets: tuple[str, ...]
    delay: timedelta
    round_robin: bool = False


@dataclass(frozen=True)
class Policy:
    """Levels in order, gone through `repeat` more times."""

    name: str
    levels: tuple[Level, ...]
    repeat: int = 0


@dataclass(frozen=True)
class Integration:
    """A door for one sender."""

    name: str
    source: str
    key: str


@dataclass(frozen=True)
class SupportHours:
    """When a service is urgent."""

    time_zone: str
    hours: Week
    raise_pending: bool


@dataclass(frozen=True)
class Service:
    """Something that can break; a time-out that is None is switched off."""

    name: str
    title: str
    policy: str
    urgency: str
    integrations: tuple[Integration, ...] = ()
    support_hours: SupportHours | None = None
    acknowledgement_timeout: timedelta | None = None
    auto_resolve: timedelta | None = None


@dataclass(frozen=True)
class Maintenance:
    """Services that page nobody from `start` to `end` (aware)."""

    title: str
    services: tuple[str, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Configuration:
    """All that was found, in the order in which it is written."""

    users: tuple[User, ...]
    teams: tuple[Team, ...]
    schedules: tuple[Schedule, ...]
    policies: tuple[Policy, ...]
    services: tuple[Service, ...]
    maintenance: tuple[Maintenance, ...] = ()
    catch_all: str = ""

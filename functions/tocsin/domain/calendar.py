"""What a calendar is made of: layers of turns with their hours and holidays, and the overrides that interrupt them.

Times on the wall are naive and mean the schedule's own zone.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from tocsin.domain.values import dataclass


@dataclass(frozen=True)
class Months:
    """A turn of whole months: it ends on the day of the month, and at the time, at which the first one began."""

    count: int


@dataclass(frozen=True)
class Hours:
    """On these weekdays (Monday is 0) from `start` up to `end` on the wall; an end not after it is the next day's."""

    days: tuple[int, ...]
    start: time
    end: time


@dataclass(frozen=True)
class Layer:
    """Users who take turns of `turn` each from `start` up to `end`, both on the wall.

    With `only` they are on call at those hours alone; never on the dates `off`, and with `on` on no other dates.
    An `early` layer has its first user before its start as well. `name` is how reasons call it.
    """

    users: tuple[str, ...]
    turn: timedelta | Months
    start: datetime
    end: datetime | None = None
    name: str = "rotation"
    early: bool = False
    only: tuple[Hours, ...] = ()
    off: tuple[date, ...] = ()
    on: tuple[date, ...] | None = None


class Kind(StrEnum):
    """Why an override was made."""

    OVERRIDE = "override"
    COVER = "cover"
    SWAP = "swap"


ANYBODY = "*"


@dataclass(frozen=True)
class Override:
    """One user instead of the layers, from `start` up to and without `end` (aware, UTC).

    With `instead_of` only where that user, or ANYBODY at all, would be on call; else throughout. What was made while
    the pager ran has an id (both halves of a swap have the same one) and says who made it, when and why.
    """

    user: str
    start: datetime
    end: datetime
    instead_of: str = ""
    kind: Kind = Kind.OVERRIDE
    id: str = ""
    made_by: str = ""
    made_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class Schedule:
    """Who is on call when, in an IANA `time_zone`: a later layer wins wherever it has somebody, an override always."""

    id: str
    time_zone: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()

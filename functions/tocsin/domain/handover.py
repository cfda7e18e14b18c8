"""Shift notices: who has come on call or gone off and wants to be told, and in which words."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

from tocsin.domain.calendar import Schedule
from tocsin.domain.config import Config, User
from tocsin.domain.gsm import fitted, plain
from tocsin.domain.quiet import ends
from tocsin.domain.schedule import Shift, on_call, shifts
from tocsin.domain.timeline import NEVER
from tocsin.domain.values import dataclass, replace
from tocsin.domain.wall import weekday_and_clock

LOOK_BACK = timedelta(hours=1)
"""What lies further back is not told any more: it would only confuse."""

_MOMENT, _WEEK = timedelta(seconds=1), timedelta(weeks=1)
_MOST_SHIFTS = 100


@dataclass(frozen=True)
class Notice:
    """At this instant (UTC) a user comes on call in a schedule, or goes off."""

    at: datetime
    schedule: str
    user: str
    comes: bool

    @property
    def id(self) -> str:
        """Name it, the same in every sweep."""
        return f"{self.schedule}-{self.at:%Y%m%dT%H%M%S%f}-{self.user}-{'on' if self.comes else 'off'}"


def due(config: Config, now: datetime) -> list[Notice]:
    """Give what happened in the last hour and may be told now, the earliest first, and of one instant whoever comes on.

    Going off is not told in quiet hours. Coming on is, whatever the hour: whoever is on call must know it.
    """
    asked = {user.id for user in config.users.values() if user.shift_notices}
    concerned = (one for one in config.schedules.values() if asked & _people(one)) if asked else ()
    found = (notice for schedule in concerned for notice in _changes(schedule, now) if notice.user in asked)
    told = (one for one in found if one.comes or ends(config.users[one.user], now) == now)
    return sorted(told, key=lambda one: (one.at, not one.comes, one.id))


def words(notice: Notice, config: Config) -> str:
    """Give the text; it fits two segments. Raises KeyError when schedule or user are gone."""
    schedule, user = config.schedules[notice.schedule], config.users[notice.user]
    if not notice.comes:
        head = f"You are off call for {schedule.id} since {_when(user, notice.at, notice.at)}. "
        following = on_call(schedule, notice.at)
        return fitted(f"{head}{_named(config, following) if following else 'Nobody'} is on call now", ".")
    until = _until(schedule, notice)
    if not until:
        return fitted(f"You are on call for {schedule.id} from now on", ".")
    head = f"You are on call for {schedule.id} until {_when(user, until, notice.at)}. "
    return fitted(f"{head}Then {_named(config, on_call(schedule, until))}", ".")


def _people(schedule: Schedule) -> set[str]:
    layers = {user for layer in schedule.layers for user in layer.users}
    return layers | {override.user for override in schedule.overrides}


def _changes(schedule: Schedule, now: datetime) -> Iterator[Notice]:
    since = now - LOOK_BACK
    try:
        found = shifts(schedule, since - _MOMENT, now + _MOMENT)
    except ZoneInfoNotFoundError:
        return
    for shift in _without_seams(found):
        if since <= shift.start <= now:
            yield Notice(shift.start, schedule.id, shift.user, comes=True)
        if since <= shift.until <= now:
            yield Notice(shift.until, schedule.id, shift.user, comes=False)


def _without_seams(found: tuple[Shift, ...]) -> list[Shift]:
    """Join the shifts of somebody who goes on by another rule: nothing changes there."""
    joined: list[Shift] = []
    for shift in found:
        if joined and (joined[-1].user, joined[-1].until) == (shift.user, shift.start):
            joined[-1] = replace(joined[-1], until=shift.until)
        else:
            joined.append(shift)
    return joined


def _until(schedule: Schedule, notice: Notice) -> datetime | None:
    """Give when somebody else is on call, or nobody; None when that is nowhere in sight."""
    at = notice.at
    for _ in range(_MOST_SHIFTS):
        shift = on_call(schedule, at)
        if not shift or shift.user != notice.user:
            return at
        at = shift.until
        if at == NEVER:
            return None
    return None


def _when(user: User, at: datetime, now: datetime) -> str:
    """Give the time on the user's wall, with a date where the weekday alone would mislead."""
    return (
        weekday_and_clock(at, user.time_zone)
        if at - now <= _WEEK
        else f"{at:%Y-%m-%d}, {weekday_and_clock(at, user.time_zone)}"
    )


def _named(config: Config, shift: Shift | None) -> str:
    if not shift:
        return "nobody"
    return plain(config.users[shift.user].name) if shift.user in config.users else shift.user

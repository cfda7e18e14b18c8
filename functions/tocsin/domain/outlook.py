"""Looks ahead: when schedules will have nobody on call."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.domain.calendar import Schedule
from tocsin.domain.config import Config
from tocsin.domain.schedule import Gap, gaps
from tocsin.domain.values import dataclass

AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Empty:
    """A schedule that will have nobody on call at some time, with those times and a sentence."""

    schedule: str
    gaps: tuple[Gap, ...]
    sentence: str


def gaps_ahead(config: Config, now: datetime) -> tuple[Empty, ...]:
    """Give each schedule that has nobody at some time of the next 14 days.

    Raises zoneinfo.ZoneInfoNotFoundError for a zone that this machine does not know.
    """
    found = ((schedule, gaps(schedule, now, now + AHEAD)) for schedule in config.schedules.values())
    return tuple(Empty(schedule.id, empty, _sentence(schedule, empty)) for schedule, empty in found if empty)


def _sentence(schedule: Schedule, empty: tuple[Gap, ...]) -> str:
    first, zone = empty[0], ZoneInfo(schedule.time_zone)
    start, until = (at.astimezone(zone) for at in (first.start, first.until))
    when = f"from {start:%a %Y-%m-%d %H:%M} to {until:%a %Y-%m-%d %H:%M} {zone.key}"
    if len(empty) == 1:
        return f"the schedule {schedule.id} has nobody on call {when}"
    return (
        f"the schedule {schedule.id} has nobody on call {len(empty)} times in the next {AHEAD.days} days, first {when}"
    )

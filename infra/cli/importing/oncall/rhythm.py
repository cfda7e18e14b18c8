"""When a shift of Grafana OnCall comes back, in turns and hours; or why the file cannot say it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.cli.importing import weeks
from infra.cli.importing.oncall import wire
from infra.cli.importing.weeks import Week

MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
UNITS = {"hourly": HOUR, "daily": DAY, "weekly": WEEK}
ICAL = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Rhythm:
    """Turns from `start` to `end`, within the hours of `only`; wall-clock times of the shift's zone."""

    turn: timedelta
    start: datetime
    end: datetime | None
    only: Week = weeks.ALWAYS


def rhythm(shift: wire.Shift, groups: int) -> Rhythm | str:
    """Give the rhythm of a shift whose users come in so many groups, or the reason why there is none."""
    start, lasts = shift.start.replace(tzinfo=None), timedelta(seconds=shift.duration)
    if shift.type in {"single_event", "override"} or not shift.frequency:
        return Rhythm(DAY, start, start + lasts)
    until = shift.until.replace(tzinfo=None) if shift.until else None
    unit, interval = UNITS.get(shift.frequency), shift.interval or 1
    if shift.by_month or shift.by_monthday or not unit:
        return "it comes back by the month"
    if lasts > unit * interval:
        return "it lasts longer than its turn, so that two turns overlap"
    if shift.by_day:
        return _by_day(shift, groups, start, until)
    if lasts == unit * interval:
        return Rhythm(unit * interval, start, until)
    return _within_the_turn(unit * interval, lasts, start, until)


def _by_day(shift: wire.Shift, groups: int, start: datetime, until: datetime | None) -> Rhythm | str:
    """Change on the first day of the week, at the time at which the shift begins."""
    lasts = timedelta(seconds=shift.duration)
    if shift.frequency == "hourly" or (shift.interval or 1) > 1 or lasts > DAY:
        return "it comes back on some days of some weeks, or lasts longer than one of these days"
    if shift.frequency == "daily" and groups > 1:
        return "its users change with each of the days on which it is, which is no turn of a fixed length"
    if lasts % MINUTE or start.second:
        return "its hours are to the second"
    first = ICAL.index(shift.week_start or "SU")
    monday = start - timedelta(days=(start.weekday() - first) % 7)
    days = (ICAL.index(day) * weeks.DAY + _minute(start) for day in shift.by_day or ())
    return Rhythm(WEEK, monday, until, weeks.week((begin, begin + lasts // MINUTE) for begin in days))


def _within_the_turn(period: timedelta, lasts: timedelta, start: datetime, until: datetime | None) -> Rhythm | str:
    """Give a shift that leaves a part of each turn empty."""
    if lasts % MINUTE or start.second:
        return "its hours are to the second"
    if period == WEEK:
        begins = [start.weekday() * weeks.DAY + _minute(start)]
    elif not DAY % period:
        step = period // MINUTE
        begins = [_minute(start) % step + number * step for number in range(weeks.WEEK // step)]
    else:
        return "it leaves a part of each turn empty, and its turns do not come back with the day or the week"
    return Rhythm(period, start, until, weeks.week((begin, begin + lasts // MINUTE) for begin in begins))


def _minute(at: datetime) -> int:
    return at.hour * 60 + at.minute

"""Times on their way: instants to a schedule's wall clock, lengths to the file's words, zones to the IANA's names."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from infra.cli.importing.railszones import RAILS

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
UNITS = {"w": WEEK, "d": DAY, "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


def span(length: timedelta) -> str:
    """Give a length exactly, in its largest unit: 90 seconds are `90s`, 14 days `2w`."""
    unit, size = next((unit, size) for unit, size in UNITS.items() if not length % size)
    return f"{length // size}{unit}"


def wall(at: datetime, zone: str) -> datetime:
    """Give the wall-clock time of an instant, without its zone."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def is_doubtful(at: datetime, zone: str) -> bool:
    """Tell whether the wall clock shows this time twice and this is the second time, which no file can say."""
    return instant(wall(at, zone), zone) != at.astimezone(UTC)


def instant(clock: datetime, zone: str) -> datetime:
    """Give the UTC instant of a wall-clock time, as the file's reader takes it."""
    return clock.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def iana(name: str | None) -> str | None:
    """Give the IANA name of a zone, which PagerDuty may call as Rails does; None for an unknown one."""
    return name if name in available_timezones() else RAILS.get(name or "")


def keeps_the_clock(turn: timedelta) -> bool:
    """Tell whether turns of this length can hand over at the same time of day all year."""
    return not turn % DAY or (turn >= UNITS["h"] and not DAY % turn)

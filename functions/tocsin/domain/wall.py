"""Times as somebody reads them: on the wall where they live, with the name of the zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def clock(at: datetime | None, zone: str) -> str:
    """Give the time of day, or nothing for no time."""
    return _written(at, zone, "%H:%M") if at else ""


def day_and_clock(at: datetime, now: datetime, zone: str) -> str:
    """Give a time to come: the time of day if it is within a day, else with its date."""
    return _written(at, zone, "%H:%M" if at - now < timedelta(days=1) else "%a %d %b %H:%M")


def weekday_and_clock(at: datetime, zone: str) -> str:
    """Give the day of the week with the time of day."""
    return _written(at, zone, "%a %H:%M")


def _written(at: datetime, zone: str, form: str) -> str:
    """Write an aware time; UTC where this machine does not know the zone, and `UTC+03` where that has no letters."""
    try:
        wall = at.astimezone(ZoneInfo(zone))
    except ZoneInfoNotFoundError:
        wall = at.astimezone(UTC)
    name = wall.strftime("%Z")
    return f"{wall.strftime(form)} {name if name.isalpha() else f'UTC{name}'}"

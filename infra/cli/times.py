"""What the fields of a calendar, and times on the command line, may say; each refusal shows the right form."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import click
from pydantic import BeforeValidator

from infra.cli.fields import Text, duration, known, lasting, text
from tocsin.domain.calendar import Hours, Months
from tocsin.domain.timeline import instant

LONGEST_TURN = timedelta(weeks=52)
MOST_MONTHS = 12
YEARS = range(1970, 2200)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
A_DAY = "|".join(DAYS)
A_TIME = r"([01]\d|2[0-3]):[0-5]\d"
HOURS = re.compile(rf"(?:({A_DAY})(?:-({A_DAY}))? )?({A_TIME})-({A_TIME}|24:00)", re.ASCII)


def turn(value: object) -> timedelta | Months:
    """Read `12h`, `1d`, `2w`, `1mo`."""
    months = re.fullmatch(r"([0-9]{1,3})mo", text(value), re.ASCII)
    if not months:
        try:
            length = duration(value)
        except ValueError:
            sentence = f'"{value}" is not a turn: write a number and a unit, as in 12h, 1d, 2w or 1mo'
            raise ValueError(sentence) from None
        return lasting(LONGEST_TURN)(length)
    if not 0 < int(months[1]) <= MOST_MONTHS:
        raise ValueError(f"should be at least 1mo and at most {MOST_MONTHS}mo")
    return Months(int(months[1]))


def moment(value: object) -> datetime:
    """Read a wall-clock time without a zone: the schedule has the zone."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", text(value), re.ASCII):
        raise ValueError(f'"{value}" is not a time: write it in the schedule\'s own time zone, as in 2026-01-05 09:00')
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f'"{value}" is not in the calendar') from None


def hours(value: object) -> Hours:
    """Read `mon-fri 09:00-17:30`, `sat 22:00-06:00`, or `22:00-06:00` for every day."""
    match = HOURS.fullmatch(text(value))
    if not match:
        raise ValueError(
            f'"{value}" is not hours of the week: write days and times, as in mon-fri 09:00-17:30, sat 00:00-24:00'
        )
    first, last, start, _, end, _ = match.groups()
    if start == end:
        raise ValueError(f'"{value}" ends when it begins: for whole days write 00:00-24:00')
    return Hours(_days(first, last), time.fromisoformat(start), time.fromisoformat(end.replace("24:", "00:")))


def quiet(value: object) -> Hours:
    """Read hours as above that end at some time of the week."""
    found = hours(value)
    if found.start == found.end and len(found.days) == len(DAYS):
        raise ValueError(f'"{value}" never ends: what can wait would wait for ever')
    return found


def _days(first: str | None, last: str | None) -> tuple[int, ...]:
    if first is None:
        return tuple(range(len(DAYS)))
    start = DAYS.index(first)
    length = (DAYS.index(last or first) - start) % len(DAYS) + 1
    return tuple(sorted((start + number) % len(DAYS) for number in range(length)))


def day(value: object) -> date:
    """Read `2026-12-25`."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text(value), re.ASCII):
        raise ValueError(f'"{value}" is not a date: write year, month and day, as in 2026-12-25')
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f'"{value}" is not in the calendar') from None


Turn = Annotated[timedelta | Months, BeforeValidator(turn)]
Moment = Annotated[datetime, BeforeValidator(moment)]
OpenHours = Annotated[Hours, BeforeValidator(hours)]
QuietHours = Annotated[Hours, BeforeValidator(quiet)]
Day = Annotated[date, BeforeValidator(day)]
HolidaysName = Annotated[Text, known("list of holidays")]


def given(value: str, zone: ZoneInfo | None = None) -> datetime:
    """Read a time from the command line: with an offset, or on the wall of a zone (unless given, of this machine).

    Raises click.BadParameter for anything else.
    """
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f'"{value}" is not a time: write it as in "2026-01-05 09:00", or with Z') from None
    if at.year not in YEARS:
        raise click.BadParameter(f"{value} is too far away: years go from {YEARS.start} to {YEARS.stop - 1}")
    if at.tzinfo is None:
        return instant(at, zone) if zone else at.astimezone(UTC)
    return at.astimezone(UTC)

"""Somebody who watches the clock on the wall, minute by minute, and writes down who is on call: slow, and sure.

Nothing here adds to a time in a zone or asks what it is in UTC: clocks are only read.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.domain.calendar import Hours, Layer, Months, Override, Schedule
from tocsin.domain.timeline import NEVER

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass
class Wall:
    """What a clock shows at each minute from `since` up to `until`, and when it first shows a time."""

    zone: ZoneInfo
    since: datetime
    until: datetime
    readings: list[datetime] = field(default_factory=list)
    first: dict[datetime, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        at = self.since
        while at < self.until:
            reading = at.astimezone(self.zone).replace(tzinfo=None)
            for passed in range(1, self._skipped(reading)):
                # The clock jumped over this time: it comes as long after the jump as it lies after where it jumped.
                self.first.setdefault(self.readings[-1] + passed * MINUTE, at + (passed - 1) * MINUTE)
            self.readings.append(reading)
            self.first.setdefault(reading, at)
            at += MINUTE

    def _skipped(self, reading: datetime) -> int:
        return (reading - self.readings[-1]) // MINUTE if self.readings else 0

    def minutes(self) -> Iterator[datetime]:
        return (self.since + number * MINUTE for number in range(len(self.readings)))

    def comes(self, wall: datetime) -> datetime:
        """Give when a time comes: before all minutes that were watched, after them, or at one of them."""
        if wall in self.first:
            return self.first[wall]
        return self.since if wall < self.readings[0] else NEVER


def handed(layer: Layer, number: int) -> datetime:
    """Give what the clock should show when a turn begins, by turning the pages of a calendar."""
    at = layer.start
    if isinstance(layer.turn, timedelta):
        return datetime.fromordinal(at.toordinal()) + (at - datetime.fromordinal(at.toordinal())) + layer.turn * number
    year, month = at.year, at.month
    for _ in range(number * layer.turn.count):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return datetime(year, month, min(at.day, monthrange(year, month)[1]), at.hour, at.minute)  # noqa: DTZ001


def turn_at(layer: Layer, wall: Wall, most: int) -> list[str | None]:
    """Give who has the turn at each minute, of the first `most` turns."""
    if isinstance(layer.turn, Months) or not layer.turn % DAY or (layer.turn >= 60 * MINUTE and not DAY % layer.turn):
        begins = [wall.comes(handed(layer, number)) for number in range(most)]
    else:
        begin = layer.start.replace(tzinfo=wall.zone).timestamp()
        begins = [
            datetime.fromtimestamp(begin + n * layer.turn.total_seconds(), wall.since.tzinfo) for n in range(most)
        ]
    held: list[str | None] = []
    for at in wall.minutes():
        begun = [number for number in range(most) if begins[number] <= at]
        held.append(layer.users[begun[-1] % len(layer.users)] if begun else None)
    return held


def open_at(hours: Hours, wall: Wall) -> list[bool]:
    """Say at each minute whether it is one of the hours: begun on one of the days around, and not ended."""
    today = datetime.fromordinal(wall.readings[0].toordinal())
    spans = []
    for day in (today + number * DAY for number in (-1, 0, 1, 2)):
        if day.weekday() in hours.days:
            start, end = datetime.combine(day, hours.start), datetime.combine(day, hours.end)
            spans.append((wall.comes(start), wall.comes(end if end > start else end + DAY)))
    return [any(start <= at < end for start, end in spans) for at in wall.minutes()]


def written_down(plan: Schedule, wall: Wall, most: int) -> list[str | None]:
    """Give who is on call at each minute: the layers from below, each over those before it, then the overrides."""
    held: list[str | None] = [None] * len(wall.readings)
    for layer in plan.layers:
        turn = turn_at(layer, wall, most)
        is_open = [open_at(each, wall) for each in layer.only]
        for number, reading in enumerate(wall.readings):
            day = reading.date()
            within = not is_open or any(each[number] for each in is_open)
            if within and day not in layer.off and (layer.on is None or day in layer.on):
                held[number] = turn[number] or held[number]
    for override in plan.overrides:
        held = [replaced(user, override, at) for user, at in zip(held, wall.minutes(), strict=True)]
    return held


def replaced(user: str | None, override: Override, at: datetime) -> str | None:
    if not override.start <= at < override.end:
        return user
    meant = not override.instead_of or user == override.instead_of or (override.instead_of == "*" and user)
    return override.user if meant else user

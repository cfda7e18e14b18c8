"""Writes calendars in the form of RFC 5545, as far as whole shifts need it: events in UTC, lines folded and escaped."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from tocsin.domain.values import dataclass

_LONGEST = 75  # octets of a line, its end not counted
_ESCAPED = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}


@dataclass(frozen=True)
class Entry:
    """One event from `start` up to `until`; a program knows it again by its `uid`, wherever it has moved."""

    uid: str
    start: datetime
    until: datetime
    summary: str
    description: str


def written(name: str, entries: Iterable[Entry], changed_at: datetime, refresh: timedelta) -> str:
    """Give a calendar whose events were last revised at `changed_at`; `refresh` is how often to ask again."""
    lines = [*_head(name, refresh), *(line for each in entries for line in _event(each, changed_at)), "END:VCALENDAR"]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _head(name: str, refresh: timedelta) -> Iterator[str]:
    often = f"PT{refresh // timedelta(minutes=1)}M"
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tocsin//On call//EN", "CALSCALE:GREGORIAN")
    # The same twice: what RFC 7986 says, and what calendars had agreed on before.
    yield from (f"NAME:{_escaped(name)}", f"X-WR-CALNAME:{_escaped(name)}")
    yield from (f"REFRESH-INTERVAL;VALUE=DURATION:{often}", f"X-PUBLISHED-TTL:{often}")


def _event(entry: Entry, changed_at: datetime) -> Iterator[str]:
    yield from ("BEGIN:VEVENT", f"UID:{entry.uid}")
    yield from (f"DTSTAMP:{_utc(changed_at)}", f"LAST-MODIFIED:{_utc(changed_at)}")
    yield from (f"DTSTART:{_utc(entry.start)}", f"DTEND:{_utc(entry.until)}")
    yield from (f"SUMMARY:{_escaped(entry.summary)}", f"DESCRIPTION:{_escaped(entry.description)}")
    # Whoever is on call can still be invited to lunch.
    yield from ("TRANSP:TRANSPARENT", "END:VEVENT")


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Escape what has a meaning, and leave out control characters, which no line may hold."""
    lines = "\n".join(text.splitlines())
    return "".join(_ESCAPED.get(one, one) for one in lines if one == "\n" or one.isprintable())


def _folded(line: str) -> str:
    """Break a line that is too long, never within a character; what goes on begins with a space."""
    if len(line.encode()) <= _LONGEST:
        return line
    parts, octets = [""], 0
    for one in line:
        size = len(one.encode())
        if octets + size > _LONGEST:
            parts.append(" ")
            octets = 1
        parts[-1] += one
        octets += size
    return "\r\n".join(parts)

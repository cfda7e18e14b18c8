"""What a single field of the configuration file may say; each refusal is a sentence that shows the right form."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from typing import Annotated, cast
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from tocsin.domain import tariffs
from tocsin.domain.config import ContactRule, Target, TargetKind

LONGEST_WAIT = timedelta(weeks=4)
# A phone is sent at most eleven pages an hour: a canary more often would be held back, and seem lost.
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=6), timedelta(days=1)
SHORTEST_RETENTION, LONGEST_RETENTION = timedelta(days=30), timedelta(weeks=520)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass
class Names:
    """Every name that a field may refer to, by kind; None accepts any, where the list itself could not be read.

    `integrations`, and `keys` by their SHA-256, gather what has been seen on the way, for no two may be equal. Phones
    may have the `calling_codes` only, if there are any.
    """

    known: dict[str, Collection[str] | None]
    calling_codes: tuple[str, ...] = ()
    integrations: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)


def suggestion(name: str, names: Collection[str]) -> str:
    """Say which name was probably meant, or all of them when they are few."""
    if close := get_close_matches(name, names, n=1):
        return f", did you mean {close[0]}?"
    return f": there is {', '.join(sorted(names))}" if 0 < len(names) < 10 else ""  # noqa: PLR2004


def shown(value: object) -> str:
    """Show a wrong value as the reader of the file would name it."""
    kinds = {type(None): "nothing", list: "a list", dict: "a mapping"}
    return kinds.get(type(value), f'"{value}"')


def text(value: object) -> str:
    """Take a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"should be a text, not {shown(value or None)}")
    if not value.isprintable():
        raise ValueError("holds a character that cannot be printed, a line break perhaps")
    return value


def known(kind: str) -> AfterValidator:
    """Take only a name of this kind that the file (or the program) has."""

    def check(name: str, info: ValidationInfo) -> str:
        require(kind, name, info)
        return name

    return AfterValidator(check)


def require(kind: str, name: str, info: ValidationInfo) -> None:
    """Raise ValueError unless the name of this kind exists."""
    names = cast("Names", info.context)
    there = names.known[kind]
    if there is not None and name not in there:
        raise ValueError(f'there is no {kind} "{name}"{suggestion(name, there)}')


def matching(pattern: str, sentence: str) -> AfterValidator:
    """Take only a text that matches wholly; the sentence says what it should be."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f'"{value}" {sentence}')
        return value

    return AfterValidator(check)


def some(sentence: str) -> AfterValidator:
    """Take only a list with something in it."""

    def check(items: list[object]) -> list[object]:
        if not items:
            raise ValueError(sentence)
        return items

    return AfterValidator(check)


def few(most: int, sentence: str) -> AfterValidator:
    """Take only a list with at most so many things in it."""

    def check(items: list[object]) -> list[object]:
        if len(items) > most:
            raise ValueError(f"has {len(items)} of at most {most}: {sentence}")
        return items

    return AfterValidator(check)


def duration(value: object) -> timedelta:
    """Read `30s`, `5m`, `2h`, `1d` or `1w`."""
    match = re.fullmatch(r"([0-9]{1,6})([smhdw])", text(value))
    if not match:
        raise ValueError(f'"{value}" is not a duration: write a number and a unit, as in 30s, 5m, 2h, 1d or 1w')
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def lasting(longest: timedelta) -> Callable[[timedelta], timedelta]:
    """Take only more than nothing and at most `longest`."""

    def check(length: timedelta) -> timedelta:
        if not timedelta(0) < length <= longest:
            raise ValueError(f"should be longer than nothing and at most {longest.days // 7}w")
        return length

    return check


def between_canaries(pause: timedelta) -> timedelta:
    """Take only a pause in which the one before has come through, or is known to be lost."""
    if not SHORTEST_PAUSE <= pause <= LONGEST_PAUSE:
        raise ValueError("should be at least 6m, for a phone is sent no more than eleven pages an hour, and at most 1d")
    return pause


def lasting_enough(length: timedelta) -> timedelta:
    """Take only what outlives all that may be delivered again: Pub/Sub repeats for a week, dead letters wait longer."""
    if not SHORTEST_RETENTION <= length <= LONGEST_RETENTION:
        raise ValueError("should be at least 30d, for what may be delivered again must be known, and at most 520w")
    return length


def time_zone(value: str) -> str:
    """Take only a name of the IANA database."""
    if value not in _zones():
        raise ValueError(f'there is no time zone "{value}"{suggestion(value, _zones()) or ", as in Europe/London"}')
    return value


@cache
def _zones() -> set[str]:
    """List the zones once: each time would look through every file of the database, 17 ms."""
    return available_timezones()


def contact(value: object, info: ValidationInfo) -> ContactRule:
    """Read `sms` or `voice after 2m`."""
    channel, *rest = text(value).split()
    require("channel", channel, info)
    if not rest:
        return ContactRule(channel)
    if rest[0] != "after" or len(rest) != 2:  # noqa: PLR2004
        raise ValueError(
            f'"{value}" is not a contact rule: write a channel and how long after the page, as in voice after 2m'
        )
    after = duration(rest[1])
    if after > LONGEST_WAIT:
        raise ValueError(f'"{value}" waits longer than 4w')
    return ContactRule(channel, after)


def affordable(number: str, info: ValidationInfo) -> str:
    """Take only a number that costs the usual, of a country that is paged: who writes it is not who pays for it."""
    if kind := tariffs.dear(number):
        raise ValueError(f'"{number}" is {kind}: these are never paged')
    codes = cast("Names", info.context).calling_codes
    if not tariffs.allowed(number, codes):
        raise ValueError(f'"{number}" has none of the calling_codes: {", ".join(codes)}')
    return number


def target(value: object, info: ValidationInfo) -> Target:
    """Read `user alice`, `schedule shop-primary` or `team web`."""
    kind, _, name = text(value).partition(" ")
    if kind not in set(TargetKind) or not name.strip():
        raise ValueError(
            f'"{value}" is nobody to notify: write user, schedule or team and its name, as in schedule shop-primary'
        )
    require(kind, name.strip(), info)
    return Target(TargetKind(kind), name.strip())


def only_once(name: str, info: ValidationInfo) -> str:
    """Take an integration's id once in the whole file: it is the name in logs and timelines."""
    names = cast("Names", info.context)
    if name in names.integrations:
        raise ValueError(f'the integration "{name}" stands in two services: its name must be its own')
    names.integrations.add(name)
    return name


Text = Annotated[str, BeforeValidator(text)]
Id = Annotated[Text, matching(r"[a-z0-9][a-z0-9_-]{0,63}", "is not a name: use a-z, 0-9, - and _ (at most 64)")]
Phone = Annotated[
    Text,
    matching(r"\+[1-9][0-9]{6,14}", "is not a phone number in E.164: write +, country code, number: +15550100123"),
    AfterValidator(affordable),
]
CallingCode = Annotated[Text, matching(r"\+[1-9][0-9]{0,6}", "is not a calling code: write +49, or +1212 for a part")]
Wait = Annotated[timedelta, BeforeValidator(duration), AfterValidator(lasting(LONGEST_WAIT))]
Retention = Annotated[timedelta, BeforeValidator(duration), AfterValidator(lasting_enough)]
Pause = Annotated[timedelta, BeforeValidator(duration), AfterValidator(between_canaries)]
TimeZone = Annotated[Text, AfterValidator(time_zone)]
Contact = Annotated[ContactRule, BeforeValidator(contact)]
To = Annotated[Target, BeforeValidator(target)]
UserName = Annotated[Text, known("user")]
PolicyName = Annotated[Text, known("policy")]
ServiceName = Annotated[Text, known("service")]
SourceName = Annotated[Text, known("source")]
IntegrationName = Annotated[Text, known("integration")]
IntegrationId = Annotated[Id, AfterValidator(only_once)]

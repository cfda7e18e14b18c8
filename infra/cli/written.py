"""Writes a stored configuration as plain values in the file's own words, for people to read and to compare."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import singledispatch
from typing import Any

import yaml

from infra.cli.times import DAYS
from tocsin.domain.calendar import Hours, Months
from tocsin.domain.config import Config, ContactRule, Target

UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


def document(config: Config) -> str:
    """Give the whole configuration as YAML; keys are the SHA-256 that is kept of them."""
    said = plain(config, usual=False)
    text: str = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    return text


@singledispatch
def plain(value: Any, *, usual: bool = True) -> Any:
    """Give a value of the configuration as texts, lists and mappings; without `usual` no more than one has to write."""
    if not is_dataclass(value):
        return value
    stated = ((field.name, getattr(value, field.name)) for field in fields(value) if usual or not _usual(field, value))
    return {name: plain(each, usual=usual) for name, each in stated}


@plain.register
def _(value: Enum, *, usual: bool = True) -> Any:
    del usual
    return value.value


@plain.register
def _(value: timedelta, *, usual: bool = True) -> str:
    del usual
    return length(value)


@plain.register
def _(value: date, *, usual: bool = True) -> str:
    del usual
    if not isinstance(value, datetime):
        return value.isoformat()
    return value.isoformat(" ", "auto" if value.second or value.microsecond else "minutes")


@plain.register
def _(value: Months, *, usual: bool = True) -> str:
    del usual
    return f"{value.count}mo"


@plain.register
def _(value: Target, *, usual: bool = True) -> str:
    del usual
    return f"{value.kind} {value.id}"


@plain.register
def _(value: ContactRule, *, usual: bool = True) -> str:
    del usual
    return f"{value.channel} after {length(value.after)}" if value.after else value.channel


@plain.register(tuple)
@plain.register(list)
def _(value: Sequence[Any], *, usual: bool = True) -> list[Any]:
    return [plain(each, usual=usual) for each in value]


@plain.register
def _(value: Mapping, *, usual: bool = True) -> dict[str, Any]:  # type: ignore[type-arg]  # what dispatches is the class
    return {str(plain(name)): _named(str(name), each, usual=usual) for name, each in value.items()}


@plain.register
def _(value: Hours, *, usual: bool = True) -> str:
    del usual
    start, end = f"{value.start:%H:%M}", f"{value.end:%H:%M}"
    times = f"{start}-{'24:00' if end == '00:00' else end}"
    if len(value.days) == len(DAYS):
        return times
    first = next(day for day in value.days if (day - 1) % len(DAYS) not in value.days)
    last = (first + len(value.days) - 1) % len(DAYS)
    return f"{DAYS[first]} {times}" if first == last else f"{DAYS[first]}-{DAYS[last]} {times}"


def length(span: timedelta) -> str:
    """Give a duration with the largest unit that says it wholly, as in 90s, 5m, 1w."""
    unit = next((name for name, size in UNITS.items() if span and not span % size), "s")
    return f"{span // UNITS.get(unit, timedelta(seconds=1))}{unit}"


def _named(name: str, value: Any, *, usual: bool) -> Any:
    """Leave out an id that is the name already."""
    found = plain(value, usual=usual)
    if not isinstance(found, dict):
        return found
    return {key: each for key, each in found.items() if (key, each) != ("id", name)}


def _usual(field: Field[Any], value: Any) -> bool:
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return bool(getattr(value, field.name) == default)

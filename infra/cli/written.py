"""Writes a stored configuration as plain values in the file's own words, for people to read and to compare."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import Enum
from functools import singledispatch
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from infra.cli.ruling import OFF
from infra.cli.times import DAYS
from tocsin.domain.calendar import Hours, Layer, Months, Schedule
from tocsin.domain.config import (
    CatchAll,
    Config,
    ContactRule,
    Flapping,
    Integration,
    Level,
    Rule,
    Service,
    Target,
    Threshold,
    User,
)
from tocsin.domain.matchers import Matcher

UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}

# What the file calls otherwise than the program.
WORDS: dict[type, dict[str, str]] = {User: {"rules": "notify"}, Layer: {"off": "except"}}


def document(config: Config) -> str:
    """Give the whole configuration as YAML; of keys there is the SHA-256 alone, as the file may have it."""
    said = plain(config, usual=False)
    text: str = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    return text


@singledispatch
def plain(value: Any, *, usual: bool = True) -> Any:
    """Give a value of the configuration as texts, lists and mappings; without `usual` no more than one has to write."""
    return _fields(value, usual=usual) if is_dataclass(value) else value


def _fields(value: Any, *, usual: bool) -> dict[str, Any]:
    stated = ((field.name, getattr(value, field.name)) for field in fields(value) if usual or not _usual(field, value))
    words = WORDS.get(type(value), {})
    return {words.get(name, name): plain(each, usual=usual) for name, each in stated}


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
    at = _wall(value, UTC) if value.tzinfo else value
    return at.isoformat(" ", "auto" if at.second or at.microsecond else "minutes")


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


@plain.register
def _(value: Matcher, *, usual: bool = True) -> str:
    del usual
    return str(value)


@plain.register
def _(value: CatchAll, *, usual: bool = True) -> dict[str, Any]:
    del usual
    return _fields(value, usual=True)


@plain.register
def _(value: Level, *, usual: bool = True) -> dict[str, Any]:
    in_turn = {"round_robin": bool(value.circle)} if usual or value.circle else {}
    return {"notify": plain(value.targets), "delay": plain(value.delay), **in_turn}


@plain.register
def _(value: Schedule, *, usual: bool = True) -> dict[str, Any]:
    zone = ZoneInfo(value.time_zone)
    shown = {"id": value.id, "time_zone": value.time_zone, **_turns(value.layers, usual=usual)}
    overrides = [
        {"user": each.user, "start": plain(_wall(each.start, zone)), "end": plain(_wall(each.end, zone))}
        for each in value.overrides
    ]
    return {**shown, "overrides": overrides} if usual or overrides else shown


def _turns(layers: Sequence[Layer], *, usual: bool) -> dict[str, Any]:
    """Give the rotation, which is a layer that is early, or the layers with the names that they were given."""
    if any(each.early for each in layers):
        return {"rotation": {name: plain(getattr(layers[0], name)) for name in ("users", "turn", "start")}}
    return {"layers": [_layer(number, each, usual=usual) for number, each in enumerate(layers, 1)]}


def _layer(number: int, layer: Layer, *, usual: bool) -> dict[str, Any]:
    """Leave out what the file does not say: a name that is only the layer's number, and that it is not early."""
    name = layer.name.removeprefix("layer ")
    shown = {key: each for key, each in _fields(layer, usual=usual).items() if key not in {"name", "early"}}
    return {"name": name, **shown} if name != str(number) else shown


def _wall(at: datetime, zone: tzinfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


@plain.register
def _(value: Threshold, *, usual: bool = True) -> str:
    del usual
    return f"{value.count} in {length(value.within)}"


@plain.register
def _(value: Flapping, *, usual: bool = True) -> str:
    del usual
    return f"{value.times} in {length(value.within)}, stable {length(value.stable)}"


@plain.register
def _(value: Service, *, usual: bool = True) -> dict[str, Any]:
    shown = _fields(value, usual=usual)
    return shown if value.flapping else {**shown, "flapping": OFF}


@plain.register
def _(value: Integration, *, usual: bool = True) -> dict[str, Any]:
    shown = {name: each for name, each in _fields(value, usual=usual).items() if name not in {"keys", "until"}}
    kept = [kept_as(one, value.until.get(one)) for one in value.keys]
    old = {"old_keys": kept[1:]} if usual or kept[1:] else {}
    return shown | ({"key": kept[0]} if kept else {}) | old


def kept_as(digest: str, until: datetime | None = None) -> str:
    """Give a key as the file has it, by its SHA-256."""
    return f"sha256:{digest}" + (f" until {plain(until)}" if until else "")


@plain.register
def _(value: Rule, *, usual: bool = True) -> dict[str, Any]:
    said = ((field.name, getattr(value, field.name)) for field in fields(value) if usual or not _usual(field, value))
    return {"continue" if name == "continues" else name: plain(each, usual=usual) for name, each in said}


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

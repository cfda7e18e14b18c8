"""Writes the file: the one place that knows how the configuration is spelled, with a comment where one must decide."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, TypeVar

from infra.cli.importing import weeks
from infra.cli.importing.move import Move
from infra.cli.importing.report import Outcome, Report
from infra.cli.importing.times import instant, span
from infra.cli.importing.values import (
    Configuration,
    Integration,
    Layer,
    Level,
    Maintenance,
    Override,
    Policy,
    Schedule,
    Service,
    SupportHours,
    Team,
    User,
)
from infra.cli.importing.weeks import written


class Named(Protocol):
    """Whatever stands under a name in its section."""

    @property
    def name(self) -> str:
        """Give the name."""


T = TypeVar("T", bound=Named)
PLAIN = re.compile(r"[^\W\d_][\w/-]*( [\w/-]+)*")
NO_TEXT = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
UNKNOWN_PHONE = "?"
AT = "%Y-%m-%d %H:%M"


def document(found: Configuration, move: Move, heading: Sequence[str]) -> str:
    """Give the whole file."""
    report = move.report
    lines = [f"# {line}".rstrip() for line in heading]
    sections: tuple[tuple[str, list[str]], ...] = (
        ("users", _named(found.users, "user", _user, report)),
        ("teams", _named(found.teams, "team", _team, report)),
        ("schedules", _named(found.schedules, "schedule", partial(_schedule, move.now), report)),
        ("policies", _named(found.policies, "policy", _policy, report)),
        ("services", _named(found.services, "service", _service, report)),
        ("maintenance", [f"- {_flow(_maintenance(window))}" for window in found.maintenance]),
        ("catch_all", [*_comments(report, "catch_all", "catch_all"), f"users: [{found.catch_all}]", "every: 30m"]),
    )
    for title, body in sections:
        if body:
            lines += ["", f"{title}:", *_indented(body)]
    return "\n".join([*lines, *_elsewhere(found, report)]) + "\n"


def _elsewhere(found: Configuration, report: Report) -> list[str]:
    """Give what is to be decided about things that are not in the file."""
    sections: dict[str, Sequence[Named]] = {"user": found.users, "team": found.teams, "schedule": found.schedules}
    sections |= {"policy": found.policies, "service": found.services}
    there = {(kind, each.name) for kind, items in sections.items() for each in items} | {("catch_all", "catch_all")}
    open_ = [each for each in report.entries if each.outcome is Outcome.DECIDE and (each.kind, each.name) not in there]
    lines = [f"# DECIDE, not in the file: {each.kind} {_one_line(each.name)}: {_one_line(each.why)}" for each in open_]
    return ["", *lines] if lines else []


def _named(items: Sequence[T], kind: str, form: Callable[[T], Iterator[str]], report: Report) -> list[str]:
    lines: list[str] = []
    for each in items:
        lines += [*_comments(report, kind, each.name), f"{each.name}:", *_indented(form(each))]
    return lines


def _comments(report: Report, kind: str, name: str) -> list[str]:
    return [f"# DECIDE: {_one_line(what)}" for what in report.decisions(kind, name)]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" if line else line for line in lines]


def _user(user: User) -> Iterator[str]:
    yield f"name: {_text(user.title)}"
    yield f'phone: "{user.phone or UNKNOWN_PHONE}"'
    if user.time_zone:
        yield f"time_zone: {user.time_zone}"
    yield f"notify: {{high: {_list(user.high)}, low: {_list(user.low)}}}"


def _team(team: Team) -> Iterator[str]:
    yield f"users: {_list(team.users)}"


def _schedule(now: datetime, schedule: Schedule) -> Iterator[str]:
    """Use the short form only for what has begun: before its start a rotation has its first user, a layer nobody."""
    yield f"time_zone: {schedule.time_zone}"
    match schedule.layers:
        case [Layer(end=None, only=weeks.ALWAYS) as only] if instant(only.start, schedule.time_zone) <= now:
            fields = _layer(only)
            fields.pop("name", None)
            yield f"rotation: {_flow(fields)}"
        case layers:
            yield "layers:"
            yield from (f"  - {_flow(_layer(each))}" for each in layers)
    if schedule.overrides:
        yield "overrides:"
        yield from (f"  - {_flow(_override(each))}" for each in schedule.overrides)


def _layer(layer: Layer) -> dict[str, str]:
    fields = {"name": _text(layer.title)} if layer.title else {}
    fields |= {"users": _list(layer.users), "turn": span(layer.turn), "start": _moment(layer.start)}
    if layer.end:
        fields["end"] = _moment(layer.end)
    if layer.only.intervals:
        fields["only"] = _list(written(layer.only))
    return fields


def _override(override: Override) -> dict[str, str]:
    return {"user": override.user, "start": _moment(override.start), "end": _moment(override.end)}


def _policy(policy: Policy) -> Iterator[str]:
    yield "levels:"
    yield from (f"  - {_flow(_level(each))}" for each in policy.levels)
    if policy.repeat:
        yield f"repeat: {policy.repeat}"


def _level(level: Level) -> dict[str, str]:
    chosen = {"round_robin": "true"} if level.round_robin else {}
    return {"notify": _list(level.targets), **chosen, "delay": span(level.delay)}


def _service(service: Service) -> Iterator[str]:
    yield f"name: {_text(service.title)}"
    yield f"policy: {service.policy}"
    yield f"urgency: {service.urgency}"
    if service.support_hours:
        yield f"support_hours: {_flow(_support_hours(service.support_hours))}"
    if service.acknowledgement_timeout:
        yield f"acknowledgement_timeout: {span(service.acknowledgement_timeout)}"
    if service.auto_resolve:
        yield f"auto_resolve: {span(service.auto_resolve)}"
    if service.integrations:
        yield "integrations:"
        yield from (f"  {each.name}: {_flow(_integration(each))}" for each in service.integrations)


def _support_hours(support: SupportHours) -> dict[str, str]:
    pending = {"raise_pending": "true"} if support.raise_pending else {}
    return {"time_zone": support.time_zone, "hours": _list(written(support.hours)), **pending}


def _integration(integration: Integration) -> dict[str, str]:
    return {"source": integration.source, "key": json.dumps(integration.key)}


def _maintenance(window: Maintenance) -> dict[str, str]:
    times = {name: _moment(at.astimezone(UTC)) for name, at in (("start", window.start), ("end", window.end))}
    return {"name": _text(window.title), "services": _list(window.services), **times}


def _moment(at: datetime) -> str:
    return f"{at:{AT}:%S}" if at.second else f"{at:{AT}}"


def _flow(fields: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in fields.items()) + "}"


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"


def _text(value: str) -> str:
    line = _one_line(value)
    return line if PLAIN.fullmatch(line) and line.lower() not in NO_TEXT else json.dumps(line, ensure_ascii=False)


def _one_line(value: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())

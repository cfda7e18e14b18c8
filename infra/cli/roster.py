"""The operator's roster: who is on call in the next days, with their phones, to be read when nothing else works."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click

from infra.cli import render
from infra.cli.access import record
from infra.cli.oncall import on_the_wall
from infra.cli.options import everywhere, settings, show
from infra.cli.snapshot import CURRENT
from tocsin import wiring
from tocsin.domain import schedule as calendar
from tocsin.domain.config import Config, Level, Target, TargetKind

FORMULA = re.compile(r"[\s\"']*[=+\-@\t\r\0|]")
NUMBER = re.compile(r"\+[0-9]{7,15}", re.ASCII)
COLUMNS = ("kind", "name", "time_zone", "start", "until", "user", "who", "phone", "because")


@click.group()
@everywhere
def roster() -> None:
    """Keep the roster where it can be read without this pager."""


@roster.command("export")
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="How far to look ahead.")
@click.option("--csv", "as_csv", is_flag=True, help="As a table for other programs.")
@everywhere
def export(days: int, *, as_csv: bool) -> None:
    """Print who is on call, with phones, for each schedule and service.

    Meant for paper and for mailboxes: when the pager and its cloud are down, this is how somebody is reached. It holds
    telephone numbers.
    """
    settings()
    now = wiring.now()
    answer = exported(wiring.current().config(now), now, now + timedelta(days=days))
    record("roster exported", CURRENT, {"days": str(days)})
    show(answer, table if as_csv else _text)


def exported(config: Config, now: datetime, until: datetime) -> dict[str, Any]:
    """Give every shift with its phone, what each service does, and everybody who can be paged."""
    return {
        "made_at": now,
        "until": until,
        "shifts": [row for name in sorted(config.schedules) for row in _shifts(config, name, now, until)],
        "services": [row for name in sorted(config.services) for row in _levels(config, name)],
        "catch_all": [_person(config, user) for user in config.catch_all.users],
        "people": [_person(config, user) for user in sorted(config.users)],
    }


def _person(config: Config, user: str) -> dict[str, str]:
    known = config.users.get(user)
    return {"user": user, "who": known.name if known else user, "phone": known.phone if known else ""}


def _shifts(config: Config, name: str, now: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    plan = config.schedules[name]
    held = [(each.start, each.until, each.user, each.because) for each in calendar.shifts(plan, now, until)]
    empty = [(each.start, each.until, "", "nobody") for each in calendar.gaps(plan, now, until)]
    for start, end, user, because in sorted(held + empty):
        who = _person(config, user) if user else {"user": "", "who": "NOBODY", "phone": ""}
        yield {"schedule": name, "time_zone": plan.time_zone, "start": start, "until": end, **who, "because": because}


def _levels(config: Config, name: str) -> Iterator[dict[str, Any]]:
    service = config.services[name]
    policy = config.policies.get(service.policy)
    for number, level in enumerate(policy.levels if policy else (), 1):
        asked = [_asked(config, target) for target in level.targets]
        yield {"service": name, "name": service.name, "level": number, "asked": asked, "minutes": _minutes(level)}


def _asked(config: Config, target: Target) -> dict[str, Any]:
    """Give whom a target means always; whom a schedule means is told by its shifts."""
    team = config.teams.get(target.id)
    meant = {TargetKind.USER: (target.id,), TargetKind.TEAM: team.users if team else ()}.get(target.kind, ())
    return {"target": f"{target.kind} {target.id}", "people": [_person(config, each) for each in meant]}


def _minutes(level: Level) -> float:
    return level.delay.total_seconds() / 60


def table(answer: dict[str, Any]) -> str:
    """Give a row for each shift, and for each person who is asked whenever it is, as CSV."""
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n", quoting=csv.QUOTE_ALL)
    rows.writeheader()
    for each in answer["shifts"]:
        times = {name: each[name].isoformat() for name in ("start", "until")}
        rows.writerow(_cells({**each, **times, "kind": "schedule", "name": each["schedule"]}))
    for each in answer["services"]:
        name = f"{each['service']} level {each['level']}"
        for asked in each["asked"]:
            for person in asked["people"]:
                rows.writerow(_cells({**person, "kind": "service", "name": name, "because": asked["target"]}))
    for person in answer["catch_all"]:
        rows.writerow(_cells({**person, "kind": "catch-all"}))
    return text.getvalue().rstrip("\n")


def _cells(row: dict[str, Any]) -> dict[str, str]:
    """Put an apostrophe before what a spreadsheet would compute; a telephone number does no harm as it is."""
    said = {name: str(row[name]) for name in COLUMNS if row.get(name) is not None}
    return {name: f"'{one}" if FORMULA.match(one) and not NUMBER.fullmatch(one) else one for name, one in said.items()}


def _text(answer: dict[str, Any]) -> str:
    head = f"Who is on call from {render.moment(answer['made_at'])} until {render.moment(answer['until'])}"
    parts = [head]
    for name, zone in dict.fromkeys((each["schedule"], each["time_zone"]) for each in answer["shifts"]):
        rows = [_row(each) for each in answer["shifts"] if each["schedule"] == name]
        parts += ["", f"{name} ({zone})", *_indented(rows)]
    for service, name in dict.fromkeys((each["service"], each["name"]) for each in answer["services"]):
        levels = [_level(each) for each in answer["services"] if each["service"] == service]
        parts += ["", render.clean(name), *(f"  {line}" for line in levels)]
    parts += ["", "Whoever takes what nobody else takes", *_indented([_called(each) for each in answer["catch_all"]])]
    return "\n".join([*parts, "", "Everybody", *_indented([_called(each) for each in answer["people"]])])


def _row(each: dict[str, Any]) -> tuple[str, ...]:
    times = (on_the_wall(each[name], each["time_zone"]) for name in ("start", "until"))
    return (*times, *_called(each), render.clean(each["because"]))


def _called(person: dict[str, str]) -> tuple[str, ...]:
    return (render.clean(person["who"]), person["phone"])


def _level(each: dict[str, Any]) -> str:
    asked = [_words(one) for one in each["asked"]]
    return f"level {each['level']}, {each['minutes']:g} min: {'; '.join(asked)}"


def _words(asked: dict[str, Any]) -> str:
    people = ", ".join(" ".join(_called(person)) for person in asked["people"])
    return f"{asked['target']}{f' ({people})' if people else ''}"


def _indented(rows: list[tuple[str, ...]]) -> list[str]:
    return [f"  {line}" for line in render.table(rows)] if rows else []

"""The operator's questions about the calendar: who is on call, until when and why, and the shifts between two times."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from infra.cli import render
from infra.cli.access import noted
from infra.cli.fields import suggestion
from infra.cli.options import STATED, everywhere, settings, show
from infra.cli.snapshot import CURRENT
from infra.cli.times import given
from infra.cli.written import length
from tocsin import wiring
from tocsin.domain import schedule as calendar
from tocsin.domain.calendar import Schedule
from tocsin.domain.config import Config, Level, Service, Target, TargetKind
from tocsin.domain.people import choose

FAR = timedelta(days=366)
USUAL = timedelta(days=14)


@click.command()
@click.argument("name", metavar="SERVICE|SCHEDULE")
@click.option(
    "--at",
    type=STATED,
    help="When, on the wall of the schedule's zone (of this machine's for a service), or with an offset.",
)
@click.option("--schedule", "is_schedule", is_flag=True, help="The name is a schedule's, though a service has it too.")
@everywhere
def who(name: str, at: str | None, *, is_schedule: bool) -> None:
    """Say who is on call now, or at a time: until when, and why.

    For a service that is every level of its escalation policy.
    """
    settings()
    config = wiring.current().config(wiring.now())
    noted("who is on call", CURRENT)
    if name in config.services and not is_schedule:
        when = given(at) if at else wiring.now()
        show(_service(config, config.services[name], when), _levels)
        return
    schedule = named(config, name)
    when = given(at, ZoneInfo(schedule.time_zone)) if at else wiring.now()
    show({"schedule": schedule.id, "at": when, **_on_call(config, schedule, when)}, _schedule)


@click.command()
@click.argument("name", metavar="SCHEDULE")
@click.option(
    "--from",
    "start",
    type=STATED,
    help="From when, on the wall of the schedule's zone or with an offset (now unless given).",
)
@click.option("--to", "end", type=STATED, help="Until when (14 days later unless given).")
@everywhere
def shifts(name: str, start: str | None, end: str | None) -> None:
    """List the shifts and gaps of a schedule between two times.

    Each shift names the layer or override it comes from; times are those of the wall in the schedule's zone.
    """
    settings()
    config = wiring.current().config(wiring.now())
    noted("shifts listed", CURRENT)
    schedule = named(config, name)
    zone = ZoneInfo(schedule.time_zone)
    since = given(start, zone) if start else wiring.now()
    until = given(end, zone) if end else since + USUAL
    if not since < until <= since + 10 * FAR:
        raise click.ClickException("the end should be after the start, and at most ten years later")
    show(_listed(config, schedule, since, until), _shifts)


def named(config: Config, name: str) -> Schedule:
    """Give the schedule of a name; raises click.ClickException if there is none."""
    if name in config.schedules:
        return config.schedules[name]
    if service := config.services.get(name):
        raise click.ClickException(f"{name} is a service: {_paged_by(config, service)}")
    meant = suggestion(name, {*config.schedules, *config.services})
    raise click.ClickException(f'there is no schedule "{name}"{meant}')


def _paged_by(config: Config, service: Service) -> str:
    policy = config.policies.get(service.policy)
    targets = (target for level in (policy.levels if policy else ()) for target in level.targets)
    found = dict.fromkeys(target.id for target in targets if target.kind is TargetKind.SCHEDULE)
    return f"its policy pages the schedule {' and '.join(found)}" if found else "its policy pages no schedule"


def on_the_wall(at: datetime, zone: str) -> str:
    """Give a time as the wall in a zone shows it; where it shows that time twice, say which one is meant."""
    wall = at.astimezone(ZoneInfo(zone))
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    return f"{wall:%a %Y-%m-%d %H:%M %Z}" if twice else f"{wall:%a %Y-%m-%d %H:%M}"


def _on_call(config: Config, schedule: Schedule, at: datetime) -> dict[str, Any]:
    """Say who is on call; without `until` nothing changes within a year."""
    shift = calendar.on_call(schedule, at)
    spans = calendar.shifts(schedule, at, at + FAR) if shift else calendar.gaps(schedule, at, at + FAR)
    until = spans[0].until if spans[0].until < at + FAR else None
    named = {"user": shift and shift.user, "name": shift and _name(config, shift.user)}
    why = {"since": shift and shift.start, "until": until, "because": shift and shift.because}
    return {"time_zone": schedule.time_zone, **named, **why}


def _service(config: Config, service: Service, at: datetime) -> dict[str, Any]:
    policy = config.policies.get(service.policy)
    levels = policy.levels if policy else ()
    return {
        "service": service.id,
        "name": service.name,
        "policy": service.policy,
        "at": at,
        "levels": [_level(config, level, at) for level in levels],
        "repeat": policy.repeat if policy else 0,
        "catch_all": [_name(config, user) for user in config.catch_all.users],
    }


def _level(config: Config, level: Level, at: datetime) -> dict[str, Any]:
    paged = [each for target in level.targets for each in _target(config, target, at)]
    return {"delay_seconds": level.delay.total_seconds(), "round_robin": bool(level.circle), "paged": paged}


def _target(config: Config, target: Target, at: datetime) -> Iterator[dict[str, Any]]:
    named = {"target": f"{target.kind} {target.id}"}
    if target.kind is TargetKind.SCHEDULE and target.id in config.schedules:
        yield {**named, **_on_call(config, config.schedules[target.id], at)}
        return
    for each in choose(config, [target], at):
        yield {**named, "user": each.user.id, "name": each.user.name, "until": None, "because": each.because}


def _listed(config: Config, schedule: Schedule, since: datetime, until: datetime) -> dict[str, Any]:
    found = calendar.shifts(schedule, since, until)
    return {
        "schedule": schedule.id,
        "time_zone": schedule.time_zone,
        "start": since,
        "end": until,
        "shifts": [
            {"start": each.start, "until": each.until, "user": each.user, "name": name, "because": each.because}
            for each in found
            for name in [_name(config, each.user)]
        ],
        "gaps": [{"start": each.start, "until": each.until} for each in calendar.gaps(schedule, since, until)],
    }


def _name(config: Config, user: str) -> str:
    return config.users[user].name if user in config.users else user


def _schedule(answer: dict[str, Any]) -> str:
    return f"{answer['schedule']}: {_who(answer)}"


def _who(answer: dict[str, Any]) -> str:
    until = (
        f" until {on_the_wall(answer['until'], answer['time_zone'])} {answer['time_zone']}" if answer["until"] else ""
    )
    if not answer["user"]:
        return click.style(f"nobody{until}", fg="red")
    return f"{click.style(render.clean(answer['name']), bold=True)} ({answer['user']}){until}, {_why(answer)}"


def _why(answer: dict[str, Any]) -> str:
    by = "by " if "time_zone" in answer else ""
    return f"{by}{render.clean(answer['because'])}"


def _levels(answer: dict[str, Any]) -> str:
    lines = [f"{render.clean(answer['name'])} by policy {answer['policy']}, {render.moment(answer['at'])}"]
    for number, level in enumerate(answer["levels"], 1):
        paged = [f"{each['target']}: {_who(each)}" for each in level["paged"]] or [click.style("nobody", fg="red")]
        turn = "one of these in turn, " if level["round_robin"] else ""
        delay = length(timedelta(seconds=level["delay_seconds"]))
        lines += [f"level {number}, {turn}{delay} to answer", *(f"  {each}" for each in paged)]
    again = f"all of it again (repeat: {answer['repeat']}), then " if answer["repeat"] else ""
    return "\n".join([*lines, f"then {again}the catch-all: {render.clean(', '.join(answer['catch_all']))}"])


def _shifts(answer: dict[str, Any]) -> str:
    def row(each: dict[str, Any]) -> tuple[str, ...]:
        times = (on_the_wall(each[name], answer["time_zone"]) for name in ("start", "until"))
        return (*times, render.clean(each.get("name", "nobody")), render.clean(each.get("because", "")))

    rows = sorted([*answer["shifts"], *answer["gaps"]], key=lambda each: each["start"])
    return "\n".join(render.table([(f"FROM ({answer['time_zone']})", "TO", "WHO", "BY"), *map(row, rows)]))

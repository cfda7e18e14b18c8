"""The operator's overrides, made while the pager runs: somebody takes an interval, covers for another, or two swap."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from infra.cli import render, snapshot
from infra.cli.access import noted
from infra.cli.fields import suggestion
from infra.cli.oncall import named, on_the_wall
from infra.cli.options import STATED, command, everywhere, say_if_idle, settings, show
from infra.cli.times import given
from infra.cli.typist import operator, typed
from tocsin import wiring
from tocsin.domain.calendar import ANYBODY, Kind, Override, Schedule
from tocsin.domain.config import Config
from tocsin.domain.overrides import Made
from tocsin.domain.schedule import shifts

F = TypeVar("F", bound=Callable[..., Any])
ID_LENGTH = 8


@click.group()
@everywhere
def override() -> None:
    """Change who is on call for a while, within five seconds.

    Times are on the wall of the schedule's zone, as in "2026-12-24 18:00", or have an offset. An override ends by
    itself and stays when another configuration is applied. Later ones count over earlier ones, all over the file's.
    """


def lasting(command: F) -> F:
    """Give a command its interval and its reason."""
    start = click.option("--from", "start", type=STATED, help="From when (now unless given).")
    end = click.option("--to", "end", type=STATED, required=True, help="Until when.")
    return start(end(WHY(command)))


WHY = click.option("--why", default="", help="The reason, for the timeline.")


@override.command()
@click.argument("schedule")
@click.argument("user")
@lasting
@everywhere
def add(schedule: str, user: str, start: str | None, end: str, why: str) -> None:
    """Put USER on call in SCHEDULE for an interval.

    He is on call throughout, also where nobody would be.
    """
    config, plan, now = _asked(schedule)
    spans = _span(plan, start, end, now)
    _save(plan, now, why, Override(_user(config, user), *spans))


@override.command()
@click.argument("schedule")
@click.argument("user")
@click.option("--instead-of", type=STATED, help="Only where this user would be on call (anybody unless given).")
@lasting
@everywhere
def cover(schedule: str, user: str, instead_of: str | None, start: str | None, end: str, why: str) -> None:
    """Let USER stand in for whoever is on call in SCHEDULE.

    Where nobody would be on call in that interval, nobody is.
    """
    config, plan, now = _asked(schedule)
    spans = _span(plan, start, end, now)
    whom = _on_call(plan, _user(config, instead_of), *spans) if instead_of else ANYBODY
    _save(plan, now, why, Override(_user(config, user), *spans, whom, Kind.COVER))


@override.command()
@click.argument("schedule")
@click.argument("first", nargs=3, metavar="USER FROM TO")
@click.argument("second", nargs=3, metavar="USER FROM TO")
@WHY
@everywhere
def swap(schedule: str, first: tuple[str, str, str], second: tuple[str, str, str], why: str) -> None:
    """Let two users of SCHEDULE exchange two intervals.

    Each takes over the shifts that the other has in his interval.
    """
    config, plan, now = _asked(schedule)
    one, other = _user(config, first[0]), _user(config, second[0])
    given_up, taken = _span(plan, first[1], first[2], now), _span(plan, second[1], second[2], now)
    if one == other:
        raise click.ClickException(f"{one} cannot swap with {one}: name two users")
    if given_up[0] < taken[1] and taken[0] < given_up[1]:
        raise click.ClickException("the two intervals overlap: a swap exchanges one for the other")
    halves = (
        Override(other, *given_up, _on_call(plan, one, *given_up), Kind.SWAP),
        Override(one, *taken, _on_call(plan, other, *taken), Kind.SWAP),
    )
    _save(plan, now, why, *halves)


@override.command("list")
@click.argument("schedule", type=STATED, required=False)
@click.option("--all", "everything", is_flag=True, help="Those that ended in the last five weeks too.")
@everywhere
def list_(schedule: str | None, *, everything: bool) -> None:
    """List the overrides made here, of one SCHEDULE or of all."""
    settings()
    config, now = wiring.current().config(wiring.now()), wiring.now()
    noted("overrides listed", snapshot.CURRENT)
    asked = named(config, schedule).id if schedule else None
    found = [each for each in snapshot.overrides(wiring.store()) if asked in (None, each.schedule)]
    rows = [_row(config, each) for each in found if everything or each.override.end > now]
    show({"overrides": rows}, _list)


@override.command()
@click.argument("identity", metavar="ID")
@everywhere
def remove(identity: str) -> None:
    """Take an override back, and both halves of a swap.

    One that has begun ends now.
    """
    settings()
    config, now = wiring.current().config(wiring.now()), wiring.now()
    removed: list[Made] = []

    def without(made: tuple[Made, ...]) -> tuple[Made, ...]:
        removed[:] = [each for each in made if each.override.id == identity and each.override.end > now]
        begun = [each for each in made if each in removed and each.override.start < now]
        ended = {each: replace(each, override=replace(each.override, end=now)) for each in begun}
        return tuple(ended.get(each, each) for each in made if each in begun or each not in removed)

    snapshot.change_overrides(wiring.store(), without, now, typed(None, now))
    if not removed:
        raise click.ClickException(f'there is no override "{identity}": {command("override list")} shows them')
    show({"removed": [_row(config, each) for each in removed]}, _removed)
    say_if_idle("this holds")


def _asked(schedule: str) -> tuple[Config, Schedule, datetime]:
    settings()
    now = wiring.now()
    config = wiring.current().config(now)
    return config, named(config, schedule), now


def _span(plan: Schedule, start: str | None, end: str, now: datetime) -> tuple[datetime, datetime]:
    zone = ZoneInfo(plan.time_zone)
    begins, ends = given(start, zone) if start else now, given(end, zone)
    if ends <= begins or ends <= now:
        raise click.ClickException(f"it would never hold: it ends {on_the_wall(ends, plan.time_zone)}")
    return begins, ends


def _user(config: Config, user: str) -> str:
    if user not in config.users:
        raise click.ClickException(f'there is no user "{user}"{suggestion(user, config.users)}')
    return user


def _on_call(plan: Schedule, user: str, start: datetime, end: datetime) -> str:
    """Give the user, who has a shift to be taken over; raises click.ClickException if there is none."""
    if user not in {shift.user for shift in shifts(plan, start, end)}:
        span = f"from {on_the_wall(start, plan.time_zone)} to {on_the_wall(end, plan.time_zone)}"
        raise click.ClickException(f"{user} is not on call in {plan.id} {span} {plan.time_zone}")
    return user


def _save(plan: Schedule, now: datetime, why: str, *overrides: Override) -> None:
    if not why.isprintable():
        raise click.ClickException("the reason holds a character that cannot be printed, a line break perhaps")
    identity = wiring.new_id()[:ID_LENGTH]
    by = operator()
    new = tuple(Made(plan.id, replace(each, id=identity, made_by=by, made_at=now, why=why)) for each in overrides)
    snapshot.change_overrides(wiring.store(), lambda made: (*made, *new), now, typed(None, now))
    config = wiring.current().config(now)
    show({"id": identity, "overrides": [_row(config, each) for each in new]}, _saved)
    say_if_idle("this holds")


def _row(config: Config, made: Made) -> dict[str, Any]:
    one, plan = made.override, config.schedules.get(made.schedule)
    names = ("id", "kind", "user", "start", "end", "instead_of", "made_by", "made_at", "why")
    zone = plan.time_zone if plan else "UTC"
    said = {name: getattr(one, name) for name in names}
    return {"schedule": made.schedule, "time_zone": zone, **said, "gone": _gone(config, made)}


def _gone(config: Config, made: Made) -> str:
    """Say whom or what an override speaks of that the configuration has no more."""
    if made.schedule not in config.schedules:
        return f"there is no schedule {made.schedule}"
    return "" if made.override.user in config.users else f"there is no user {made.override.user}"


def _saved(answer: dict[str, Any]) -> str:
    return "\n".join(f"{each['id']}: {_sentence(each)}" for each in answer["overrides"])


def _removed(answer: dict[str, Any]) -> str:
    return "\n".join(f"removed {each['id']}: {_sentence(each)}" for each in answer["removed"])


def _sentence(row: dict[str, Any]) -> str:
    whom = {"": "", ANYBODY: " instead of whoever is on call"}.get(
        row["instead_of"], f" instead of {row['instead_of']}"
    )
    start, end = (on_the_wall(row[name], row["time_zone"]) for name in ("start", "end"))
    gone = f", which says nothing: {row['gone']}" if row["gone"] else ""
    return f"{row['user']} in {row['schedule']}{whom} from {start} to {end} {row['time_zone']}{gone}"


def _list(answer: dict[str, Any]) -> str:
    if not answer["overrides"]:
        return "no overrides"
    rows = [
        (each["id"], each["kind"], _sentence(each), each["made_by"], render.clean(each["why"]))
        for each in answer["overrides"]
    ]
    return "\n".join(render.table([("ID", "KIND", "WHO", "MADE BY", "WHY"), *rows]))

"""The commands that bring a configuration in: check it, see what it would change, make it the current one."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from infra.cli import compiled, outlook, render, snapshot
from infra.cli.access import noted
from infra.cli.configfile import read
from infra.cli.doubts import doubtful_keys, doubts
from infra.cli.marked import Mistakes
from infra.cli.options import command, everywhere, is_json, say_if_idle, settings, show
from infra.cli.planning import told
from infra.cli.planning.plan import against, between
from infra.cli.shape import File
from infra.cli.typist import operator
from tocsin import wiring
from tocsin.clients.store import Store
from tocsin.domain.config import Config
from tocsin.domain.outlook import AHEAD
from tocsin.domain.reachability import duties

FILES = click.argument("files", metavar="FILE|FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
CHANGES = 2

allow_gaps = click.option(
    "--allow-gaps", is_flag=True, help="Though it opens a gap in a schedule, or leaves a service without anybody."
)
message = click.option("--message", "-m", default="", help="Why, for those who read the versions.")


class Misused(click.UsageError):
    """Wrong usage of a command whose exit code 2 means something else."""

    exit_code = 1


class Detailed(click.Command):
    """A command whose exit code 2 has a meaning, so that wrong usage is 1."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the command line; raises Misused."""
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise Misused(error.format_message(), error.ctx) from None


@click.command()
@FILES
@everywhere
def check(files: tuple[Path, ...]) -> None:
    """Name the line of every mistake in a configuration.

    Several FILEs, and all YAML files of a FOLDER, are one configuration. Warns of each schedule that has nobody on call
    at some time of the next 14 days, of what nothing uses, of a phone that two people have and of keys that anybody can
    read or guess. Nothing is changed, and no network is needed.

    Exit codes: 0 it is good, 1 it has mistakes.
    """
    file = read_checked(files)
    config = compiled.config(file)
    ahead = outlook.gaps_ahead(config, wiring.now())
    found = [asdict(each) for each in (*doubts(config), *doubtful_keys(file, wiring.now()))]
    answer = {"files": list(map(str, files)), **render.counted(config), "warnings": ahead, "doubts": found}
    show(answer, render.summary)
    outlook.warn([*ahead, *found])


@click.command(cls=Detailed)
@FILES
@click.option(
    "--against",
    "other",
    type=click.Path(path_type=Path),
    help="Compare with this FILE or FOLDER in place of what holds; no network is needed then.",
)
@everywhere
def plan(files: tuple[Path, ...], other: Path | None) -> None:
    """Say what a configuration would change.

    What is added, removed and changed; who is on call instead of whom in the next 14 days; the gaps that appear and
    vanish; and how many pages of the last 30 days would have gone to somebody else. Nothing is changed.

    Exit codes, as of terraform's -detailed-exitcode: 0 nothing changes, 1 mistakes, 2 something changes.
    """
    config = checked(files)
    if other:
        found = between(checked((other,)), config, wiring.now(), str(other))
    else:
        settings()
        noted("a configuration compared", snapshot.CURRENT)
        store = wiring.store()
        found = against(store, snapshot.current(store), config, wiring.now())
    show(told.values(found), told.text)
    if not found.is_empty:
        raise click.exceptions.Exit(CHANGES)


@click.command()
@FILES
@message
@allow_gaps
@everywhere
def apply(files: tuple[Path, ...], message: str, *, allow_gaps: bool) -> None:
    """Check a configuration and make it the current one.

    It holds within five seconds. Says what that changes, as `plan` does. Refused, unless told --allow-gaps, if a
    schedule would have nobody on call where it has somebody now, or if a service would have nobody at any level, within
    14 days; and if somebody else has applied another configuration meanwhile.

    Exit codes: 0 it holds, 1 mistakes or refused.
    """
    config = checked(files)
    settings()
    answer = put_in_force(wiring.store(), config, wiring.now(), message, allow_gaps=allow_gaps)
    show({**answer, "files": list(map(str, files))}, _applied)
    _say_new_numbers(answer["plan"], config, wiring.now())
    say_if_idle("this holds")


def put_in_force(store: Store, config: Config, now: datetime, message: str, *, allow_gaps: bool) -> dict[str, Any]:
    """Make a configuration the current one over the one it was compared with; raises what refuses it."""
    if not message.isprintable():
        raise click.ClickException("the message holds a character that cannot be printed, a line break perhaps")
    current = snapshot.current(store)
    found = told.values(against(store, current, config, now))
    if (opens := told.refusal(found)) and not allow_gaps:
        if not is_json():
            click.echo(told.text(found), err=True)
        raise click.ClickException(f"not applied, for this {opens}: --allow-gaps if that is meant")
    over = current.version if current else 0
    applied = snapshot.apply(store, config, operator(), now, message, over)
    return {"version": applied.version, "changed": applied.changed, "plan": found}


def _applied(answer: dict[str, Any]) -> str:
    return "\n".join(
        [told.text(answer["plan"]), render.applied(answer)] if answer["changed"] else [render.applied(answer)]
    )


def _say_new_numbers(plan: dict[str, Any], config: Config, now: datetime) -> None:
    """Say on stderr how many will be on call whose number is new here: nobody knows yet that they can be reached."""
    news = (each for each in plan["differences"] if each["section"] == "users")
    new = {each["name"] for each in news if each["what"] == "added" or each["path"] == "phone"}
    several = len(new & duties(config, now, now + AHEAD).keys()) if new and not is_json() else 0
    if several:
        who = f"{several} {'person' if several == 1 else 'people'} on call in the next {AHEAD.days} days"
        click.echo(f"New numbers, of {who}: {command('reach')} says who can be relied on", err=True)


def checked(files: tuple[Path, ...]) -> Config:
    """Give the configuration, or name every mistake and end with exit code 1."""
    return compiled.config(read_checked(files))


def read_checked(files: tuple[Path, ...]) -> File:
    """Give the same as it is written in the files."""
    try:
        return read(*files)
    except Mistakes as mistakes:
        show(render.listed(mistakes), render.mistakes, err=True)
        raise click.exceptions.Exit(1) from None


def no_version(number: int) -> click.ClickException:
    """Say that there is no such version."""
    return click.ClickException(f"there is no version {number}: {command('versions')} lists them")

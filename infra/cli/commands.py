"""The operator's commands: check and apply a configuration, list and answer incidents, raise one, balance the books."""

from pathlib import Path

import click

from infra.cli import orders, outlook, render, snapshot
from infra.cli.configfile import load
from infra.cli.importing.command import import_
from infra.cli.incidents import incident, operator
from infra.cli.ledger import ledger
from infra.cli.marked import Mistakes
from infra.cli.oncall import shifts, who
from infra.cli.options import Sentences, everywhere, say_if_idle, settings, show
from infra.cli.override import override
from infra.cli.replay import replay
from infra.cli.trigger import trigger
from tocsin import wiring
from tocsin.domain.config import Config

FILE = click.Path(path_type=Path)


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@everywhere
def tocsin() -> None:
    """Tocsin pages whoever is on call until somebody answers.

    Exit codes: 0 done, 1 refused or not found or mistakes in the file, 2 wrong usage.
    """


@tocsin.command()
@click.argument("file", type=FILE)
@everywhere
def check(file: Path) -> None:
    """Name the line of every mistake in a configuration FILE.

    Warns of each schedule that has nobody on call at some time of the next 14 days. Nothing is changed, and no network
    is needed.
    """
    config = _checked(file)
    ahead = outlook.gaps_ahead(config, wiring.now())
    show({"file": str(file), **render.counted(config), "warnings": ahead}, render.summary)
    outlook.warn(ahead)


@tocsin.command()
@click.argument("file", type=FILE)
@everywhere
def apply(file: Path) -> None:
    """Check a configuration FILE and make it the current version."""
    config = _checked(file)
    settings()
    applied = snapshot.apply(wiring.store(), config, operator(), wiring.now())
    show({"version": applied.version, "changed": applied.changed, "file": str(file)}, render.applied)
    say_if_idle("this holds")


for each in orders.COMMANDS:
    incident.add_command(each)
tocsin.add_command(import_)
tocsin.add_command(incident)
tocsin.add_command(ledger)
tocsin.add_command(override)
tocsin.add_command(replay)
tocsin.add_command(shifts)
tocsin.add_command(trigger)
tocsin.add_command(who)


def _checked(file: Path) -> Config:
    try:
        return load(file)
    except Mistakes as mistakes:
        show(render.listed(file, mistakes), render.mistakes, err=True)
        raise click.exceptions.Exit(1) from None

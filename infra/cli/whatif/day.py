"""The commands that keep a day and try it again: its events through another configuration, in memory."""

from pathlib import Path

import click

from infra.cli.access import noted
from infra.cli.options import everywhere, settings, show
from infra.cli.times import given
from infra.cli.whatif.command import config_option, happened, text, tried
from infra.cli.whatif.night import Night
from infra.cli.whatif.recorded import Answered, happen, read, record, written
from tocsin import wiring

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("day", metavar="FILE", type=FILE)
@config_option
@everywhere
def events(day: Path, file: Path | None) -> None:
    """Say who would be paged for the events in FILE.

    It is what `replay record` writes: each line is the JSON of an event, or of an answer that somebody gave. They
    happen again in memory, at their times, with the configuration that holds or another one: nobody is paged and
    nothing is changed.
    """
    recorded = list(read(day.read_text(encoding="utf-8")))
    times = [one.at if isinstance(one, Answered) else one.accepted_at for one in recorded]
    night = Night(tried(file, alone=True), min(times, default=wiring.now()))
    for one in recorded:
        happen(night, one)
    show(happened(night, whole=night.pass_by()), text)


@click.command("record")
@click.option("--since", required=True, help="From when on, as in 2026-11-21 or 2026-11-21T02:00.")
@click.option("--until", help="Up to when (now unless given).")
@everywhere
def record_(since: str, until: str | None) -> None:
    """Print what was accepted since a time, for `replay FILE`.

    With the answers that people gave. It holds what monitoring tools have said of your systems, and the names of those
    who answered.
    """
    settings()
    begin, end = given(since), given(until) if until else wiring.now()
    noted("a day recorded", "events")
    whole, recorded = record(wiring.store(), begin, end)
    for line in written(recorded):
        click.echo(line)
    if not whole:
        raise click.ClickException(f"there is more than can be read at once: these are {len(recorded)} of it")

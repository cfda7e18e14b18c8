"""Runs the benches, all or those named, one after the other, and gives all figures on one page.

    tests/bench/run [NAME ...] [--output json] [--write]

`--write` puts the page between the markers of tests/bench/README.md; benches that were not run keep what they have
there. A bench that fails is said to have failed, and the others go on. Nothing else should run on the machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import click

from tests.bench import page, tables
from tests.bench.page import Section

HERE = Path(__file__).parent
BENCHES = tuple(sorted(path.parent.name for path in HERE.glob("*/__main__.py")))
LONG = {"peak": ["--events", "1000000"], "growth": ["--most", "1000000"]}


@click.command(help=__doc__.splitlines()[0])
@click.argument("names", nargs=-1, type=click.Choice(BENCHES))
@click.option("--write", is_flag=True, help="Put the figures into tests/bench/README.md.")
@click.option("--long", is_flag=True, help="A million events in peak, a million incidents in growth.")
@tables.output
def main(names: tuple[str, ...], output: str, *, write: bool, long: bool) -> None:
    chosen, found = names or BENCHES, list[Section]()
    for number, name in enumerate(chosen, 1):
        click.echo(f"── {name} ({number} of {len(chosen)})", err=True)
        found.append(run(name, LONG.get(name, []) if long else []))
    click.echo(json.dumps(page.figures(found), indent=1, ensure_ascii=False) if output == "json" else page.text(found))
    if write:
        readme = HERE / "README.md"
        readme.write_text(page.filled(readme.read_text(), found))
    sys.exit(any(one.failed for one in found))


def run(name: str, options: list[str]) -> Section:
    """Run a bench in a process of its own; what it says while it works goes on to whoever waits."""
    where, begun = page.where(HERE), time.monotonic()
    command = [sys.executable, "-P", "-m", f"tests.bench.{name}", *options]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, env=os.environ)
    return Section(name, " ".join(options), where, time.monotonic() - begun, done.stdout, failed=done.returncode != 0)


if __name__ == "__main__":
    main()

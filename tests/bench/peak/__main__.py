"""Lives through three hours, the middle one with nine times the traffic of the others, as fast as this machine can.

    tests/bench/peak/run [--events 1000000] [--seed N]

The production functions run in the simulation (tests/simulation), without faults, and every one of its invariants is
checked at every commit and in the end. People answer, are silent and escalate as the seed says. It ends with 1 when an
invariant was violated.
"""

from __future__ import annotations

import sys
import time

import click

from tests.bench import tables
from tests.bench.peak.day import LENGTH, TIMES, Day
from tests.bench.peak.lived import Seen, lived
from tests.simulation.world import World


@click.command(help=__doc__.splitlines()[0])
@click.option("--events", default=10_000, show_default=True, help="How many alerts, about.")
@click.option("--seed", default=1, show_default=True)
@tables.output
def main(events: int, seed: int, output: str) -> None:
    begun = time.perf_counter()

    def tell(world: World) -> None:
        said = f"{len(world.observed.accepted):,} events, {len(world.observed.incidents):,} incidents"
        click.echo(
            f"{world.time / LENGTH:4.0%} of the day, {said}, {len(world.observed.violations)} violations, "
            f"{time.perf_counter() - begun:,.0f} s",
            err=True,
        )

    found = lived(Day(events, seed), tell)
    tables.say([table(found)], output)
    for violation in found.violations[:20]:
        click.echo(violation, err=True)
    sys.exit(1 if found.violations else 0)


def table(found: Seen) -> tables.Table:
    """Give the figures."""
    longest = found.waits[-1] if found.waits else 0.0
    middle = found.waits[len(found.waits) // 2] if found.waits else 0.0
    rows = [
        ("events", f"{found.events:,}"),
        (f"in the peak hour, times an ordinary one (about {TIMES})", f"{found.times:.1f}"),
        ("incidents", f"{found.incidents:,}"),
        ("pages", f"{found.pages:,}"),
        ("of them digests", f"{found.digests:,}"),
        ("incidents answered or over before a page", f"{found.incidents - len(found.waits):,}"),
        ("wait for the first page, median, virtual", f"{middle:.1f} s"),
        ("longest wait for a first page, virtual", f"{longest:.1f} s"),
        ("real seconds", f"{found.seconds:,.0f}"),
        ("events in a real second", f"{found.rate:,.0f}"),
        ("violations", len(found.violations)),
    ]
    return tables.table(("peak day", "figure"), rows)


if __name__ == "__main__":
    main()

"""Measures how long each function takes from nothing to its first answer, beside functions that do nothing.

    tests/bench/start/run [--rounds N] [NAME ...]

`ingest` stands beside a bare ASGI function: its first answer is a 202, given when Pub/Sub's emulator has confirmed.
Each of the others stands beside a function that imports only the libraries it must and answers. All are started in
turn, round by round; figures are medians. `own` is what importing Tocsin's modules takes, without any library. What
the second answer takes is no start: it is the function's work, most of it trips to the emulators. The second table says
what importing each library takes, by itself and in a fresh process: what two of them share counts for both.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from statistics import median

import click

from tests.bench import tables
from tests.bench.deployed import BARE_ASGI, BARE_PLAIN, FUNCTIONS, Deployed, Started, cloud, started
from tests.bench.programs import MAIN
from tests.bench.start.importtime import total

Taken = dict[str, list[tuple[Started, float]]]
"""How each function started, again and again, and the seconds of its second answer."""

ROUNDS = 7
MOST_OF_BARE = 2.0
MOST_OF_LIBRARIES = 1.2
NOTE = (
    "Milliseconds from the start of the process to its answer, in brackets those on a processor. To reach: `ingest` "
    f"{MOST_OF_BARE} times the bare ASGI function, every other {MOST_OF_LIBRARIES} times its libraries."
)


@click.command(help=__doc__.splitlines()[0])
@click.option("--rounds", default=ROUNDS, show_default=True, help="How often each is started.")
@click.argument("names", nargs=-1, type=click.Choice([one.name for one in FUNCTIONS]))
@tables.output
def main(names: tuple[str, ...], rounds: int, output: str) -> None:
    functions = [one for one in FUNCTIONS if one.name in names or not names]
    every = [BARE_PLAIN, BARE_ASGI, *(each for one in functions for each in (one, one.least))]
    taken = asyncio.run(_started(every, rounds))
    starts = tables.table(
        (
            "function",
            "first answer",
            "its libraries alone",
            "times a bare one",
            "times its libraries",
            "by processor",
            "own, ms",
            "its second answer",
        ),
        [
            *(
                (one.name, _shown(taken[one.name]), *[""] * 5, _again(taken[one.name]))
                for one in (BARE_PLAIN, BARE_ASGI)
            ),
            *(_row(one, taken) for one in functions),
        ],
        NOTE,
    )
    libraries = sorted({(library, one.name) for one in functions for library in one.libraries})
    by_library = {library: [name for known, name in libraries if known == library] for library, _ in libraries}
    imports = [(library, f"{imported(library):.0f}", ", ".join(users)) for library, users in by_library.items()]
    tables.say([starts, tables.table(("library", "ms to import", "for"), imports)], output)


async def _started(functions: list[Deployed], rounds: int) -> Taken:
    taken: Taken = {}
    async with cloud() as settings:
        for number in range(rounds + 1):
            for one in functions:
                seen = await asyncio.to_thread(_start, one, settings)
                if number:  # the first round writes bytecode and wakes the emulators up
                    taken.setdefault(one.name, []).append(seen)
            click.echo(f"round {number} of {rounds}", err=True)
    return taken


def _start(one: Deployed, settings: Mapping[str, str]) -> tuple[Started, float]:
    with started(one, settings) as seen:
        return seen, seen.again()


def _row(one: Deployed, taken: Taken) -> tuple[str, ...]:
    ours, least = taken[one.name], taken[one.least.name]
    bare = taken[(BARE_ASGI if one.name == "ingest" else BARE_PLAIN).name]
    ratio = tables.ratio(_seconds(ours), _seconds(least))
    return (
        one.name,
        _shown(ours),
        _shown(least),
        tables.ratio(_seconds(ours), _seconds(bare)),
        ratio,
        tables.ratio(_processor(ours), _processor(least)),
        f"{own(one.name):.0f}",
        _again(ours),
    )


def _shown(taken: list[tuple[Started, float]]) -> str:
    return f"{1000 * _seconds(taken):.0f} ({1000 * _processor(taken):.0f})"


def _again(taken: list[tuple[Started, float]]) -> str:
    return f"{1000 * median(again for _, again in taken):.0f}"


def _seconds(taken: list[tuple[Started, float]]) -> float:
    return median(one.seconds for one, _ in taken)


def _processor(taken: list[tuple[Started, float]]) -> float:
    return median(one.processor for one, _ in taken)


def own(function: str) -> float:
    """Give the milliseconds that importing a function's own modules takes, the least of three."""
    verb = {"calendar": "feed"}.get(function, function)
    command = [sys.executable, "-X", "importtime", "-c", f"import main; from tocsin import {verb}"]
    environment = {**os.environ, "PYTHONPATH": str(MAIN.parent), "FUNCTION_TARGET": function}
    said = [subprocess.run(command, check=True, capture_output=True, text=True, env=environment) for _ in range(3)]
    return min(total(one.stderr, ("main", "tocsin")) for one in said) / 1000


def imported(library: str) -> float:
    """Give the milliseconds that importing it takes in a fresh process, the median of three."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {library}"]
    nothing = [*command[:-1], "pass"]
    return median(_importing(command) for _ in range(3)) - median(_importing(nothing) for _ in range(3))


def _importing(command: list[str]) -> float:
    return total(subprocess.run(command, check=True, capture_output=True, text=True).stderr) / 1000


if __name__ == "__main__":
    main()

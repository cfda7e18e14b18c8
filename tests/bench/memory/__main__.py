"""Measures the resident memory of each function at rest after its first answer, beside functions that do nothing.

    tests/bench/memory/run [NAME ...]

PSS counts what two processes share once: the framework's server is one that watches and one that works. RSS counts it
twice. Each function is one instance; the figure is that of all its processes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import click

from tests.bench import tables
from tests.bench.deployed import BARE_ASGI, BARE_PLAIN, FUNCTIONS, Deployed, cloud, started

KINDS = ("Pss", "Rss")
MIB = 1 << 20


@click.command(help=__doc__.splitlines()[0])
@click.argument("names", nargs=-1, type=click.Choice([one.name for one in FUNCTIONS]))
@tables.output
def main(names: tuple[str, ...], output: str) -> None:
    functions = [one for one in FUNCTIONS if one.name in names or not names]
    seen = asyncio.run(_seen([BARE_PLAIN, BARE_ASGI, *(each for one in functions for each in (one, one.least))]))
    rows = [(one.name, *_mib(seen[one.name]), "", "", "") for one in (BARE_PLAIN, BARE_ASGI)]
    for one in functions:
        ours, least = seen[one.name], seen[one.least.name]
        bare = seen[(BARE_ASGI if one.name == "ingest" else BARE_PLAIN).name]
        beside = (tables.ratio(ours["Pss"], other["Pss"]) for other in (bare, least))
        rows.append((one.name, *_mib(ours), _mib(least)[0], *beside))
    heads = ("function", "PSS, MiB", "RSS, MiB", "PSS of its libraries", "times a bare one", "times its libraries")
    tables.say([tables.table(heads, rows)], output)


def _mib(seen: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"{seen[kind] / MIB:.0f}" for kind in KINDS)


async def _seen(functions: list[Deployed]) -> dict[str, dict[str, int]]:
    async with cloud() as settings:
        return {one.name: await asyncio.to_thread(_at_rest, one, settings) for one in functions}


def _at_rest(one: Deployed, settings: Mapping[str, str]) -> dict[str, int]:
    with started(one, settings) as running:
        return {kind: running.memory(kind) for kind in KINDS}


if __name__ == "__main__":
    main()

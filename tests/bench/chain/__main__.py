"""Measures how long an alert takes from the POST to the call of Twilio when nothing else happens.

    tests/bench/chain/run

Beside it stands the least there can be on the same servers: three functions that publish, create one document and one
task, and ask for one text. Both go through the relay, and through the pushes of Google's emulator, which come on a tick
of 100 ms. Every alert is of another service and pages somebody else.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from statistics import median

import click

from tests.bench import alerts, team
from tests.bench.load import paced
from tests.bench.pager import Pager, pager
from tests.bench.programs import BARE, MAIN

ALERTS, WARM, PACE = 120, 20, 4.0  # alerts in a second: few enough that none waits for the one before
PATIENCE = 10.0
BOTH = {"Tocsin": MAIN, "bare functions": BARE / "chain.py"}
CARRIED = {"relay, 80 in flight": True, "Google's emulator, 2 in flight": False}


def main() -> None:
    click.echo("| POST to Twilio, ms | p50 | p90 | p99 |\n|---|---:|---:|---:|")
    for words, relay in CARRIED.items():
        found = {name: asyncio.run(times(source, relay=relay)) for name, source in BOTH.items()}
        for name, taken in found.items():
            shown = " | ".join(f"{1000 * at(taken, share):.0f}" for share in (0.5, 0.9, 0.99))
            click.echo(f"| {name}, {words} ({len(taken)} of {ALERTS}) | {shown} |")
        ours, least = (median(taken) for taken in found.values())
        click.echo(f"| times the bare ones | {ours / least:.2f} | | |")


def at(taken: list[float], share: float) -> float:
    return sorted(taken)[min(len(taken) - 1, int(share * len(taken)))]


async def times(source: Path, *, relay: bool) -> list[float]:
    """Give the seconds of each alert, in their order; the first ones wake everything up and do not count."""
    async with pager(team.team(0, WARM + ALERTS), relay=relay, source=source) as one:
        posts = [alerts.pagerduty(one.port, [team.quiet_name(number)])(number) for number in range(WARM + ALERTS)]
        await paced(one.port, iter(posts[:WARM]), PACE, 1)
        await received(one, WARM)
        begun = time.perf_counter()
        await paced(one.port, iter(posts[WARM:]), PACE, 1)
        await received(one, WARM + ALERTS)
        # The numbers come in the order of the posts but for a few that overtake, which changes no percentile much.
        return [text.at - begun - number / PACE for number, text in enumerate(one.twilio.texts[WARM:])]


async def received(one: Pager, texts: int) -> None:
    give_up = time.perf_counter() + PATIENCE
    while len(one.twilio.texts) < texts and time.perf_counter() < give_up:  # noqa: ASYNC110 - another process does it
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    main()

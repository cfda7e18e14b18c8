"""Measures what 10,000 alerts at once come to: processed how soon, in how many documents and pages.

    tests/bench/storm/run

While each storm lasts, quiet services that have somebody of their own raise a critical alert each: how soon does that
one reach Twilio? Pub/Sub's emulator is read through a relay that keeps 80 pushes in flight, unless said otherwise.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from statistics import median

import click

from tests.bench import alerts, team
from tests.bench.load import Taken, paced, steady
from tests.bench.pager import Pager, pager
from tocsin import events
from tocsin.domain.config import Config, Rule
from tocsin.domain.matchers import parse

ALERTS, SERVICES, QUIET = 10_000, 300, 30
PATIENCE = 120.0
EVERYTHING = 1_000_000


@dataclass(frozen=True)
class Storm:
    """Alerts on so many keys of so many services, so many a second; `grouped`, one incident for each service."""

    name: str
    keys: int | None
    services: int
    pace: float
    grouped: bool = False


@dataclass(frozen=True)
class Seen:
    """What came of a storm; times in seconds, `drained` after the last post, `quiet` from post to Twilio."""

    taken: Taken
    drained: float
    routed: int
    messages: int
    refused: int
    documents: int
    incidents: int
    texts: int
    most_texts: int
    quiet: tuple[float, ...]


STORMS = (
    Storm("one key", 1, 1, 2_000.0),
    Storm("300 keys of 300 services", SERVICES, SERVICES, 1_000.0),
    Storm("10,000 keys of 300 services, grouped", None, SERVICES, 1_000.0, grouped=True),
)
CONNECTIONS = 256
STORMY = (parse('service=~"service-.*"'),)
MIDDLE = 0.4  # of the storm is over when the first quiet alert comes
PACE = 15.0  # quiet alerts in a second
BEFORE, WAKING = 500, 50.0  # alerts before the storm, and how many a second, so that Java is awake


@click.command()
@click.argument("numbers", nargs=-1, type=click.IntRange(1, len(STORMS)))
def main(numbers: tuple[int, ...]) -> None:
    """Live through all storms, or those of these NUMBERS."""
    chosen = [STORMS[number - 1] for number in numbers] or STORMS
    table({storm.name: asyncio.run(lived(storm)) for storm in chosen})


async def lived(storm: Storm) -> Seen:
    """Run a pager of its own through a storm."""
    rules = (Rule("by service", match=STORMY, group="{{service}}"),) if storm.grouped else ()
    config = replace(team.team(storm.services, QUIET), rules=rules)
    async with pager(config) as one:
        services = [team.name(number) for number in range(storm.services)]
        warm = alerts.pagerduty(one.port, ["waking"])
        await paced(one.port, map(warm, range(BEFORE)), WAKING, 4)
        await drained(one, BEFORE, time.perf_counter())
        posts = alerts.pagerduty(one.port, services, keys=storm.keys)
        with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
            loop = asyncio.get_running_loop()
            posting = loop.run_in_executor(elsewhere, steady, one.port, posts, storm.pace, CONNECTIONS, ALERTS)
            await asyncio.sleep(MIDDLE * ALERTS / storm.pace)
            begun = time.perf_counter()
            quiet = [team.quiet_name(number) for number in range(QUIET)]
            await paced(one.port, asked(one, quiet), PACE, 4)
            taken = await posting
        ended = time.perf_counter()
        after = await drained(one, BEFORE + ALERTS + QUIET, ended)
        await asyncio.sleep(1.0)
        return seen(one, config, taken, after, begun)


def asked(one: Pager, services: list[str]) -> Iterator[bytes]:
    for service in services:
        yield alerts.pagerduty(one.port, [service])(0)


async def drained(one: Pager, events: int, since: float) -> float:
    """Give the seconds from an instant until so many events were routed."""
    assert one.relay
    while one.relay.routed < events and time.perf_counter() < since + PATIENCE:  # noqa: ASYNC110 - another process does it
        await asyncio.sleep(0.02)
    return max(0.0, one.relay.last_at - since)


def seen(one: Pager, config: Config, taken: Taken, after: float, begun: float) -> Seen:
    assert one.relay
    kept = one.store.query("events", limit=EVERYTHING)
    ours = [marker for _, marker in kept if marker["event"]["service"].startswith("service-")]
    asleep = {config.users[f"sleeper-{number}"].phone: number for number in range(QUIET)}
    apart = {*asleep, config.users["waker"].phone}
    texts = Counter(text.to for text in one.twilio.texts if text.to not in apart)
    quiet = [text.at - begun - asleep[text.to] / PACE for text in one.twilio.texts if text.to in asleep]
    return Seen(
        taken=taken,
        drained=after,
        routed=sum(events.count(marker) for _, marker in kept) - BEFORE,
        messages=one.relay.messages,
        refused=one.relay.refused,
        documents=len(ours),
        incidents=len({marker["incident"] for marker in ours}),
        texts=sum(texts.values()),
        most_texts=max(texts.values(), default=0),
        quiet=tuple(sorted(quiet)),
    )


ROWS: dict[str, Callable[[Seen], str]] = {
    "alerts accepted, a second": lambda one: f"{one.taken.statuses[202]:,}, {one.taken.rate:,.0f}",
    "answers p50, p99": lambda one: f"{one.taken.ms(0.5):.0f}, {one.taken.ms(0.99):.0f} ms",
    "refused at the door; by `route`": lambda one: f"{ALERTS - one.taken.statuses[202]}; {one.refused}",
    "all routed after the last post": lambda one: f"{one.drained:.1f} s",
    "lost": lambda one: f"{ALERTS + QUIET - one.routed:,}",
    "messages": lambda one: f"{one.messages:,}",
    "documents for each alert": lambda one: f"{one.documents / ALERTS:.3f}",
    "incidents": lambda one: f"{one.incidents:,}",
    "pages; most for one person": lambda one: f"{one.texts}; {one.most_texts}",
    "quiet alerts paged": lambda one: f"{len(one.quiet)} of {QUIET}",
    "quiet alert to Twilio p50, worst": lambda one: (
        f"{median(one.quiet):.2f}, {one.quiet[-1]:.2f} s" if one.quiet else ""
    ),
}


def table(found: dict[str, Seen]) -> None:
    click.echo(f"| {ALERTS:,} alerts | " + " | ".join(found) + " |")
    click.echo("|---|" + "---:|" * len(found))
    for name, show in ROWS.items():
        click.echo(f"| {name} | " + " | ".join(map(show, found.values())) + " |")


if __name__ == "__main__":
    main()

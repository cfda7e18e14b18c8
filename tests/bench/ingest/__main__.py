"""Measures how fast alerts are accepted, beside the least that a function can do and beside others.

    tests/bench/ingest/run

Each 202 of `ingest` waits until Pub/Sub's emulator has confirmed. All are measured in turn, round by round, so that the
ratios are of one time; a figure is the median of its rounds.
"""

from __future__ import annotations

import contextlib
import os
from statistics import median

import click

from infra.local.emulators import free_port, prepare_pubsub
from tests.bench import alerta, alerts, peers, team
from tests.bench.load import Post, Taken, flat_out
from tests.bench.programs import BARE, MAIN, emulators, function, running
from tocsin import wiring

CONNECTIONS = (1, 16, 64)
ROUNDS, SECONDS = 3, 3.0

BARE_PLAIN, BARE_ASGI, OURS = "bare function", "bare ASGI function", "ingest"


def main() -> None:
    with contextlib.ExitStack() as stack:
        posts = started(stack)
        taken: dict[tuple[str, int], list[Taken]] = {}
        for _ in range(ROUNDS):
            for many in CONNECTIONS:
                for name, (port, post) in posts.items():
                    taken.setdefault((name, many), []).append(flat_out(port, post, many, SECONDS))
    table(list(posts), taken)


def started(stack: contextlib.ExitStack) -> dict[str, tuple[int, Post]]:
    """Start everything that is measured and give each one's port and what is posted there."""
    os.environ.update(stack.enter_context(emulators()))
    prepare_pubsub(os.environ["GOOGLE_CLOUD_PROJECT"], "tocsin-events", "kept", "")
    team.apply(team.team(1), wiring.store())
    posts: dict[str, tuple[int, Post]] = {}
    functions = {BARE_PLAIN: (BARE / "plain.py", "nothing"), BARE_ASGI: (BARE / "asgi.py", "nothing")}
    for name, (source, target) in {**functions, OURS: (MAIN, "ingest")}.items():
        port = free_port()
        stack.enter_context(running(function(source, target, port), port))
        posts[name] = (port, alerts.pagerduty(port, [team.name(0)]))
    if found := stack.enter_context(peers.alertmanager()):
        posts["Alertmanager"] = (found, alerts.alertmanager(found))
    if found := stack.enter_context(alerta.alerta()):
        posts["Alerta, PostgreSQL"] = (found, alerta.post(found))
    return posts


def table(names: list[str], taken: dict[tuple[str, int], list[Taken]]) -> None:
    click.echo("| posts per second | " + " | ".join(f"{many} at once" for many in CONNECTIONS) + " | p50, p99 at 64 |")
    click.echo("|---|" + "---:|" * (len(CONNECTIONS) + 1))
    for name in names:
        rates = [median(one.rate for one in taken[name, many]) for many in CONNECTIONS]
        ours = [median(one.rate for one in taken[OURS, many]) for many in CONNECTIONS]
        shown = [f"{rate:,.0f} ({mine / rate:.2f})" for rate, mine in zip(rates, ours, strict=True)]
        last = taken[name, CONNECTIONS[-1]]
        p50, p99 = (median(one.ms(share) for one in last) for share in (0.5, 0.99))
        click.echo(f"| {name} | " + " | ".join(shown) + f" | {p50:.1f}, {p99:.1f} ms |")
    refused = sum(
        count for rounds in taken.values() for one in rounds for status, count in one.statuses.items() if status > 202
    )
    click.echo(f"\nIn brackets: `ingest` against it. {refused} posts were refused.")


if __name__ == "__main__":
    main()

"""Measures what strangers can learn from a clock at the doors, and how long a text can keep an expression busy.

    tests/bench/doors/run

Keys that are none, and nearly one, are shown to `ingest` in random turns, in one process. Expressions meet 100 KB of
each text that is hard for them, the best of three on one core.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import click

from tests.bench import tables
from tests.hostile.doors import KEYS, Doors, Request, opened
from tests.hostile.expressions import Expression, expressions, pieces
from tocsin.domain.keys import BYTES, digest, key

ROUNDS, TIMES, LENGTH, SLOWEST = 2_000, 3, 100_000, 8
BODY = json.dumps({"title": "checkout is down"}).encode()


@click.command(help=__doc__.splitlines()[0])
@tables.output
def main(output: str) -> None:
    # What the doors log goes nowhere: the page is on standard output.
    with TemporaryDirectory() as folder, opened(Path(folder)) as doors, redirect_stdout(io.StringIO()):
        guessed = _guessed(doors)
    tables.say([guessed, _busy()], output)


def _guessed(doors: Doors) -> tables.Table:
    shown = {
        "right but for its last letter": lambda _: KEYS[2][:-1] + ("a" if KEYS[2][-1] != "a" else "b"),
        "right but for its first letter": lambda _: ("a" if KEYS[2][0] != "a" else "b") + KEYS[2][1:],
        "never given out": lambda number: key(number.to_bytes(BYTES)),
        "the hash of one": lambda _: digest(KEYS[2]),
        "of no form of ours": lambda number: f"guess-{number:020}",
    }
    taken = _taken(doors, shown)
    usual = median(taken["never given out"])
    rows = [
        (
            name,
            *(f"{1e3 * one:.3f}" for one in (median(each), quantiles(each, n=100)[98])),
            f"{1e3 * (median(each) - usual):+.3f}",
        )
        for name, each in taken.items()
    ]
    note = f"{ROUNDS} requests of each kind, one of each in each round."
    return tables.table(("key", "p50, ms", "p99, ms", "p50 beside one never given out, ms"), rows, note)


def _taken(doors: Doors, shown: dict[str, Callable[[int], str]]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in shown}
    random = Random(6)
    for number in range(ROUNDS):
        for name, made in random.sample(list(shown.items()), len(shown)):
            request = Request(f"/generic/{made(number)}", BODY)
            began = time.perf_counter()
            doors.ask("generic", request)
            taken[name].append(time.perf_counter() - began)
    return taken


def _busy() -> tables.Table:
    slowest = sorted(((_longest(one), one) for one in expressions()), key=lambda pair: -pair[0][0])
    rows = [
        (one.where.removeprefix("tocsin."), f"{1e3 * seconds:.1f}", ascii(piece))
        for (seconds, piece), one in slowest[:SLOWEST]
    ]
    note = f"The slowest of {len(slowest)}, each with the text that took it longest: this, again and again."
    return tables.table(("expression", "ms for 100 KB", "of"), rows, note)


def _longest(one: Expression) -> tuple[float, str]:
    return max((_seconds(one, piece), piece) for piece in pieces(one))


def _seconds(one: Expression, piece: str) -> float:
    taken, text = [], piece * (LENGTH // len(piece))
    for _ in range(TIMES):
        began = time.process_time()
        one.meets(text)
        taken.append(time.process_time() - began)
    return min(taken)


if __name__ == "__main__":
    main()

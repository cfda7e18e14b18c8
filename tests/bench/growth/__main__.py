"""Measures whether an alert, its page and a sweep cost the same however many services and old incidents there are.

    tests/bench/growth/run [--most 1000000] [--emulator]

The store is the embedded cloud's file, filled with incidents of the last thirty days that are over. With `--emulator`
it is Firestore's emulator, up to 10,000: that one has no indexes, so its questions take the longer the more there is,
and only its other figures say something about Firestore. Milliseconds are those of this process alone (of the clock
with the emulator), medians; in brackets how many times the first row, and to reach is 1.2. Operations are counted at
the client, as in `operations`. Once an hour a sweep reads the books of the hours before: `books` is the longest sweep.
"""

from __future__ import annotations

import io
import itertools
import os
import time
from collections import defaultdict
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from tests.bench import tables, team
from tests.bench.growth.kept import NOW, Silent, Telephone, copies, event, fill, pattern, put
from tests.bench.operations.counted import Counting, Operations
from tests.bench.programs import PROJECT, emulators
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.firestore import FirestoreStore, connect
from tocsin.domain.alert import Action
from tocsin.moment import Moment
from tocsin.notify import notify
from tocsin.route import route
from tocsin.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVICES = (1, 10, 100, 1000)
KEPT = (1_000, 10_000, 100_000, 1_000_000)
USUAL = 100  # services, while what is kept grows
ROUNDS, EVERY = 40, timedelta(minutes=7)
ACTS = ("alert", "page", "duplicate", "resolve", "sweep")
EMULATED = 10_000


class Embedded(Counting, EmbeddedStore):
    """The embedded cloud's documents, counted."""


class Emulated(Counting, FirestoreStore):
    """Firestore's, counted."""


@dataclass(frozen=True)
class Point:
    """What each act took, in milliseconds, and asked for; `books` is the longest sweep."""

    took: dict[str, float]
    asked: dict[str, Operations]
    books: float

    @property
    def rate(self) -> float:
        """Give how many alerts, each paged, joined once, resolved and swept after, go through in a second."""
        return 1000 / sum(self.took.values())


Store = Embedded | Emulated


@click.command(help=__doc__.splitlines()[0])
@click.option("--most", default=100_000, show_default=True, help="Incidents kept, at most.")
@click.option("--emulator", is_flag=True, help="Measure on Firestore's emulator.")
@tables.output
def main(most: int, output: str, *, emulator: bool) -> None:
    sizes = [one for one in KEPT if one <= min(most, EMULATED if emulator else most)]
    with ExitStack() as stack:
        where = _emulated(stack) if emulator else _embedded(stack)
        clock = time.perf_counter if emulator else time.process_time
        by_services = {many: measured(where(sizes[0], many), many, clock) for many in SERVICES}
        by_kept = {many: measured(where(many, USUAL), USUAL, clock) for many in sizes}
    tables.say([table("services", by_services), table("incidents kept", by_kept)], output)


def _embedded(stack: ExitStack) -> Callable[[int, int], Store]:
    """Give what makes a file that keeps so many incidents of so many services."""
    folder, files = Path(stack.enter_context(TemporaryDirectory())), itertools.count()

    def make(kept: int, services: int) -> Store:
        click.echo(f"{kept:,} incidents of {services:,} services", err=True)
        path = folder / str(next(files))
        EmbeddedStore(path).close()
        fill(path, copies(pattern(team.team(services)), range(1, kept + 1), services))
        store = Embedded(path)
        stack.callback(store.close)
        return store

    return make


def _emulated(stack: ExitStack) -> Callable[[int, int], Store]:
    """Give the same in a project of its own on the emulator."""
    os.environ.update(stack.enter_context(emulators()))
    projects = itertools.count()

    def make(kept: int, services: int) -> Store:
        click.echo(f"{kept:,} incidents of {services:,} services", err=True)
        project = f"{PROJECT}-{next(projects)}"
        plain = connect(project)
        put(plain, copies(pattern(team.team(services)), range(1, kept + 1), services))
        return Emulated(plain._api, project)  # noqa: SLF001 - the same client

    return make


def measured(store: Store, services: int, clock: Callable[[], float]) -> Point:
    """Let alerts come in, each seven minutes after the one before, until each act was measured often enough."""
    config, ids = team.team(services), (f"{number:032x}" for number in itertools.count(1 << 100))
    moment = partial(Moment, config=config, new_id=ids.__next__)
    took: dict[str, list[float]] = defaultdict(list)
    with redirect_stdout(io.StringIO()):
        for number in range(ROUNDS + 1):
            for act, work in _round(store, number, services, lambda at: moment(at)):  # noqa: PLW0108 - mypy
                begun = clock()
                with store.during(act):
                    work()
                if number:  # the first one imports what is left, and reads what nobody has read
                    took[act].append(1000 * (clock() - begun))
    asked = {act: store.counts[act] for act in ACTS}
    return Point({act: median(took[act]) for act in ACTS}, asked, max(took["sweep"]))


def _round(
    store: Store, number: int, services: int, moment: Callable[[datetime], Moment]
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Give the acts of a trouble, each when the one before is done."""
    at, key, service, tasks = NOW + number * EVERY, f"fresh-{number}", team.name(number % services), Silent()
    said = itertools.count(3 * number)

    def says(action: Action, seconds: float) -> Callable[[], Any]:
        when = at + timedelta(seconds=seconds)
        one = event(f"fresh{next(said):027x}", key, service, action, when)
        return lambda: route(one, store, tasks, moment(when))

    yield "alert", says(Action.TRIGGER, 0)
    [(page, _), *_] = store.query("notifications", ("next_at", ">=", at), limit=1)
    yield "page", lambda: notify(page, store, tasks, TELEPHONE, moment(at))  # type: ignore[arg-type]
    yield "duplicate", says(Action.TRIGGER, 1)
    yield "resolve", says(Action.RESOLVE, 2)
    swept = at + timedelta(seconds=3)
    yield "sweep", lambda: sweep(store, tasks, TELEPHONE, lambda: moment(swept))  # type: ignore[arg-type]


TELEPHONE = Telephone()


def table(head: str, points: dict[int, Point]) -> tables.Table:
    """Give a row for each size, each figure with its ratio to the first."""
    first = next(iter(points.values()))
    rows = [
        (
            f"{size:,}",
            *(f"{one.took[act]:.2f} ({tables.ratio(one.took[act], first.took[act])})" for act in ACTS),
            f"{one.books:.1f}",
            f"{one.rate:.0f}",
            _per_round(one),
        )
        for size, one in points.items()
    ]
    return tables.table((head, *(f"{act}, ms" for act in ACTS), "books, ms", "a second", "reads, writes"), rows)


def _per_round(one: Point) -> str:
    every = sum(one.asked.values(), Operations())
    return f"{every.reads / (ROUNDS + 1):.1f}, {every.writes / (ROUNDS + 1):.1f}"


if __name__ == "__main__":
    main()

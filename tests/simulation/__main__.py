"""The command line of the simulation: many nights, or one of them told in full."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.simulation import batch, ledger
from tests.simulation.night import Night, draw
from tests.simulation.shrink import shrunk
from tests.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_TOLD = 3


def main() -> int:
    """Run what was asked for; 1 when an invariant was violated, or when a fault was not seen often enough."""
    options = _options()
    if options.seed is not None:
        night = draw(options.seed)
        return _tell(shrunk(night) if options.shrink else night)
    book: Path | None = options.ledger or (ledger.LEDGER if options.first is None else None)
    first = ledger.following(book) if book and options.first is None else options.first
    version, began = ledger.code(), time.monotonic()
    progress = sys.stderr.isatty() or options.progress
    tally = batch.run(first, options.seeds, options.jobs, progress=progress, enough=_until_interrupted())
    _say(tally)
    if book and tally.nights:
        ledger.write(book, version, first, tally, time.monotonic() - began)
        say(ledger.total(book))
    for seed in sorted(tally.failed)[:MOST_TOLD]:
        say(f"\nSeed {seed} violates {'; '.join(tally.failed[seed])}. With the fewest faults:\n")
        _tell(shrunk(draw(seed)))
    return 1 if tally.failed or tally.missing() else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/simulation/run", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many nights (2000)")
    parser.add_argument(
        "--from", dest="first", type=_seed, default=0, help="the first seed (0), or auto: go on, see below"
    )
    parser.add_argument("--jobs", type=int, default=batch.CORES, help="processes (one a core)")
    parser.add_argument("--seed", type=int, help="tell this one night")
    parser.add_argument("--shrink", action="store_true", help="with --seed: with the fewest faults that still fail")
    parser.add_argument("--progress", action="store_true", help="show the progress bar when this is no terminal")
    parser.add_argument("--ledger", type=Path, help="append the figures to this file, a line of JSON each run")
    parser.epilog = f"--from auto begins after the last seed in the ledger ({ledger.LEDGER.name} beside this program)."
    return parser.parse_args()


def _seed(given: str) -> int | None:
    return None if given == "auto" else int(given)


def _tell(night: Night) -> int:
    world = World(night, telling=True)
    violations = world.live()
    say("\n".join(world.story.lines))
    say(f"\n{len(world.trouble.struck)} faults, {len(violations)} violations")
    for one in violations:
        say(f"  {one}")
    return 1 if violations else 0


def _say(tally: batch.Tally) -> None:
    say(f"{tally.nights:,} nights, {tally.calls:,} calls, {tally.struck:,} faults (at least {tally.fewest} a night)")
    say(f"{tally.pages:,} pages, {tally.duplicates:,} of them twice because the answer to the first was unknown")
    say("  ".join(f"{name} {count:,}" for name, count in sorted(tally.faults.items())))
    say(f"{len(tally.failed)} nights violated an invariant: {sorted(tally.failed)[:20]}")
    for name, count in tally.missing().items():
        say(f"{name} was seen only {count} times: this run says nothing about it")


def _until_interrupted() -> Callable[[], bool]:
    """Let the first Ctrl-C end the run after the nights at hand, and say what it saw; the second one ends all."""
    asked = threading.Event()

    def ask(*_: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, ask)
    return asked.is_set


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())

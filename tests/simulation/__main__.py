"""The command line of the simulation: many nights, or one of them told in full."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.simulation import batch
from tests.simulation.night import Night, draw
from tests.simulation.shrink import shrunk
from tests.simulation.world import World

MOST_TOLD = 3


def main() -> int:
    """Run what was asked for; 1 when an invariant was violated, or when a fault was not seen often enough."""
    options = _options()
    if options.seed is not None:
        night = draw(options.seed)
        return _tell(shrunk(night) if options.shrink else night)
    tally = batch.run(options.first, options.seeds, options.jobs, progress=sys.stderr.isatty() or options.progress)
    _say(tally)
    if options.ledger:
        _write(options.ledger, options.first, tally)
    for seed in sorted(tally.failed)[:MOST_TOLD]:
        say(f"\nSeed {seed} violates {'; '.join(tally.failed[seed])}. With the fewest faults:\n")
        _tell(shrunk(draw(seed)))
    return 1 if tally.failed or tally.missing() else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/simulation/run", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many nights (2000)")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--seed", type=int, help="tell this one night")
    parser.add_argument("--shrink", action="store_true", help="with --seed: with the fewest faults that still fail")
    parser.add_argument("--progress", action="store_true", help="show the progress bar when this is no terminal")
    parser.add_argument("--ledger", type=Path, help="append the figures to this file, a line of JSON each run")
    return parser.parse_args()


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


def _write(path: Path, first: int, tally: batch.Tally) -> None:
    line = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "from": first,
        "seeds": tally.nights,
        "calls": tally.calls,
        "faults": tally.struck,
        "pages": tally.pages,
        "violations": len(tally.failed),
        "failed": sorted(tally.failed)[:20],
        "duplicates with unknown": tally.duplicates,
        "duplicates without unknown": sum("I3" in one for failed in tally.failed.values() for one in failed),
        "by kind": dict(sorted(tally.faults.items())),
    }
    with path.open("a") as ledger:
        ledger.write(json.dumps(line) + "\n")


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())

"""Plants every bug, one after the other, and tells which were caught, by what, and how soon."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.planted.bugs import BUGS, Bug
from tests.planted.planting import Found, hunt

ENOUGH = 0.95


def main() -> int:
    """Run what was asked for; 0 only when enough of the bugs are caught, and each that survives is explained."""
    options = _options()
    chosen = [bug for bug in BUGS if not options.only or bug.number in options.only]
    if not options.only and (clean := hunt(None, options.nights)).by:
        say(f"Without any bug {clean.how} fails already: nothing can be learnt.")
        return 1
    found: dict[int, Found] = {}
    with ThreadPoolExecutor(options.jobs) as pool:
        for bug, one in zip(chosen, pool.map(lambda each: hunt(each, options.nights), chosen), strict=True):
            found[bug.number] = one
            _progress(len(found), len(chosen))
            say(f"{bug.number:4}  {one.seconds:5.1f} s  {one.by or 'SURVIVED':38}  {bug.file}: {bug.breaks}")
            say(f"{'':14}{one.how}")
    return _sum(chosen, found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/planted/run", description=__doc__)
    parser.add_argument("--only", type=int, nargs="+", metavar="N", help="plant these, by their numbers")
    parser.add_argument("--jobs", type=int, default=2, help="bugs at a time (2)")
    parser.add_argument("--nights", type=int, default=300, help="simulated nights for what the tests let through (300)")
    return parser.parse_args()


def _progress(done: int, number: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r[{'#' * (done * 30 // number):30}] {done} of {number} \r")
        sys.stderr.flush()


def _sum(chosen: list[Bug], found: dict[int, Found]) -> int:
    survivors = [bug for bug in chosen if not found[bug.number].by]
    say("")
    for by, count in Counter(one.by for one in found.values() if one.by).most_common():
        say(f"{count:4}  {by}")
    for bug in survivors:
        say(f"Bug {bug.number} survives ({bug.file}: {bug.breaks}): {bug.explained or 'NOT EXPLAINED'}")
    caught = len(chosen) - len(survivors)
    share = caught / len(chosen)
    say(f"{caught} of {len(chosen)} bugs were caught: {share:.1%}, and {ENOUGH:.0%} are wanted")
    return 0 if share >= ENOUGH and all(bug.explained for bug in survivors) else 1


def say(text: str) -> None:
    """Write a line at once: a run takes long."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

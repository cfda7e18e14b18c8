"""Reads how bad the storm is to be, runs it on a pager of its own, and prints what came of it."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.chaos import team
from tests.chaos.storm import Plan, Reckoning, Storm
from tests.system.pager import Pager

MOST_SHOWN = 40


def main() -> int:
    """Give 0 if every promise was kept."""
    options = _arguments()
    plan = Plan(
        options.seed,
        options.seconds,
        options.kills,
        options.pauses,
        options.longest,
        options.breath,
        emulators=not options.embedded,
    )
    folder = Path(options.folder or tempfile.mkdtemp(prefix="tocsin-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    _say(f"seed {plan.seed}, everything is kept in {folder}")
    reckoning = asyncio.run(_weather(plan, folder))
    _say(_table(reckoning))
    return 1 if reckoning.wrong else 0


async def _weather(plan: Plan, folder: Path) -> Reckoning:
    where = ("--emulators",) if plan.emulators else ()
    config = team.write(folder / "team.yaml")
    pager = await asyncio.to_thread(Pager, folder, "--config", str(config), *where)
    try:
        reckoning = await Storm(plan, pager, Progress(live=sys.stdout.isatty())).run()
        if pager.process.poll() is not None:
            reckoning.wrong.append(f"the pager itself has ended: {pager.words[-2000:]}")
        else:
            await asyncio.to_thread(_stop, pager, reckoning)
        return reckoning
    finally:
        pager.kill()


def _stop(pager: Pager, reckoning: Reckoning) -> None:
    try:
        pager.stop()
    except AssertionError as error:
        reckoning.wrong.append(f"the pager did not stop in order: {str(error)[:2000]}")


class Progress:
    """One line that is written over on a terminal; in a file, every tenth of them."""

    def __init__(self, *, live: bool) -> None:
        """Begin with none."""
        self._live = live
        self._count = 0

    def __call__(self, line: str) -> None:
        """Show a line."""
        if self._live:
            sys.stdout.write(f"\r\033[K{line[:118]}")
            sys.stdout.flush()
        elif self._count % 10 == 0:
            _say(line)
        self._count += 1


def _table(reckoning: Reckoning) -> str:
    lines = [f"{name:32} {value:>8}" for name, value in reckoning.figures.items()]
    lines += [f"WRONG: {line}" for line in reckoning.wrong[:MOST_SHOWN]]
    return "\n".join(["", *lines, f"{len(reckoning.wrong) or 'no'} promises broken"])


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/chaos/run",
        description="Starts a pager, kills it again and again under load, and looks what became of every alert.",
    )
    parser.add_argument("--seconds", type=float, default=60, help="how long the storm lasts (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=0, help="and until the functions were killed so often")
    parser.add_argument("--pauses", type=int, default=0, help="and until something stood still so often")
    parser.add_argument("--longest", type=float, default=8, metavar="S", help="the longest of the pauses, in seconds")
    parser.add_argument(
        "--breath", type=float, default=0.8, metavar="S", help="between two statements of a tool (default: %(default)s)"
    )
    parser.add_argument("--embedded", action="store_true", help="in the embedded cloud, without Google's emulators")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="what decides about every fault")
    parser.add_argument("--folder", help="where the pager's data and log are kept (default: a new one)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""Changes every rule of the domain in small ways, one at a time, and tells which of them no test notices."""

from __future__ import annotations

import argparse
import ast
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.mutation import judging
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.judging import Known
from tests.mutation.mutants import Mutant, mutants

FOLDERS = ("tests/domain", "tests/stories")
ENOUGH, ENOUGH_OF_ONE = 0.85, 0.75


@dataclass
class Planted:
    """A mutant in its module, and the test that noticed it."""

    module: str
    tree: ast.Module
    mutant: Mutant
    by: str = ""

    def __str__(self) -> str:
        return f"{self.module}.{self.mutant}"


def main() -> int:
    """Judge what was asked for; 1 when too many survive."""
    options = _options()
    began = time.monotonic()
    judging.draw_alike()
    known = [judging.learn(folder) for folder in (FOLDERS[:1] if options.domain_only else FOLDERS)]
    judging.prepare([package for one in known for package in one.packages])
    if broken := next((one.broken for one in known if one.broken), "") or _noticed_without_any(known):
        say(f"Without any mutant {broken} fails already: nothing can be learnt.")
        return 1
    planted = [one for module in options.module or _modules() for one in _planted(module)]
    _judge(planted, known, options.jobs)
    _tell(planted)
    say(f"{time.monotonic() - began:.0f} s")
    return _sum(planted)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/mutation/run", description=__doc__)
    parser.add_argument("--module", nargs="+", metavar="NAME", choices=_modules(), help="only these modules")
    parser.add_argument("--domain-only", action="store_true", help="do not ask the stories about what survives")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at a time (2)")
    return parser.parse_args()


def _modules() -> list[str]:
    return sorted(path.stem for path in judging.DOMAIN.glob("*.py") if path.stem != "__init__")


def _planted(module: str) -> Iterator[Planted]:
    tree = _tree(module)
    return (Planted(module, tree, mutant) for mutant in mutants(tree))


def _tree(module: str) -> ast.Module:
    return ast.parse((judging.DOMAIN / f"{module}.py").read_text(encoding="utf-8"))


def _noticed_without_any(known: list[Known]) -> str:
    """Run every test as for a mutant, with a module as it is: what fails then is no notice of anything."""
    [(_, by)] = judging.all_of(
        iter([lambda: judging.killer("incident", _tree("incident"), [one.seconds for one in known])]), jobs=1
    )
    return by


def _judge(planted: list[Planted], folders: list[Known], jobs: int) -> None:
    answers = judging.all_of((_question(one, folders) for one in planted), jobs)
    for done, (number, by) in enumerate(answers, 1):
        one = planted[number]
        one.by = by
        _progress(done, len(planted))
        if not by:
            say(f"{EQUIVALENT.get(str(one), 'SURVIVED')}: {one}")


def _question(one: Planted, folders: list[Known]) -> Callable[[], str]:
    stages = [stage for known in folders for stage in known.reaching(one.module, one.mutant.where)]

    def ask() -> str:
        with one.mutant.planted():
            return judging.killer(one.module, one.tree, stages)

    return ask


def _progress(done: int, number: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r[{'#' * (done * 30 // number):30}] {done} of {number} \r")
        sys.stderr.flush()


def _tell(planted: list[Planted]) -> None:
    made, modules = {str(one) for one in planted}, {one.module for one in planted}
    for gone in [one for one in EQUIVALENT if one.partition(".")[0] in modules and one not in made]:
        say(f"Explained in equivalent.py, but not made any more: {gone}")
    folders = Counter(one.by.partition("/test_")[0] for one in planted if one.by)
    say(f"\nNoticed by {', '.join(f'{folder}: {count}' for folder, count in folders.most_common())}.")


def _sum(planted: list[Planted]) -> int:
    say(f"{'module':14}{'mutants':>8}{'noticed':>8}{'equal':>8}{'missed':>8}")
    modules = sorted({one.module for one in planted})
    shares = [_row(module, [one for one in planted if one.module == module]) for module in modules]
    share = _row("all", planted)
    return 1 if share < ENOUGH or min(shares) < ENOUGH_OF_ONE else 0


def _row(name: str, planted: list[Planted]) -> float:
    survivors = [one for one in planted if not one.by]
    equal = sum(str(one) in EQUIVALENT for one in survivors)
    share = 1 - len(survivors) / len(planted)
    say(f"{name:14}{len(planted):8}{len(planted) - len(survivors):8}{equal:8}{len(survivors) - equal:8}{share:8.1%}")
    return share


def say(text: str) -> None:
    """Write a line at once: a run takes long."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

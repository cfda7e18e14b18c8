"""Known bugs, planted into a copy, are caught: what is proven here is that the tests can fail."""

from pathlib import Path
from random import Random

import pytest

from tests.planted.__main__ import ENOUGH
from tests.planted.bugs import BUGS, Bug
from tests.planted.planting import ROOT, SIMULATION, failing, planted

SAMPLE = Random(3).sample([bug for bug in BUGS if bug.caught not in {"", SIMULATION}], 3)


def name(bug: Bug) -> str:
    return f"{bug.number}-{Path(bug.file).stem}"


@pytest.mark.parametrize("bug", BUGS, ids=name)
def test_a_bug_applies_exactly_once_and_still_compiles(bug: Bug) -> None:
    source = (ROOT / "functions" / "tocsin" / bug.file).read_text(encoding="utf-8")
    changed = bug.planted(source)
    assert changed != source
    compile(changed, bug.file, "exec")


def test_there_are_many_bugs_and_each_is_caught_or_one_of_a_few_that_are_explained() -> None:
    assert len(BUGS) >= 250
    assert all(bool(bug.caught) != bool(bug.explained) for bug in BUGS)
    assert sum(not bug.caught for bug in BUGS) <= (1 - ENOUGH) * len(BUGS)
    missing = {bug.caught for bug in BUGS if bug.caught not in {"", SIMULATION}}
    assert all((ROOT / "tests" / one).is_file() for one in missing)


@pytest.mark.parametrize("bug", SAMPLE, ids=name)
def test_a_planted_bug_is_caught_by_the_test_it_names(bug: Bug) -> None:
    with planted(bug) as copy:
        assert failing(copy, f"tests/{bug.caught}"), f"nothing notices that {bug.breaks}"

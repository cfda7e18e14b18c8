"""The table of threats names tests, and each of them is there."""

import ast
import re
from pathlib import Path

import pytest

from tests.test_architecture import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (Path(__file__).with_name("README.md")).read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| threat")
]
TEST = re.compile(r"`((?:[a-z_]+/)*[a-z_]+\.py)(?:::(\w+))?`")


def test_every_threat_has_an_answer_and_a_test() -> None:
    assert len(ROWS) >= 28
    assert all(len(row) == 3 and row[1] and TEST.search(row[2]) for row in ROWS)


@pytest.mark.parametrize(
    ("file", "name"), sorted({found for row in ROWS for found in TEST.findall(row[2])}), ids=lambda one: one or "all"
)
def test_what_the_table_names_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / "tests" / file).read_text())
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and "test" in node.name}
    assert tests
    assert not name or name in tests


def test_nothing_else_is_named_as_a_test() -> None:
    named = [found for row in ROWS for found in re.findall(r"`[^`]+`", row[2])]
    assert [one for one in named if not TEST.fullmatch(one)] == []


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("test_*.py")), ids=lambda path: path.stem)
def test_each_test_of_this_folder_answers_a_threat(path: Path) -> None:
    about = {"test_table", "test_fuzzed_doors", "test_poison", "test_calendar_door"}
    named = {file for row in ROWS for file, _ in TEST.findall(row[2])}
    assert path.stem in about or f"hostile/{path.name}" in named

"""What counts as a small mistake, and that planting one leaves no trace."""

import ast
from pathlib import Path

import pytest

from tests.mutation.judging import DOMAIN
from tests.mutation.mutants import mutants


def made(source: str) -> list[str]:
    return [str(one) for one in mutants(ast.parse(source))]


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("x = a < b", ["a [< → <=] b", "a [< → >=] b"]),
        ("x = a is b", ["a is [ → not ]b"]),
        ("x = a + 1", ["a [+ → -] 1", "a + [1 → 2]", "a + [1 → 0]"]),
        ("x = a and True", ["a [and → or] True", "a and [True → False]"]),
        ("x = min(a)", ["[min → max](a)"]),
        ("x = {a, b}", ["{[a,  → ]b}", "{a[, b → ]}"]),
        ("x = replace(a, b=c)", ["replace(a[, b=c → ])"]),
    ],
)
def test_each_operator_number_entry_and_argument_is_changed(source: str, changes: list[str]) -> None:
    assert made(source) == [f"module: x = {change}" for change in changes]


def test_statements_and_what_a_function_gives_are_forgotten() -> None:
    source = "def f(a):\n    if a:\n        g()\n    a = h(a)\n    return a\n"
    assert made(source) == [
        "f: if a: [removed]",
        "f: if [ → not ]a:",
        "f: g() [removed]",
        "f: a = h(a) [removed]",
        "f: return[ a → ]",
    ]


def test_what_only_people_or_tools_read_is_left_alone() -> None:
    assert (
        made('"""Words."""\nNAME = "words"\n\n@cache(size=1)\ndef f(a: Literal[1] | None) -> int:\n    """1 + 1"""\n')
        == []
    )


@pytest.mark.parametrize("path", sorted(DOMAIN.glob("*.py")), ids=lambda path: path.stem)
def test_planting_changes_the_module_and_leaves_no_trace(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    before = ast.dump(tree)
    for one in mutants(tree):
        with one.planted():
            assert ast.dump(tree) != before
        assert ast.dump(tree) == before

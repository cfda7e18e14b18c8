"""Expressions are CEL: checked with their place when they are written, and never a reason for a page to be lost."""

from datetime import UTC, datetime

import pytest

from tocsin.conditions import check, holds
from tocsin.domain.rules import Unclear

FACTS = {
    "labels": {"team": "db", "errors": "12"},
    **dict.fromkeys(("title", "source", "integration", "service", "affected"), "some"),
    "severity": "critical",
    "accepted_at": datetime(2026, 11, 21, 2, 14, tzinfo=UTC),
}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ('labels.team == "db" && severity in ["critical", "error"]', True),
        ('labels.team.startsWith("web")', False),
        ("has(labels.team) && !has(labels.region)", True),
        ("int(labels.errors) > 10", True),
        ('accepted_at.getHours("Europe/Berlin") == 3', True),
        ('title.matches("^s.me$")', True),
    ],
)
def test_an_expression_holds_or_does_not(expression: str, said: bool) -> None:  # noqa: FBT001
    check(expression)
    assert holds(expression, FACTS) is said


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ('labels.region == "eu"', 'Key not found in map : "region"'),
        ("int(labels.team) > 1", "cannot convert string to int"),
        ('title.matches("(")', "invalid regular expression"),
        ("labels.team ==", "Syntax error"),
        ("labels.team", "db"),
    ],
)
def test_one_that_has_no_answer_says_why(expression: str, why: str) -> None:
    with pytest.raises(Unclear, match=why.replace("(", r"\(")):
        holds(expression, FACTS)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("foo == 1", "is no expression, at its character 1: undeclared reference to 'foo'"),
        ("labels.team ==", "is no expression, at its character 15: Syntax error"),
        ("labels.team", "says neither yes nor no but string"),
        ("labels.team == 7", "found no matching overload"),
        ("x" * 1001, "has 1001 characters of at most 1000"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(expression: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check(expression)


def test_loops_within_loops_end() -> None:
    expression = "true"
    for name in "abcdefghij":
        expression = f"[1,1,1,1,1,1,1,1,1,1].all({name},{expression})"
    check(expression)
    with pytest.raises(Unclear, match="budget"):
        holds(expression, FACTS)


def test_a_text_made_to_take_for_ever_takes_no_time() -> None:
    assert not holds('title.matches("(a+)+b")', {**FACTS, "title": "a" * 1_000_000})


def test_labels_that_are_no_text_anywhere_else_are_unclear_and_no_defect() -> None:
    with pytest.raises(Unclear):
        holds("has(labels.team)", {**FACTS, "labels": {"a\ud800": "b"}})

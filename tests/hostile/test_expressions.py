"""No text keeps a regular expression busy: each of those that are deployed meets 100 KB of whatever is hard for it.

How long that takes is measured by tests/bench/run doors; one that tries all ways would not end within this suite.
"""

import re

import pytest

from tests.hostile.expressions import Expression, expressions, pieces

LENGTH = 100_000
ALL = expressions()


def test_all_of_them_are_found() -> None:
    names = {one.where for one in ALL}
    assert len(ALL) >= 80
    assert {
        "tocsin.log._FORMS",
        "tocsin.body._TOKEN",
        "tocsin.received._SHAPES",
        "tocsin.domain.matchers._FORM",
    } <= names
    assert next(one for one in ALL if one.where == "tocsin.domain.links._FORM").ways == {"fullmatch"}


@pytest.mark.parametrize("expression", ALL, ids=lambda one: f"{one.where}-{ascii(one.pattern.pattern)[:30]}")
def test_it_ends_on_every_text_that_is_made_for_it(expression: Expression) -> None:
    for piece in pieces(expression):
        expression.meets(piece * (LENGTH // len(piece)))


def test_what_is_hard_for_an_expression_is_made_of_its_own_letters() -> None:
    assert {"q", "qa", "xyz "} <= set(pieces(Expression("", re.compile("q+xyz"), frozenset({"search"}))))

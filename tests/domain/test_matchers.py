"""Matchers are read as Alertmanager reads them, and written so that they can be read again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.domain.matchers import Matcher, Relation, parse


@pytest.mark.parametrize(
    ("text", "label", "relation", "value"),
    [
        ('severity="critical"', "severity", "=", "critical"),
        ("severity=critical", "severity", "=", "critical"),
        ('  severity  =~  "critical|error" ', "severity", "=~", "critical|error"),
        ('team!="db"', "team", "!=", "db"),
        ('team!~"d.*"', "team", "!~", "d.*"),
        ('team=""', "team", "=", ""),
        ("team=", "team", "=", ""),
        ('"team name"="db"', "team name", "=", "db"),
        ('größe="xl"', "größe", "=", "xl"),
        ("host=web-1.eu/a:b", "host", "=", "web-1.eu/a:b"),
        (r'path="C:\\dir \"x\"\n"', "path", "=", 'C:\\dir "x"\n'),
        (r'a="\u00e9\x41\t"', "a", "=", "éA\t"),
        ("a=\"{x='y', z}\"", "a", "=", "{x='y', z}"),
        (r'a=~"\\d+"', "a", "=~", r"\d+"),
    ],
)
def test_a_matcher_is_read(text: str, label: str, relation: str, value: str) -> None:
    assert parse(text) == Matcher(label, Relation(relation), value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "=b",
        "a==b",
        'a="b',
        'a=b"',
        "a='b'",
        "a=b c",
        "a=b,c=d",
        "{a=b}",
        '""=a',
        "a=~(",
        'a=~"[b"',
        "a!b",
        r'a="\q"',
        r'a="\ud800"',
        'a="b"x',
        "a=`b`",
        f'a="{"b" * 2000}"',
    ],
)
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"matcher|pattern|means nothing"):
        parse(text)


LETTERS = st.characters(exclude_categories=["Cs"])
NAMES = st.text(LETTERS, min_size=1, max_size=20)


@settings(deadline=None)
@given(NAMES, st.sampled_from([Relation.IS, Relation.IS_NOT]), st.text(LETTERS))
def test_whatever_is_written_is_read_again(label: str, relation: Relation, value: str) -> None:
    matcher = Matcher(label, relation, value[:200])
    assert parse(str(matcher)) == matcher


@settings(deadline=None)
@given(st.text("abc|.*", max_size=8), st.text("abc", max_size=4))
def test_the_opposite_of_what_fits_does_not(value: str, found: str) -> None:
    labels = {"a": found}
    assert Matcher("a", Relation.IS, value).fits(labels) != Matcher("a", Relation.IS_NOT, value).fits(labels)


def test_a_pattern_that_cannot_be_read_here_fits_nothing_whichever_way_it_asks() -> None:
    for relation in (Relation.MATCHES, Relation.MATCHES_NOT):
        assert not Matcher("a", relation, r"\bx").fits({"a": "y"})


def test_a_label_that_is_missing_is_empty() -> None:
    assert parse('a=""').fits({})
    assert parse('a!="b"').fits({})
    assert not parse('a=~".+"').fits({})
    assert parse('a!~".+"').fits({})

"""Patterns match what Python's own would, and no text keeps them busy for long."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.domain.automaton import LONGEST_TEXT, MOST_STEPS, matches

ATOMS = st.sampled_from(
    ["a", "b", "-", ".", r"\.", r"\d", r"\W", r"\S", "[ab]", "[^a]", "[a-c]", r"[\d-]", r"[^\s]", "[]a]", "^", "$", ""]
)
REPEATS = st.sampled_from(["*", "+", "?", "*?", "{2}", "{1,2}", "{0,}", "{x"])


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        inner.map("({})".format),
        inner.map("(?:{})".format),
        st.tuples(inner, REPEATS).map(lambda pair: f"({pair[0]}){pair[1]}"),
    )


PATTERNS = st.recursive(ATOMS, larger, max_leaves=8)
TEXTS = st.text("abAB1-. ]^$", max_size=6)


@settings(max_examples=500, deadline=None)
@given(PATTERNS, TEXTS, st.booleans())
def test_a_pattern_matches_what_pythons_own_matches(pattern: str, text: str, any_case: bool) -> None:  # noqa: FBT001
    whole = f"(?i){pattern}" if any_case else pattern
    assert matches(whole, text) == bool(re.fullmatch(whole, text, re.ASCII))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("critical|error", "error"),
        ("Disk.*", "DiskFull"),
        ("web-[0-9]+", "web-17"),
        ("(?i)eu-.*", "EU-1"),
        ("", ""),
        (r"a\.b\n\t", "a.b\n\t"),
        ("[[]", "["),
        ("[a-]", "-"),
        ("x{2,3}", "xxx"),
        ("(a*)*", "aaa"),
        ("é+", "éé"),
        ("(a|b|c){3}d", "abcd"),
        ("(a|b)*(c|d)+", "abcd"),
        ("(a{2}|b){2,3}c", "baaaac"),
        ("^(^a|$)(b$|c)", "ac"),
        ("(^|a)*b", "aab"),
    ],
)
def test_what_is_usual_is_read(pattern: str, text: str) -> None:
    assert matches(pattern, text)
    assert not matches(pattern, f"{text}\n")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("a{500}", "a" * 500), ("(ab){250}", "ab" * 250), ("a{0,250}", "aaa"), ("a{497,}", "a" * 600)],
)
def test_so_many_steps_are_written_out(pattern: str, text: str) -> None:
    assert matches(pattern, text)
    with pytest.raises(ValueError, match=f"more than {MOST_STEPS} steps"):
        matches(f"{pattern}a", text)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a", "not closed"),
        ("[a", "not closed"),
        ("a)", "closes nothing"),
        ("*a", "nothing that"),
        ("a**", "repeated"),
        ("^*", "edge"),
        ("a{3,2}", "wrong way round"),
        ("a{501}", "more than 500 times"),
        ("(a{400}){400}", f"more than {MOST_STEPS} steps"),
        ("(" * 60 + ")" * 60, "more than 50 deep"),
        ("a" * 1001, "of at most 1000"),
        (r"(a)\1", "not known"),
        (r"a\b", "not known"),
        ("a\\", "not known"),
        ("(?=a)", r"only \(\?:"),
        ("[[:alpha:]]", "named classes"),
        ("[b-a]", "does not run"),
    ],
)
def test_what_cannot_be_read_says_why(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        matches(pattern, "a")


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(.*)(.*)(.*)(.*)x", "(a|aa)+$b", ".*a.{400}b"])
def test_a_text_made_to_take_for_ever_takes_no_time(pattern: str) -> None:
    """It would not end within this suite if ways were tried one after the other."""
    assert not matches(pattern, "a" * 100_000 + "!")


def test_of_a_text_without_end_the_beginning_is_looked_at() -> None:
    assert matches("a+", "a" * LONGEST_TEXT + "b")
    assert not matches("a+", "a" * (LONGEST_TEXT - 1) + "b")

"""A value is what the standard library's dataclass would be, and with some fields changed what `replace` gives."""

import dataclasses
from datetime import UTC, datetime

import pytest

from tocsin.domain.incident import Entry
from tocsin.domain.values import dataclass, replace
from tocsin.records import from_document

AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)


@dataclass(frozen=True)
class Pair:
    """Two of something."""

    first: int
    second: int = 2


@dataclass(frozen=True)
class Twin(Pair):
    """The same fields, and another meaning."""


@dataclass(frozen=True)
class Folded:
    """A word however it is written."""

    word: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Folded) and self.word.casefold() == other.word.casefold()

    def __hash__(self) -> int:
        return hash(self.word.casefold())


def test_a_value_is_given_with_some_fields_changed_and_itself_stays() -> None:
    before = Entry(AT, "paging", "the primary", by="tocsin")
    after = replace(before, why="the secondary")
    assert after == dataclasses.replace(before, why="the secondary") != before
    assert before == Entry(AT, "paging", "the primary", by="tocsin")
    assert hash(after) == hash(Entry(AT, "paging", "the secondary", by="tocsin"))


def test_values_are_equal_if_they_are_of_one_class_and_all_fields_are() -> None:
    assert Pair(1) == Pair(1, 2) != Pair(2, 1)
    others: list[object] = [Twin(1), (1, 2)]
    assert Pair(1) not in others
    assert len({Pair(1), Pair(1, 2), Pair(2, 1)}) == 2


def test_equal_values_have_one_hash_in_whatever_order_their_fields_came() -> None:
    assert hash(from_document(Pair, {"second": 3, "first": 1})) == hash(Pair(1, 3))
    assert hash(replace(replace(Pair(1), second=3), first=4)) == hash(Pair(4, 3))


def test_a_default_that_was_not_given_counts_as_if_it_had_been() -> None:
    read = from_document(Pair, {"first": 1})
    assert read == Pair(1, 2)
    assert hash(read) == hash(Pair(1, 2))
    assert repr(read) == repr(Pair(1, 2))


def test_a_value_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Pair(1).first = 2  # type: ignore[misc]


def test_a_value_shows_what_it_holds() -> None:
    assert repr(Pair(1)) == "Pair(first=1, second=2)"


def test_what_a_class_says_of_itself_is_not_replaced() -> None:
    assert Folded("Ack") == Folded("ACK")
    assert len({Folded("Ack"), Folded("ACK")}) == 1

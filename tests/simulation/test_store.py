"""The store of a night: what it hands out is shared, so a change in place is noted."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.simulation.indexes import FEW
from tests.simulation.permutation import Calm
from tests.simulation.store import Documents, matching
from tocsin.clients.store import Where

AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)


def store() -> Documents:
    documents = Documents(Calm(), lambda _: None)  # type: ignore[arg-type]
    documents.keep("phones/one", {"told": ["a"], "at": AT, "level": 2, "note": None})
    return documents


def test_what_a_reader_changes_in_place_is_noted_when_it_is_written_again() -> None:
    documents = store()
    read = documents.get("phones/one") or {}
    documents.keep("phones/one", {**read, "level": 3})
    assert documents.changed == []
    (documents.get("phones/one") or {})["told"].append("b")
    documents.keep("phones/one", {"told": []})
    assert documents.changed == ["phones/one"]


def test_what_a_writer_does_with_his_own_document_afterwards_changes_nothing() -> None:
    documents, mine = store(), {"told": ["a"]}
    documents.keep("phones/two", mine)
    mine["told"].append("b")
    assert documents.get("phones/two") == {"told": ["a"]}


def test_a_condition_compares_like_with_like_and_what_is_missing_is_only_none() -> None:
    documents = store()
    assert [documents.query("phones", ("level", one, 2)) != [] for one in ("==", "<", "<=", ">", ">=")] == [
        *(True, False, True, False, True),
    ]
    assert documents.query("phones", ("at", "<=", AT)) != []
    assert documents.query("phones", ("at", ">=", 2)) == documents.query("phones", ("level", "<=", AT)) == []
    assert documents.query("phones", ("note", "==", None)) != []
    assert documents.query("phones", ("note", "<=", 2)) == documents.query("phones", ("level", "==", None)) == []


VALUES: dict[str, Any] = {"level": 3, "at": AT + timedelta(seconds=5), "word": "b", "note": None}
CONDITIONS: list[Where] = [
    *((field, "==", value) for field, value in VALUES.items()),
    *((field, one, VALUES[field]) for field in ("level", "at", "word") for one in ("<", "<=", ">", ">=")),
]


@pytest.mark.parametrize("first", CONDITIONS, ids=str)
def test_in_a_large_collection_the_same_is_found_as_by_looking_at_each(first: Where) -> None:
    random, documents = Random(str(first)), Documents(Calm(), lambda _: None)  # type: ignore[arg-type]
    ever: dict[str, list[Any]] = {
        "level": [None, 2, 3, 4, AT],
        "at": [None, *(AT + timedelta(seconds=one) for one in range(10))],
        "word": [None, "a", "b", "c"],
        "note": [None, 1],
    }
    for number in range(6 * FEW):
        fields = random.sample(sorted(ever), random.randrange(len(ever) + 1))
        documents.keep(f"pages/{number % (2 * FEW)}", {field: random.choice(ever[field]) for field in fields})
        if number % FEW == 0:  # from the third time on the collection is large, and changes after it was indexed
            for second in CONDITIONS:
                found = documents.find("pages", (first, second), None)
                expected = matching(list(documents.collections["pages"].items()), *first)
                assert sorted(name for name, _ in found) == sorted(name for name, _ in _told(expected, first, second))


def _told(found: list[Any], first: Where, second: Where) -> list[Any]:
    """Give what a second condition leaves; what is compared first must have the field that sorts."""
    ordered = next((field for field, operator, _ in (first, second) if operator != "=="), None)
    return [one for one in matching(found, *second) if not ordered or one[1].data.get(ordered) is not None]

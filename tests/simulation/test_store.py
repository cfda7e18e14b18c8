"""The store of a night: what it hands out is shared, so a change in place is noted."""

from datetime import UTC, datetime

from tests.simulation.permutation import Calm
from tests.simulation.store import Documents

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

"""Every question the code asks has its index on Google Cloud, and no index is there for nothing.

The stories' store asks `indexes.check` about each question; here is what they cannot see.
"""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.cli.configfile import load
from tests.gcp import indexes
from tests.gcp.indexes import Index, needed
from tests.gcp.written import ROOT, Module
from tests.stories.night import Night
from tocsin.domain.config import Rule, Threshold

named = pytest.mark.parametrize
TEAM = ROOT / "tests" / "stories" / "team.yaml"
MODULES = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "infra" / "cli").rglob("*.py")]
ASKING = {"query", "read"}
COLLECTIONS = ("codes", "events", "inbound", "incidents", "notifications", "open", "phones")


@pytest.fixture
def night() -> Night:
    return Night(load(TEAM))


def questions(path: Path) -> Iterator[tuple[str, list[tuple[str, str]], str | None]]:
    """Gives what is asked for in so many words: a collection, conditions, an order."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING:
            texts = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
            ordered = [one.value for one in node.keywords if one.arg == "order_by"] + node.args[1:2]
            order = next((str(one.value) for one in ordered if isinstance(one, ast.Constant)), None)
            if texts and isinstance(texts[0], str) and texts[0].isalpha():
                yield texts[0], [*conditions(node)], order


def conditions(call: ast.Call) -> Iterator[tuple[str, str]]:
    for one in call.args:
        if (
            isinstance(one, ast.Tuple)
            and isinstance(one.elts[0], ast.Constant)
            and isinstance(one.elts[1], ast.Constant)
        ):
            yield str(one.elts[0].value), str(one.elts[1].value)


@named("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_asked_in_so_many_words_is_indexed(path: Path) -> None:
    for question in questions(path):
        indexes.check(*question)


def test_no_index_is_there_for_nothing() -> None:
    asked = {needed(*question) for path in MODULES for question in questions(path)}
    assert not sorted(indexes.declared() - asked)


def test_the_questions_are_found_in_the_code() -> None:
    asked = [question for path in MODULES for question in questions(path)]
    assert ("codes", [("number", "=="), ("until", ">")], "-until") in asked
    assert ("incidents", [("status", "==")], "-opened_at") in asked


@named(
    ("where", "order_by", "index"),
    [
        ([("state", "==")], None, None),
        ([("number", "=="), ("code", "==")], None, None),
        ([("next_at", "<=")], "next_at", None),
        ([], "-opened_at", None),
        ([("number", "=="), ("until", ">")], None, Index("c", frozenset({"number"}), "until", "ASCENDING")),
        ([("number", "==")], "-until", Index("c", frozenset({"number"}), "until", "DESCENDING")),
        ([("a", "=="), ("b", "==")], "t", Index("c", frozenset({"a", "b"}), "t", "ASCENDING")),
    ],
)
def test_an_index_is_needed_where_one_field_is_equal_and_another_compared_or_sorted(
    where: list[tuple[str, str]], order_by: str | None, index: Index | None
) -> None:
    assert needed("c", where, order_by) == index


def test_a_story_fails_on_a_question_that_has_no_index(night: Night) -> None:
    with pytest.raises(indexes.Unindexed, match="no Index"):
        night.world.store.query("incidents", ("service", "==", "x"), order_by="-opened_at")
    with pytest.raises(indexes.Unindexed, match="leaves timeline of incidents out"):
        night.world.store.query("incidents", ("timeline", "==", "x"))


def test_what_holds_maps_and_lists_is_left_out_of_every_index(night: Night) -> None:
    """A document may have 40,000 index entries, and each leaf of a map is one: such an alert could not be written."""
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("cknowledged")
    nested = {
        (collection, field)
        for collection in COLLECTIONS
        for _, document in night.world.store.query(collection)
        for field, value in document.items()
        if isinstance(value, dict | list)
    }
    assert ("incidents", "timeline") in nested
    assert not sorted(nested - indexes.exempt())


def test_what_is_cleared_away_is_what_the_documents_carry_as_a_time_and_nothing_else_is(night: Night) -> None:
    """Every collection that has a time to go gets a document here, by the code that writes it."""
    night.begins(datetime(2026, 11, 21, 8, 58, tzinfo=UTC))
    night.changes("users", "primary", shift_notices=True)  # a shift begins at nine
    night.rules(Rule("few", continues=True, threshold=Threshold(2, timedelta(hours=1))), Rule("one", group="all"))
    night.alert("checkout is down")
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("resolve {code}").receives("Resolved")
    night.world.queue.publish_now(b"not an event")
    night.world.queue.topic_down = True
    night.alert("cart is slow")
    night.passes(minutes=4)  # until the sweep has routed that, told of the shift, and looked who joined meanwhile
    night.phone("primary").receives("cart is slow").receives("You are on call").rings()

    firestore, store = Module.read("firestore.tf"), night.world.store
    rows = store._db.execute("SELECT DISTINCT collection FROM documents")  # noqa: SLF001 - all there are
    documents = [(name, document) for (name,) in rows for _, document in store.query(name)]
    # The head of the audit's chain, among the sweeps, says until when its entry is kept, and stays itself.
    timed = {name for name, one in documents if isinstance(one.get("expires_at"), datetime)} - {"sweeps"}
    assert timed == set(firestore.local("kept"))
    for collection, field in firestore.local("expiring").items():
        held = [one[field] for name, one in documents if name == collection]
        assert held, collection
        assert {type(one) for one in held} == {datetime}
        assert (collection, field) not in indexes.exempt()

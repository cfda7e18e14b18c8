"""The contract of a store's queries, on SQLite and on Firestore."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.clients.store import Data, Store, Transaction, Where

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def fill(store: Store, documents: dict[str, Data]) -> None:
    def rule(tx: Transaction) -> None:
        for name, data in documents.items():
            tx.put(f"things/{name}", data)

    store.transact(rule)


def names(store: Store, *where: Where, order_by: str | None = None, limit: int = 100) -> list[str]:
    return [name for name, _ in store.query("things", *where, order_by=order_by, limit=limit)]


def test_an_empty_collection_gives_nothing(store: Store) -> None:
    assert store.query("things", ("number", "==", 1), order_by="number") == []


def test_a_query_gives_names_and_documents_of_its_collection_only(store: Store) -> None:
    fill(store, {"b": {"n": 1, "at": NOON}, "a": {"n": 2}})
    store.transact(lambda tx: tx.put("others/c", {"n": 1}))
    assert store.query("things") == [("a", {"n": 2}), ("b", {"n": 1, "at": NOON})]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (("value", "==", 2), ["two", "two_as_float"]),
        (("value", "<", 2), ["one"]),
        (("value", "<=", 2), ["one", "two", "two_as_float"]),
        (("value", ">", 1.5), ["two", "two_as_float", "three"]),
        (("value", ">=", 3), ["three"]),
        (("value", "==", True), ["true"]),
        (("value", "<", True), ["false"]),
        (("value", "==", 1), ["one"]),
        (("value", "==", "2"), ["text"]),
        (("value", ">=", ""), ["text", "text_like_a_time"]),
        (("value", "==", None), ["null"]),
        (("value", "==", NOON), ["noon"]),
        (("value", "<", NOON), ["before_noon"]),
        (("value", ">=", NOON), ["noon"]),
        (("value", "==", "nowhere"), []),
        (("absent", "<=", 1), []),
        (("absent", "==", None), []),
    ],
)
def test_a_condition_compares_like_with_like(store: Store, where: Where, found: list[str]) -> None:
    fill(
        store,
        {
            "one": {"value": 1},
            "two": {"value": 2},
            "two_as_float": {"value": 2.0},
            "three": {"value": 3},
            "true": {"value": True},
            "false": {"value": False},
            "text": {"value": "2"},
            "text_like_a_time": {"value": '{"$time":"2026-03-29T12:00:00.000000+00:00"}'},
            "null": {"value": None},
            "noon": {"value": NOON},
            "before_noon": {"value": NOON - MICROSECOND},
            "map": {"value": {"$time": "2026-03-29T12:00:00.000000+00:00"}},
            "list": {"value": [2]},
            "without": {"other": 2},
        },
    )
    assert names(store, where) == found


def test_every_condition_must_hold(store: Store) -> None:
    fill(store, {f"{number}": {"number": number, "even": number % 2 == 0} for number in range(6)})
    assert names(store, ("number", ">", 1), ("number", "<", 5), ("even", "==", True)) == ["2", "4"]


def test_times_order_as_times_whatever_their_zone_was(store: Store) -> None:
    zone = timedelta(hours=5, minutes=45)
    moments = {"third": NOON + MICROSECOND, "first": NOON - zone, "second": NOON}
    fill(store, {name: {"next_at": moment} for name, moment in moments.items()})
    assert names(store, order_by="next_at") == ["first", "second", "third"]
    assert names(store, ("next_at", "<=", NOON), order_by="next_at") == ["first", "second"]


def test_order_by_leaves_out_what_has_no_value(store: Store) -> None:
    fill(store, {"b": {"n": 2}, "none": {"n": None}, "without": {}, "a": {"n": 3}, "c": {"n": 1}})
    assert names(store, order_by="n") == ["c", "b", "a"]


def test_equals_are_ordered_by_their_names(store: Store) -> None:
    fill(store, {name: {"n": 1} for name in ("b", "é", "a", "Z", "\U0001f6a8", "\uffee")})
    assert names(store) == ["Z", "a", "b", "é", "\uffee", "\U0001f6a8"]
    assert names(store, order_by="n") == names(store)
    assert names(store, ("n", "<=", 1)) == names(store)


def test_a_limit_gives_the_first_ones(store: Store) -> None:
    fill(store, {f"{number:03}": {"n": -number} for number in range(120)})
    assert names(store, order_by="n", limit=2) == ["119", "118"]
    assert names(store) == [f"{number:03}" for number in range(100)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moments=st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1, max_size=6),
    due=st.datetimes(timezones=st.just(UTC)),
)
def test_what_is_due_is_found_soonest_first(store: Store, moments: list[datetime], due: datetime) -> None:
    fill(store, {f"{number}": {"next_at": None} for number in range(6)})
    fill(store, {f"{number}": {"next_at": moment} for number, moment in enumerate(moments)})
    found = [data["next_at"] for _, data in store.query("things", ("next_at", "<=", due), order_by="next_at")]
    assert found == sorted(moment for moment in moments if moment <= due)


def test_a_leading_minus_gives_the_last_first_and_still_leaves_out_what_has_no_value(store: Store) -> None:
    ages = {"a": 2, "b": 3, "c": None, "d": 1}
    fill(store, {name: {"at": at, "kind": "k"} for name, at in ages.items()})
    assert [one for one, _ in store.query("things", order_by="-at")] == ["b", "a", "d"]
    assert [one for one, _ in store.query("things", ("kind", "==", "k"), order_by="-at", limit=2)] == ["b", "a"]

"""The contract of a store: every test runs on SQLite and on Firestore."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.clients.store import Data, Exists, Store, Transaction

NOON = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = (TEXT | st.sampled_from(["$time", "$", "a.b", "`", "number"])).filter(lambda name: name and name[:2] != "__")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.datetimes(
        datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        datetime(9998, 12, 31),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, ZoneInfo("Asia/Kathmandu"), timezone(timedelta(hours=-11))]),
    )
)
MAPS: st.SearchStrategy[Data] = st.deferred(lambda: st.dictionaries(NAMES, VALUES, max_size=4))
VALUES: st.SearchStrategy[Any] = SCALARS | MAPS | st.lists(SCALARS | MAPS, max_size=4)


def put(store: Store, path: str, data: Data) -> None:
    store.transact(lambda tx: tx.put(path, data))


def create(store: Store, path: str, data: Data) -> None:
    store.transact(lambda tx: tx.create(path, data))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=MAPS)
def test_a_document_comes_back_as_it_was_put(store: Store, data: Data) -> None:
    put(store, "things/one", data)
    assert store.get("things/one") == data


@pytest.mark.parametrize(
    "value", [None, True, 0, 1.0, -(2**63), 2**63 - 1, 0.1, "", "né\0🚨", NOON, [], {}, [{"a": []}]]
)
def test_a_value_keeps_its_type(store: Store, value: object) -> None:
    put(store, "things/one", {"value": value})
    [(_, found)] = (store.get("things/one") or {}).items()
    assert found == value
    assert type(found) is type(value)


def test_a_time_comes_back_in_utc_with_its_microseconds(store: Store) -> None:
    put(store, "things/one", {"at": NOON.astimezone(ZoneInfo("Europe/Berlin"))})
    found = (store.get("things/one") or {})["at"]
    assert (found, found.tzinfo) == (NOON, UTC)


def test_a_tuple_comes_back_as_a_list(store: Store) -> None:
    put(store, "things/one", {"list": (1, {"nested": ("a",)})})
    assert store.get("things/one") == {"list": [1, {"nested": ["a"]}]}


def test_what_is_not_there_is_none(store: Store) -> None:
    assert store.get("things/none") is None
    assert store.transact(lambda tx: tx.get("things/none")) is None


def test_a_put_replaces_the_whole_document(store: Store) -> None:
    put(store, "things/one", {"old": 1, "both": {"old": 1}})
    put(store, "things/one", {"both": {"new": 2}})
    assert store.get("things/one") == {"both": {"new": 2}}


def test_a_dict_changed_after_it_was_read_or_put_changes_nothing(store: Store) -> None:
    put(store, "things/one", {"n": 1, "list": [1]})

    def rule(tx: Transaction) -> Data | None:
        (tx.get("things/one") or {})["list"].append(2)
        found = tx.get("things/one") or {}
        written: Data = {"n": 2}
        tx.put("things/one", written)
        written["n"] = 3
        return found

    assert store.transact(rule) == {"n": 1, "list": [1]}
    assert store.get("things/one") == {"n": 2}


def test_a_rule_that_reads_after_it_wrote_is_told_so(store: Store) -> None:
    def rule(tx: Transaction) -> None:
        tx.put("things/one", {})
        tx.get("things/two")

    with pytest.raises(RuntimeError, match="things/two is read after a write"):
        store.transact(rule)
    assert store.get("things/one") is None


def test_a_rule_that_fails_writes_nothing(store: Store) -> None:
    def rule(tx: Transaction) -> None:
        tx.put("things/one", {})
        raise KeyError("the rule's own")

    with pytest.raises(KeyError):
        store.transact(rule)
    assert store.get("things/one") is None


def test_a_lost_create_names_its_document_and_writes_nothing(store: Store) -> None:
    create(store, "things/two", {"by": "the first"})

    def rule(tx: Transaction) -> None:
        for name in ("one", "two", "three"):
            tx.create(f"things/{name}", {"by": "the second"})
        tx.put("things/four", {})

    with pytest.raises(Exists) as lost:
        store.transact(rule)
    assert lost.value.path == "things/two"
    assert store.query("things") == [("two", {"by": "the first"})]


def test_a_document_is_created_once_in_a_rule(store: Store) -> None:
    def rule(tx: Transaction) -> None:
        tx.create("things/one", {})
        tx.create("things/one", {})

    with pytest.raises(Exists):
        store.transact(rule)


def test_a_rule_reads_what_it_then_fails_to_create(store: Store) -> None:
    create(store, "things/one", {})

    def rule(tx: Transaction) -> None:
        assert tx.get("things/one") == {}
        tx.create("things/one", {})

    with pytest.raises(Exists):
        store.transact(rule)

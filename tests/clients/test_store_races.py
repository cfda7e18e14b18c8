"""The contract of a store's transactions when several meet, on SQLite and on Firestore."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tocsin.clients.store import Data, Exists, Store, Transaction
from tocsin.errors import Unavailable


def create(store: Store, path: str, data: Data) -> None:
    store.transact(lambda tx: tx.create(path, data))


def increment(path: str) -> Callable[[Transaction], int]:
    def rule(tx: Transaction) -> int:
        number: int = (tx.get(path) or {"n": 0})["n"] + 1
        tx.put(path, {"n": number})
        return number

    return rule


def meanwhile(store: Store, other: Callable[[Transaction], Any]) -> Callable[[], int]:
    """Give a call that lets somebody else commit the first time it is made, and counts how often it was."""
    calls: list[None] = []

    def call() -> int:
        calls.append(None)
        if len(calls) == 1:
            store.transact(other)
        return len(calls)

    return call


def test_a_change_that_was_overtaken_is_made_again(store: Store) -> None:
    other = meanwhile(store, increment("things/one"))

    def rule(tx: Transaction) -> int:
        number: int = (tx.get("things/one") or {"n": 0})["n"] + 10
        runs = other()
        tx.put("things/one", {"n": number})
        return runs

    assert store.transact(rule) == 2
    assert store.get("things/one") == {"n": 11}


@pytest.mark.parametrize("there", [True, False])
def test_a_rule_whose_reading_was_overtaken_runs_again(store: Store, there: bool) -> None:  # noqa: FBT001
    if there:
        create(store, "things/read", {"n": 5})
    other = meanwhile(store, increment("things/read"))

    def rule(tx: Transaction) -> int:
        seen = tx.get("things/read")
        runs = other()
        tx.create("things/new", {"saw": seen})
        return runs

    assert store.transact(rule) == 2
    assert store.get("things/new") == {"saw": {"n": 6 if there else 1}}


def test_what_was_released_may_change_and_what_is_created_must_still_be_new(store: Store) -> None:
    create(store, "things/read", {"n": 5})
    other = meanwhile(store, increment("things/read"))

    def rule(tx: Transaction) -> int:
        seen = tx.get("things/read")
        runs = other()
        tx.release()
        tx.create("things/new", {"saw": seen})
        return runs

    assert store.transact(rule) == 1
    assert store.get("things/new") == {"saw": {"n": 5}}
    with pytest.raises(Exists) as lost:
        store.transact(rule)
    assert lost.value.path == "things/new"


def test_a_duplicate_that_lost_the_race_sees_the_winner_instead_of_exists(store: Store) -> None:
    def accept(tx: Transaction) -> None:
        tx.put("events/one", {})
        tx.create("incidents/one", {})

    other = meanwhile(store, accept)

    def rule(tx: Transaction) -> str:
        if tx.get("events/one") is not None:
            return "duplicate"
        other()
        accept(tx)
        return "opened"

    assert store.transact(rule) == "duplicate"


def test_two_blind_creates_of_which_one_lost_end_in_exists_although_the_rule_also_reads(store: Store) -> None:
    create(store, "incidents/one", {})

    def rule(tx: Transaction) -> None:
        tx.get("config/one")
        tx.create("events/one", {})
        tx.create("incidents/one", {})

    with pytest.raises(Exists) as lost:
        store.transact(rule)
    assert lost.value.path == "incidents/one"
    assert store.get("events/one") is None


def test_a_put_that_read_nothing_wins_over_whoever_was_faster(store: Store) -> None:
    other = meanwhile(store, increment("things/one"))

    def rule(tx: Transaction) -> int:
        runs = other()
        tx.put("things/one", {"n": 100})
        return runs

    assert store.transact(rule) == 1
    assert store.get("things/one") == {"n": 100}


def test_a_rule_that_always_loses_ends_in_unavailable_and_wrote_nothing(store: Store) -> None:
    runs: list[None] = []

    def rule(tx: Transaction) -> None:
        tx.get("things/one")
        runs.append(None)
        store.transact(increment("things/one"))
        tx.put("things/one", {"n": -1})

    with pytest.raises(Unavailable, match="nothing was written"):
        store.transact(rule)
    assert store.get("things/one") == {"n": len(runs)}


def test_of_twenty_who_create_one_document_one_succeeds(store: Store) -> None:
    together = Barrier(20)

    def compete(number: int) -> str:
        together.wait()
        try:
            create(store, "things/one", {"by": number})
        except Exists as lost:
            return lost.path
        return "created"

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(compete, range(20))) == ["created", *["things/one"] * 19]


def test_ten_who_count_at_once_reach_ten(store: Store) -> None:
    together = Barrier(10)

    def count(_: int) -> int:
        together.wait()
        return store.transact(increment("things/one"))

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(count, range(10))) == list(range(1, 11))


@pytest.mark.parametrize(("changed", "runs"), [("asked", 2), ("peeked", 1)])
def test_what_is_read_ahead_holds_the_commit_only_if_it_was_asked_for(store: Store, changed: str, runs: int) -> None:
    create(store, "things/asked", {"n": 1})
    create(store, "things/peeked", {"n": 1})
    other = meanwhile(store, increment(f"things/{changed}"))

    def rule(tx: Transaction) -> int:
        tx.ahead("things/asked", "things/peeked", "things/none", "things/asked")
        read = {"peeked": tx.peek("things/peeked"), "asked": tx.get("things/asked"), "none": tx.get("things/none")}
        made = other()
        tx.create("things/new", read)
        return made

    assert store.transact(rule) == runs
    assert store.get("things/new") == {"peeked": {"n": 1}, "asked": {"n": runs}, "none": None}

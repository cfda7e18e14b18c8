"""Collections are read in pages, and nothing is left out between two of them, in both stores."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.clients.store import Store, Transaction
from tocsin.ledger import Reading

NOW = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
# More of one instant than a page holds, and more before and after.
INSTANTS = [NOW + timedelta(seconds=min(number, max(100, number - 320))) for number in range(740)]


def fill(store: Store) -> None:
    for start in range(0, len(INSTANTS), 100):

        def write(tx: Transaction, start: int = start) -> None:
            for number, at in list(enumerate(INSTANTS))[start : start + 100]:
                tx.put(f"things/{number}", {"at": at, "kind": "odd" if number % 2 else "even"})

        store.transact(write)


@pytest.mark.parametrize("order", ["at", "-at"])
def test_all_are_read_in_order_though_a_page_is_of_one_instant(store: Store, order: str) -> None:
    fill(store)
    reading = Reading(store)
    found = reading.read("things", order)
    assert (len(found), reading.cut) == (len(INSTANTS), [])
    assert [one["at"] for one in found.values()] == sorted(INSTANTS, reverse=order.startswith("-"))


@pytest.mark.parametrize("order", ["at", "-at"])
def test_conditions_hold_on_every_page(store: Store, order: str) -> None:
    fill(store)
    found = Reading(store).read("things", order, ("at", ">=", NOW + timedelta(seconds=50)), ("kind", "==", "odd"))
    assert found.keys() == {str(number) for number in range(50, len(INSTANTS)) if number % 2}


@pytest.mark.parametrize(("most", "cut"), [(len(INSTANTS), []), (400, ["things"]), (5, ["things"])])
def test_what_was_not_read_to_the_end_is_named(store: Store, most: int, cut: list[str]) -> None:
    fill(store)
    reading = Reading(store, most)
    assert len(reading.read("things", "-at")) >= min(most, len(INSTANTS))
    assert reading.cut == cut


def test_of_heavy_documents_fewer_are_read(store: Store) -> None:
    fill(store)
    reading = Reading(store)
    assert 500 <= len(reading.read("things", "-at", heavy=True)) < len(INSTANTS)
    assert reading.cut == ["things"]

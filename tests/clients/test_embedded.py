"""What SQLite alone promises: a file that survives, is shared, and stays fast."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

import tocsin
from tocsin.clients.embedded import INDEXED, EmbeddedStore, select
from tocsin.clients.store import Exists, Where
from tocsin.errors import Unavailable, Uncertain

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
FUNCTIONS = Path(tocsin.__file__).parent.parent

COUNT_FIFTY = """
import sys
from tocsin.clients.embedded import EmbeddedStore

def count(tx):
    tx.put("things/one", {"n": (tx.get("things/one") or {"n": 0})["n"] + 1})

store = EmbeddedStore(sys.argv[1])
for _ in range(50):
    store.transact(count)
"""


def plan(path: Path, *where: Where, order_by: str | None = None) -> str:
    """Give how SQLite means to answer."""
    sql, values = select("things", where, order_by, 100)
    with sqlite3.connect(path) as db:
        steps = db.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    db.close()
    return "; ".join(step[3] for step in steps)


def test_documents_survive_a_restart(tmp_path: Path) -> None:
    before = EmbeddedStore(tmp_path / "file")
    before.transact(lambda tx: tx.create("things/one", {"at": NOON}))
    before.close()
    after = EmbeddedStore(tmp_path / "file")
    assert after.get("things/one") == {"at": NOON}
    after.close()


def test_a_store_in_memory_is_its_own() -> None:
    one, other = EmbeddedStore(":memory:"), EmbeddedStore(":memory:")
    one.transact(lambda tx: tx.create("things/one", {}))
    assert (one.get("things/one"), other.get("things/one")) == ({}, None)
    one.close()
    other.close()


def test_two_processes_that_count_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COUNT_FIFTY, str(tmp_path / "file")]
    counters = [subprocess.Popen(command, cwd=FUNCTIONS) for _ in range(2)]
    assert [counter.wait() for counter in counters] == [0, 0]
    store = EmbeddedStore(tmp_path / "file")
    assert store.get("things/one") == {"n": 100}
    store.close()


def test_a_new_file_is_opened_by_many_at_once(tmp_path: Path) -> None:
    together = Barrier(8)

    def open_one(path: Path) -> None:
        together.wait()
        EmbeddedStore(path).close()

    with ThreadPoolExecutor(8) as pool:
        for number in range(10):
            assert list(pool.map(open_one, [tmp_path / f"{number}"] * 8)) == [None] * 8


def test_readers_go_on_while_another_process_writes_and_writers_are_unavailable(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "file", busy_seconds=0.01)
    store.transact(lambda tx: tx.create("things/one", {"n": 1}))
    other = sqlite3.connect(tmp_path / "file", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store.get("things/one") == {"n": 1}
    with pytest.raises(Unavailable, match="database is locked") as refused:
        store.transact(lambda tx: tx.put("things/one", {"n": 2}))
    assert not isinstance(refused.value, Uncertain)
    other.execute("ROLLBACK")
    other.close()
    store.transact(lambda tx: tx.put("things/one", {"n": 3}))
    assert store.get("things/one") == {"n": 3}
    store.close()


def test_a_store_goes_on_after_a_lost_create(embedded: EmbeddedStore) -> None:
    embedded.transact(lambda tx: tx.create("things/one", {}))
    with pytest.raises(Exists):
        embedded.transact(lambda tx: tx.create("things/one", {}))
    embedded.transact(lambda tx: tx.create("things/two", {}))
    assert embedded.get("things/two") == {}


@pytest.mark.parametrize("field", INDEXED)
@pytest.mark.parametrize("value", [NOON, 4821, "abc"])
def test_what_the_pager_looks_for_has_an_index(
    embedded: EmbeddedStore, tmp_path: Path, field: str, value: object
) -> None:
    assert embedded.query("things", (field, "==", value)) == []
    used = f"SEARCH documents USING INDEX documents_{field} (collection=? AND <expr>"
    assert plan(tmp_path / "tocsin.sqlite", (field, "==", value)) == f"{used}=?)"
    assert plan(tmp_path / "tocsin.sqlite", (field, "<=", value), order_by=field) == f"{used}<?)"
    assert plan(tmp_path / "tocsin.sqlite", (field, ">", value)) == f"{used}>?)"
    assert plan(tmp_path / "tocsin.sqlite", order_by=field) == used.replace(" AND <expr>", ")")


def test_an_equality_is_looked_up_before_anything_is_sorted(embedded: EmbeddedStore, tmp_path: Path) -> None:
    assert embedded.query("things", ("incident", "==", "abc"), order_by="number") == []
    steps = plan(tmp_path / "tocsin.sqlite", ("incident", "==", "abc"), order_by="number")
    assert steps.startswith("SEARCH documents USING INDEX documents_incident (collection=? AND <expr>=?)")


def test_of_two_equalities_the_one_that_leaves_fewer_is_looked_up(embedded: EmbeddedStore, tmp_path: Path) -> None:
    assert embedded.query("things", ("state", "==", "sent"), ("incident", "==", "abc")) == []
    for order in (1, -1):
        where: list[Where] = [("state", "==", "sent"), ("incident", "==", "abc"), ("claimed_at", ">", NOON)]
        steps = plan(tmp_path / "tocsin.sqlite", *where[::order])
        assert steps.startswith("SEARCH documents USING INDEX documents_incident (collection=? AND <expr>=?)")


def test_a_collection_is_found_by_its_name(embedded: EmbeddedStore, tmp_path: Path) -> None:
    assert embedded.query("things") == []
    steps = plan(tmp_path / "tocsin.sqlite")
    assert steps == "SEARCH documents USING INDEX sqlite_autoindex_documents_1 (collection=?)"


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"nowhere/file cannot be used: unable to open database file"):
        EmbeddedStore(tmp_path / "nowhere" / "file")


def test_a_file_of_something_else_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a letter to a friend, " * 50)
    with pytest.raises(Unavailable, match="file is not a database"):
        EmbeddedStore(tmp_path / "file")

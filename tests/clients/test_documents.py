"""What no store keeps is refused before any call, with the same words."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum
from typing import Any

import pytest

from infra.local import emulators
from tests.clients.wire import firestore_at
from tocsin.clients.documents import DOCUMENT_BYTES
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.store import Data, Store


class Large(IntEnum):
    """An int by another name."""

    NUMBER = 2**64


@pytest.fixture(params=["embedded", "firestore"])
def silent(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store that would fail if it were asked: SQLite already closed, Firestore with nobody listening."""
    if request.param == "embedded":
        embedded = EmbeddedStore(":memory:")
        embedded.close()
        yield embedded
    else:
        with firestore_at(f"127.0.0.1:{emulators.free_port()}", "nowhere") as firestore:
            yield firestore


def nested(depth: int) -> dict[str, Any]:
    return {"map": nested(depth - 1)} if depth else {"value": 1}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"at": datetime(2026, 3, 29, 2, 30)}, "things/one.at is 2026-03-29T02:30:00 without a time zone"),  # noqa: DTZ001
        ({"at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))}, "outside the years 1 to 9999"),
        ({"text": "half \ud83d"}, "'things/one.text' holds half a character .* at 5"),
        ({"half \ud83d": 1}, "half a character"),
        ({"list": [1, [2]]}, "things/one.list holds a list in a list"),
        ({"map": {"list": [{"deep": [(1,)]}]}}, "holds a list in a list"),
        ({"": 1}, "a field's name has 1 to 1500 bytes"),
        ({"x" * 1501: 1}, "a field's name has 1 to 1500 bytes"),
        ({"__name__": 1}, "is not __so__"),
        ({1: 1}, "a field's name is a text, not int"),
        ({"number": 2**63}, "things/one.number is too large: an integer has 64 bits"),
        ({"number": Large.NUMBER}, "an integer has 64 bits"),
        ({"number": float("nan")}, "things/one.number is nan, and a number must be finite"),
        ({"list": [0, float("-inf")]}, r"things/one.list\[1\] is -inf"),
        ({"bytes": b"x"}, "things/one.bytes holds bytes, which a document cannot"),
        ({"set": {1}}, "holds set"),
        (nested(21), "deeper than the 20 levels"),
        ({"text": "é" * (DOCUMENT_BYTES // 2)}, "a document holds at most 1048487"),
    ],
)
def test_a_document_that_cannot_be_kept_is_refused(silent: Store, data: Data, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        silent.transact(lambda tx: tx.put("things/one", data))
    with pytest.raises(ValueError, match=sentence):
        silent.transact(lambda tx: tx.create("things/one", data))


@pytest.mark.parametrize(
    "path",
    ["", "things", "things/", "/one", "things/one/more", "things/.", "things/..", "things/__one__", "things/\ud83d"],
)
@pytest.mark.parametrize(
    "use",
    [
        lambda store, path: store.get(path),
        lambda store, path: store.transact(lambda tx: tx.get(path)),
        lambda store, path: store.transact(lambda tx: tx.put(path, {})),
    ],
)
def test_a_path_that_names_no_document_is_refused(
    silent: Store, path: str, use: Callable[[Store, str], object]
) -> None:
    with pytest.raises(ValueError, match=r"no path|no name|half a character"):
        use(silent, path)


def test_an_id_may_have_1500_bytes_and_not_one_more(store: Store) -> None:
    store.transact(lambda tx: tx.put("things/" + "é" * 750, {"n": 1}))
    assert store.get("things/" + "é" * 750) == {"n": 1}
    with pytest.raises(ValueError, match="1 to 1500 bytes"):
        store.get("things/" + "é" * 750 + "x")


def test_the_largest_document_is_kept_and_a_byte_more_is_refused(store: Store) -> None:
    text = "x" * (DOCUMENT_BYTES - len("things/one") - 64 - len("text") - 2)
    store.transact(lambda tx: tx.put("things/one", {"text": text}))
    with pytest.raises(ValueError, match=f"{DOCUMENT_BYTES + 1} bytes"):
        store.transact(lambda tx: tx.put("things/one", {"text": f"{text}x"}))
    assert store.get("things/one") == {"text": text}


def test_the_deepest_document_is_kept(store: Store) -> None:
    store.transact(lambda tx: tx.put("things/one", nested(20)))
    assert store.get("things/one") == nested(20)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (lambda store: store.query("thi/ngs"), "is no name"),
        (lambda store: store.query("things", ("a b", "==", 1)), "cannot name the field 'a b'"),
        (lambda store: store.query("things", ("a.b", "==", 1)), "cannot name the field 'a.b'"),
        (lambda store: store.query("things", order_by="a')--"), "cannot name the field"),
        (lambda store: store.query("things", ("__name__", "==", 1)), "cannot name the field"),
        (lambda store: store.query("things", ("a", "!=", 1)), "cannot be compared with '!='"),
        (lambda store: store.query("things", ("a", "<", None)), "a cannot be compared with None by <"),
        (lambda store: store.query("things", ("a", "==", [1])), r"a cannot be compared with \[1\]"),
        (lambda store: store.query("things", ("a", "<", datetime(2026, 1, 1))), "without a time zone"),  # noqa: DTZ001
        (lambda store: store.query("things", ("a", "==", "\ud83d")), "half a character"),
        (lambda store: store.query("things", ("a", "<", 1), ("b", ">", 1)), "by one field, not by a, b"),
        (lambda store: store.query("things", ("a", "<", 1), order_by="b"), "by one field, not by a, b"),
        (lambda store: store.query("things", limit=0), "its limit cannot be 0"),
    ],
)
def test_a_query_that_cannot_be_answered_alike_is_refused(
    silent: Store, query: Callable[[Store], object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        query(silent)


def test_a_time_in_any_zone_is_kept(store: Store) -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)
    last = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    store.transact(lambda tx: tx.put("things/one", {"first": first, "last": last}))
    assert store.get("things/one") == {"first": first, "last": last}

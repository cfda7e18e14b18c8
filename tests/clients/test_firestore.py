"""What Firestore alone promises: few calls, and an honest word about what a broken wire left behind."""

from collections.abc import Callable

import pytest
from grpc import StatusCode

from infra.local import emulators
from tests.clients.wire import Fault, Wire, firestore_at
from tocsin.clients.firestore import FirestoreStore, connect
from tocsin.clients.optimistic import Patience
from tocsin.clients.store import Exists, Store, Transaction
from tocsin.errors import Unavailable, Uncertain

Rule = Callable[[Transaction], object]
READ, COMMIT = "BatchGetDocuments", "Commit"


def create(tx: Transaction) -> None:
    tx.create("things/one", {"n": 1})


def change(tx: Transaction) -> None:
    tx.get("things/one")
    tx.put("things/one", {"n": 2})


def join(tx: Transaction) -> None:
    """Do what a duplicate does: read the incident, write down the event."""
    tx.get("things/one")
    tx.create("things/two", {})


def unchanged(tx: Transaction) -> None:
    tx.get("things/one")


def test_the_official_environment_variable_leads_to_the_emulator(
    firestore_host: str, project: str, firestore: FirestoreStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)
    connect(project).transact(create)
    assert firestore.get("things/one") == {"n": 1}


def test_an_incident_with_its_outbox_is_created_in_one_call(firestore: FirestoreStore, wire: Wire) -> None:
    def rule(tx: Transaction) -> None:
        for number in range(4):
            tx.create(f"things/{number}", {})

    firestore.transact(rule)
    assert wire.calls == [COMMIT]


def test_a_lost_create_is_known_after_one_call(firestore: FirestoreStore, wire: Wire) -> None:
    firestore.transact(create)
    with pytest.raises(Exists):
        firestore.transact(create)
    assert wire.calls == [COMMIT, COMMIT]


@pytest.mark.parametrize(
    ("rule", "calls"),
    [(unchanged, [READ]), (change, [READ, COMMIT]), (join, [READ, COMMIT])],
    ids=["read", "change", "duplicate"],
)
def test_a_rule_takes_as_few_calls_as_can_be(
    firestore: FirestoreStore, wire: Wire, rule: Rule, calls: list[str]
) -> None:
    firestore.transact(create)
    wire.calls.clear()
    firestore.transact(rule)
    assert wire.calls == calls


def test_a_document_read_twice_is_asked_for_once(firestore: FirestoreStore, wire: Wire) -> None:
    firestore.transact(lambda tx: [tx.get("things/one"), tx.get("things/one")])
    assert wire.calls == [READ]


def test_a_changed_reading_runs_the_rule_again_and_locks_nothing(firestore: FirestoreStore, wire: Wire) -> None:
    runs: list[None] = []

    def rule(tx: Transaction) -> None:
        unchanged(tx)
        runs.append(None)
        if len(runs) == 1:
            firestore.transact(create)
        tx.create("things/two", {})

    firestore.transact(rule)
    assert wire.calls == [READ, COMMIT, COMMIT, READ, READ, COMMIT]


@pytest.mark.parametrize("rule", [change, join], ids=["change", "duplicate"])
@pytest.mark.parametrize("code", [StatusCode.ABORTED, StatusCode.FAILED_PRECONDITION, StatusCode.NOT_FOUND])
def test_a_commit_that_lost_is_made_again_and_succeeds(
    firestore: FirestoreStore, wire: Wire, code: StatusCode, rule: Rule
) -> None:
    firestore.transact(create)
    wire.breaks(COMMIT, Fault(code))
    firestore.transact(rule)
    assert wire.calls.count(COMMIT) == 3


def test_looking_that_a_document_is_still_the_same_changes_nothing_of_it(firestore: FirestoreStore) -> None:
    """Otherwise everybody who joins an incident would collide with everybody else who does."""
    firestore.transact(create)

    runs: list[None] = []

    def rule(tx: Transaction) -> None:
        unchanged(tx)
        runs.append(None)
        if not firestore.get("things/two"):
            firestore.transact(join)
        tx.create("things/three", {})

    firestore.transact(rule)
    assert len(runs) == 1
    assert firestore.get("things/one") == {"n": 1}


def test_a_lost_race_waits_longer_each_time_and_ends_when_patience_does(wire: Wire, project: str) -> None:
    waits: list[float] = []
    wire.breaks(COMMIT, *[Fault(StatusCode.ABORTED)] * 20)
    patience = Patience(rounds=8, pause=waits.append)
    with firestore_at(wire.host, project, patience) as store, pytest.raises(Unavailable, match="the wire broke"):
        store.transact(create)
    assert wire.calls.count(COMMIT) == 8
    assert all(0 <= wait <= 0.02 * 2**lost for lost, wait in enumerate(waits))


def test_patience_ends_after_its_seconds_too(wire: Wire, project: str) -> None:
    hours = iter(range(0, 36000, 3600))
    wire.breaks(COMMIT, *[Fault(StatusCode.ABORTED)] * 20)
    patience = Patience(clock=lambda: float(next(hours)))
    with firestore_at(wire.host, project, patience) as store, pytest.raises(Unavailable, match="nothing was written"):
        store.transact(create)
    assert wire.calls == [COMMIT]


@pytest.mark.parametrize("rule", [create, change, join], ids=["create", "change", "duplicate"])
@pytest.mark.parametrize(
    "code",
    [
        StatusCode.UNAVAILABLE,
        StatusCode.DEADLINE_EXCEEDED,
        StatusCode.INTERNAL,
        StatusCode.UNKNOWN,
        StatusCode.CANCELLED,
        StatusCode.DATA_LOSS,
    ],
)
def test_a_lost_answer_to_a_commit_is_uncertain_and_it_is_not_sent_again(
    firestore: FirestoreStore, wire: Wire, code: StatusCode, rule: Rule
) -> None:
    wire.breaks(COMMIT, Fault(code, done=True))
    with pytest.raises(Uncertain):
        firestore.transact(rule)
    assert wire.calls.count(COMMIT) == 1
    assert len(firestore.query("things")) == 1


def test_whoever_asks_again_after_a_lost_answer_finds_his_own_document(firestore: FirestoreStore, wire: Wire) -> None:
    wire.breaks(COMMIT, Fault(StatusCode.UNAVAILABLE, done=True))
    with pytest.raises(Uncertain):
        firestore.transact(create)
    with pytest.raises(Exists):
        firestore.transact(create)
    assert firestore.transact(lambda tx: tx.get("things/one")) == {"n": 1}


@pytest.mark.parametrize("code", [StatusCode.RESOURCE_EXHAUSTED, StatusCode.PERMISSION_DENIED])
def test_a_refused_commit_is_unavailable_and_certain(firestore: FirestoreStore, wire: Wire, code: StatusCode) -> None:
    wire.breaks(COMMIT, Fault(code))
    with pytest.raises(Unavailable) as refused:
        firestore.transact(join)
    assert not isinstance(refused.value, Uncertain)
    assert wire.calls == [READ, COMMIT]


@pytest.mark.parametrize("call", [READ, COMMIT])
def test_what_firestore_calls_invalid_is_our_mistake_and_not_asked_again(
    firestore: FirestoreStore, wire: Wire, call: str
) -> None:
    wire.breaks(call, Fault(StatusCode.INVALID_ARGUMENT))
    with pytest.raises(ValueError, match=r"Firestore refuses .*: the wire broke"):
        firestore.transact(change)


@pytest.mark.parametrize(
    "code",
    [
        StatusCode.UNAVAILABLE,
        StatusCode.DEADLINE_EXCEEDED,
        StatusCode.INTERNAL,
        StatusCode.NOT_FOUND,
        StatusCode.FAILED_PRECONDITION,
        StatusCode.ABORTED,
    ],
)
def test_a_failed_reading_is_unavailable_and_never_an_absent_document(
    firestore: FirestoreStore, wire: Wire, code: StatusCode
) -> None:
    wire.breaks(READ, *[Fault(code)] * 3)
    wire.breaks("RunQuery", Fault(code))
    for use in (
        lambda: firestore.get("things/one"),
        lambda: firestore.transact(change),
        lambda: firestore.query("things"),
    ):
        with pytest.raises(Unavailable) as failed:
            use()
        assert not isinstance(failed.value, Uncertain)
    assert wire.calls == [READ, READ, "RunQuery"]


def test_nobody_listening_is_unavailable(project: str) -> None:
    with firestore_at(f"127.0.0.1:{emulators.free_port()}", project) as store:
        check_unreachable(store)


def test_a_server_that_accepts_and_stays_silent_is_unavailable(silent_port: int, project: str) -> None:
    with firestore_at(f"127.0.0.1:{silent_port}", project, call_seconds=0.2) as store:
        check_unreachable(store)


def check_unreachable(store: Store) -> None:
    with pytest.raises(Unavailable):
        store.get("things/one")
    with pytest.raises(Unavailable):
        store.query("things")
    with pytest.raises(Unavailable):
        store.transact(change)
    with pytest.raises(Uncertain):
        store.transact(create)

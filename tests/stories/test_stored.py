"""What the version before has stored is read and acted on; what a newer one has stored waits for it."""

import itertools
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.gcp.written import Module
from tests.stories.night import Night
from tests.stories.test_ledger import change
from tests.test_architecture import CODE as SOURCES
from tests.test_architecture import FUNCTIONS
from tocsin import route
from tocsin.clients.embedded import decode
from tocsin.clients.store import Data
from tocsin.current import PATH, Current
from tocsin.domain import thrift
from tocsin.domain.breaker import Breaker
from tocsin.domain.config import Budget, Rule, Threshold
from tocsin.domain.incident import Incident, Status
from tocsin.errors import Unavailable
from tocsin.records import MARK, SCHEMA, check_version, from_document, to_document

BEFORE = Path(__file__).with_name("stored") / "schema-0.jsonl"
OPEN, TAKEN = "00000000000000000000000000000006", "00000000000000000000000000000002"
CODE = "4885"


def stored() -> dict[str, Data]:
    lines = [json.loads(line) for line in BEFORE.read_text(encoding="utf-8").splitlines()]
    return {one["path"]: decode(json.dumps(one["data"])) for one in lines}


@pytest.fixture
def later(night: Night) -> Night:
    """Give the night in which the new version finds what the old one has left."""
    for path, document in stored().items():
        change(night, path, **document)
    ids = itertools.count(1000)
    night.world.new_id = lambda: f"{next(ids):032x}"
    night.world.now += timedelta(seconds=6)
    return night


def incident(night: Night, identity: str) -> Incident:
    return from_document(Incident, night.world.store.get(f"incidents/{identity}") or {})


def test_the_documents_are_of_the_version_before() -> None:
    assert not [path for path, document in stored().items() if MARK in document]
    assert set(SCHEMA.values()) == {1}, "store documents of the version that is now before, and try those"


def test_what_was_due_goes_out_and_is_answered(later: Night) -> None:
    later.passes(minutes=2)
    later.phone("primary").receives("checkout is down").answers("ack {code}").receives("Acknowledged")
    assert incident(later, OPEN).status is Status.ACKNOWLEDGED
    later.passes(hours=1)
    later.phone("secondary").stays_silent()


def test_what_nobody_answers_goes_on_to_the_next_level(later: Night) -> None:
    later.passes(minutes=7)
    later.phone("primary").has_had_enough()
    later.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_a_code_of_before_still_means_what_it_meant(later: Night) -> None:
    later.phone("primary").answers(f"resolve {CODE}").receives("Resolved")
    assert incident(later, TAKEN).status is Status.RESOLVED
    later.passes(minutes=2)
    later.phone("primary").has_had_enough()


def test_what_joins_and_ends_is_what_was_open(later: Night) -> None:
    later.alert("checkout is down")
    later.resolves("checkout is down")
    assert incident(later, OPEN).status is Status.RESOLVED
    assert len(later.incidents()) == 2
    later.passes(minutes=2)


def test_what_is_written_now_says_its_version(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    for collection in ("incidents", "notifications"):
        assert {document[MARK] for _, document in night.world.store.query(collection)} == {1}
    assert [document["event"][MARK] for _, document in night.world.store.query("events")] == [1]


def test_the_configuration_of_before_is_read(later: Night) -> None:
    config = Current(later.world.store.get).config(later.world.now)
    assert config.users == later.world.config.users


@pytest.mark.parametrize("kind", SCHEMA)
def test_a_newer_document_is_refused_with_a_sentence_for_whoever_deployed_the_older_version(kind: str) -> None:
    check_version(kind, {MARK: 1})
    with pytest.raises(
        Unavailable, match=rf"this {kind} was written by a newer Tocsin \(schema 2; .* up to 1\): deploy"
    ):
        check_version(kind, {MARK: 2})


def test_what_needs_a_newer_document_waits_for_the_newer_version_and_loses_nothing(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    path = f"incidents/{night.incident.id}"
    newer: dict[str, Any] = {MARK: 2}
    change(night, path, **newer)
    night.passes(minutes=3)
    night.phone("primary").stays_silent()
    change(night, path, **{MARK: 1})
    night.passes(minutes=4)
    night.phone("primary").rings()
    night.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged").has_had_enough()


def test_a_newer_configuration_is_not_guessed_at(night: Night) -> None:
    newer = {"version": 2, "body": "{}", MARK: 2}
    with pytest.raises(Unavailable, match="newer Tocsin"):
        Current(lambda path: newer if path == PATH else None).config(night.world.now)


PATH_IN_CODE = re.compile(r'"([a-z]+)/(?:\{|[a-z]+")')


def collections() -> list[str]:
    """Give the collections that the code names a document of, anywhere."""
    texts = [path.read_text(encoding="utf-8") for path in (FUNCTIONS / "tocsin").rglob("*.py")]
    named = {name for text in texts for name in PATH_IN_CODE.findall(text)}
    return sorted(named - {"functions", "users", "incident", "text", "application", "projects"} | {"versions"})


def test_every_kind_of_document_has_a_version_that_nobody_pays_an_index_for() -> None:
    kinds = Module.read("firestore.tf").local("unindexed")
    assert sorted(name for name, fields in kinds.items() if MARK in fields) == collections()


@pytest.mark.parametrize("kind", SCHEMA)
def test_every_kind_of_document_is_read_and_written_by_its_name(kind: str) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    assert re.search(rf'(check_version|is_newer)\("{kind}"|from_document\({kind},', code)
    assert re.search(rf'versioned\("{kind}"|SCHEMA\["{kind}"\]|^class {kind}\b', code, re.MULTILINE)


def busy(night: Night) -> None:
    """Let everything be written that a night can write, and leave an incident open, a page due and a message aside."""
    night.rules(Rule("few", continues=True, threshold=Threshold(2, timedelta(hours=1))), Rule("one", group="all"))
    night.world.config = replace(night.world.config, budget=Budget(100, 0.01, 0.02))
    night.alert("checkout is down")
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("note {code} cold").receives("Noted")
    for _ in range(2):
        night.alert("search is down", service="search")
    night.passes(minutes=4)
    night.world.queue.topic_down = True
    night.world.sweeps = False
    for _ in range(2):
        night.alert("stock is down", service="stock")
    night.world.queue.topic_down = False
    night.world.sweeps = True


def everything(night: Night) -> dict[str, Data]:
    rows = night.world.store._db.execute("SELECT collection, id, data FROM documents")  # noqa: SLF001 - all there are
    return {f"{collection}/{identity}": decode(data) for collection, identity, data in rows}


WRITTEN = [
    name
    for name in collections()
    if name not in {"config", "versions", "canary", "circles", "heartbeats", "notices", "verifications"}
]


@pytest.mark.parametrize("collection", WRITTEN)
def test_what_a_newer_version_has_written_is_left_alone_and_nothing_of_it_is_lost(
    night: Night, collection: str
) -> None:
    busy(night)
    route.arrived(b"{}", night.world.store, night.world.queue, night.world.moment())
    night.world.store.spoils("breakers/sms", **to_document(Breaker()))
    newer = {path for path in everything(night) if path.startswith(f"{collection}/")}
    assert newer
    for path in newer:
        night.world.store.spoils(path, **{MARK: 2})
    night.world.store.was_away = True  # to Twilio it looks like that: an answer that needs one is asked for again
    before = everything(night)
    night.passes(minutes=2)
    night.phone("primary").answers("status")
    night.passes(minutes=2)
    after = everything(night)
    assert {path: after[path] for path in newer} == {path: before[path] for path in newer}
    for path in newer:
        night.world.store.spoils(path, **{MARK: 1})
    night.passes(minutes=30)
    assert {one.service for one in night.incidents()} == {"checkout", "search", "stock"}
    for name in ("primary", "secondary", "manager"):
        night.phone(name).has_had_enough()


def test_what_is_over_has_a_time_to_go_and_what_is_open_has_none(night: Night) -> None:
    night.alert("checkout is down")
    [(_, document)] = night.world.store.query("incidents")
    assert document["expires_at"] is None
    night.phone("primary").receives("checkout is down").answers("resolve {code}").receives("Resolved")
    night.passes(minutes=1)  # until the sweep has looked who joined meanwhile
    [(_, document)] = night.world.store.query("incidents")
    assert document["expires_at"] == document["answered_at"] + night.world.config.retention
    for collection in ("events", "notifications", "inbound", "open", "audit"):
        for _, document in night.world.store.query(collection):
            assert document["expires_at"] >= night.world.now + timedelta(days=399), collection


def test_the_configuration_says_how_long_what_is_over_is_kept(night: Night) -> None:
    night.world.config = replace(night.world.config, retention=timedelta(days=30))
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("resolve {code}").receives("Resolved")
    night.passes(minutes=1)  # until the sweep has looked who joined meanwhile
    for collection in ("incidents", "events", "notifications", "inbound", "open", "audit"):
        for _, document in night.world.store.query(collection):
            assert document["expires_at"] <= night.world.now + timedelta(days=30, minutes=5), collection


def test_an_entry_of_a_newer_version_holds_up_the_seal_of_no_other(night: Night) -> None:
    night.phone("primary").answers("ack 9999").receives("No page")
    [(newer, _)] = night.world.store.query("audit")
    night.world.store.spoils(f"audit/{newer}", **{MARK: 2})
    night.phone("primary").answers("ack 8888").receives("No page")
    night.passes(minutes=1)
    assert {name: one["seq"] for name, one in night.world.store.query("audit") if name == newer} == {newer: 0}
    assert [one["seq"] for name, one in night.world.store.query("audit") if name != newer] == [1]


def test_nobody_goes_without_a_page_because_a_newer_version_counts_the_budget(night: Night) -> None:
    night.world.config = replace(night.world.config, budget=Budget(100, 0.01, 0.02))
    night.world.store.spoils(thrift.path(night.world.now), **{MARK: 2})
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_a_monitor_of_a_newer_version_keeps_no_sweep_from_its_work(night: Night) -> None:
    night.beats()
    [(monitor, _)] = night.world.store.query("heartbeats")
    night.world.store.spoils(f"heartbeats/{monitor}", **{MARK: 2})
    night.passes(days=3)  # it has long been silent
    night.world.queue.down = True
    night.alert("checkout is down")
    night.passes(minutes=2)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.world.store.spoils(f"heartbeats/{monitor}", **{MARK: 1})
    night.world.queue.down = False
    night.passes(minutes=1)
    night.phone("primary").receives("Nightly backup has sent no heartbeat").answers("ack").receives("Acknowledged")

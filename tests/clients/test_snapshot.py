"""The accept path's reader: what the store wrote, without the store's client."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from uuid import uuid4

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.auth.exceptions import RefreshError
from hypothesis import HealthCheck, given, settings

import tocsin
from infra.local import emulators
from tests.clients.test_store import MAPS
from tocsin.clients.firestore import FirestoreStore
from tocsin.clients.snapshot import SnapshotReader, from_fields, to_fields
from tocsin.clients.store import Data
from tocsin.domain.audit import Entry
from tocsin.errors import Unavailable
from tocsin.records import from_document

NOON = datetime(2026, 3, 29, 12, 0, 0, 120000, tzinfo=UTC)

REFUSE_IN_A_NEW_PROCESS = """
import sys
from tocsin import wiring

wiring.light_denials().refused("ingest", "a reason")
loaded = [name for name in sys.modules if name.startswith(("google.cloud.firestore", "grpc", "tocsin.clients.fire"))]
assert not loaded, loaded
"""

READ_IN_A_NEW_PROCESS = """
import sys
from tocsin.clients.snapshot import SnapshotReader

assert SnapshotReader(sys.argv[1]).get("config/current") == {"version": 7}
loaded = [name for name in sys.modules if name.startswith(("google.cloud.firestore", "grpc", "tocsin.clients.fire"))]
assert not loaded, loaded
"""


@pytest.fixture
def reader(firestore_host: str, project: str, monkeypatch: pytest.MonkeyPatch) -> SnapshotReader:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)
    return SnapshotReader(project)


class Broken(BaseHTTPRequestHandler):
    """Answers with the status its path was built from."""

    answers = iter([(500, b'[{"missing": "?"}]'), (404, b'{"error": {}}'), (200, b"not JSON"), (200, b"[]")])

    def do_POST(self) -> None:
        status, body = next(self.answers)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def broken_port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Broken)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=MAPS)
def test_what_the_store_wrote_is_read(firestore: FirestoreStore, reader: SnapshotReader, data: Data) -> None:
    firestore.transact(lambda tx: tx.put("config/current", data))
    assert reader.get("config/current") == data


@pytest.mark.parametrize("value", [None, False, 7, 2**63 - 1, 2.0, "né", NOON, [], {}, [{"a": [1]}]])
def test_a_value_keeps_its_type(firestore: FirestoreStore, reader: SnapshotReader, value: object) -> None:
    firestore.transact(lambda tx: tx.put("config/current", {"value": value}))
    [(_, found)] = (reader.get("config/current") or {}).items()
    assert found == value
    assert type(found) is type(value)


def test_a_time_is_in_utc(firestore: FirestoreStore, reader: SnapshotReader) -> None:
    firestore.transact(lambda tx: tx.put("config/current", {"at": NOON}))
    assert (reader.get("config/current") or {})["at"].tzinfo == UTC


def test_an_empty_document_is_not_a_missing_one(firestore: FirestoreStore, reader: SnapshotReader) -> None:
    firestore.transact(lambda tx: tx.put("config/100 % ?#", {}))
    assert reader.get("config/100 % ?#") == {}
    assert reader.get("config/none") is None


def test_it_loads_no_firestore_client(firestore: FirestoreStore, firestore_host: str, project: str) -> None:
    firestore.transact(lambda tx: tx.put("config/current", {"version": 7}))
    subprocess.run(
        [sys.executable, "-c", READ_IN_A_NEW_PROCESS, project],
        env={"FIRESTORE_EMULATOR_HOST": firestore_host},
        cwd=Path(tocsin.__file__).parent.parent,
        check=True,
    )


def test_nobody_listening_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{emulators.free_port()}")
    with pytest.raises(Unavailable, match="did not give config/current"):
        SnapshotReader("nowhere").get("config/current")


def test_a_broken_answer_is_unavailable_and_never_an_absent_document(
    broken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{broken_port}")
    reader = SnapshotReader("somewhere")
    for _ in range(4):
        with pytest.raises(Unavailable):
            reader.get("config/current")


def test_credentials_that_cannot_be_renewed_are_unavailable() -> None:
    class Expired(requests.Session):
        """Google's session, whose token cannot be had."""

        def request(self, *_: object, **__: object) -> requests.Response:
            raise RefreshError("the token could not be had")  # type: ignore[no-untyped-call]

    with pytest.raises(Unavailable, match="the token could not be had"):
        SnapshotReader("somewhere", Expired()).get("config/current")


def test_the_applications_own_credentials_are_used_and_their_token_may_be_unavailable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    account = {
        "type": "service_account",
        "client_email": "pager@example.org",
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "token_uri": f"http://127.0.0.1:{emulators.free_port()}/token",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
    with pytest.raises(Unavailable, match="/token"):
        SnapshotReader("somewhere").get("config/current")


def test_a_path_that_names_no_document_is_refused(reader: SnapshotReader) -> None:
    with pytest.raises(ValueError, match="no path"):
        reader.get("config")


class Taking(BaseHTTPRequestHandler):
    """Keeps what is posted."""

    taken: ClassVar[list[tuple[str, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        self.taken.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_refusal_is_written_down_without_the_firestore_client() -> None:
    server = HTTPServer(("127.0.0.1", 0), Taking)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        subprocess.run(
            [sys.executable, "-c", REFUSE_IN_A_NEW_PROCESS],
            env={"FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{server.server_port}", "GOOGLE_CLOUD_PROJECT": "p"},
            cwd=Path(tocsin.__file__).parent.parent,
            check=True,
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    [(path, said)] = Taking.taken
    assert path.startswith("/v1/projects/p/databases/(default)/documents/audit?documentId=")
    written = from_document(Entry, from_fields(said["fields"]))
    assert (written.kind, written.what, written.about, written.count) == ("denied", "a reason", "functions/ingest", 1)
    assert path.endswith(f"={written.id}")


@given(data=MAPS)
def test_what_is_created_is_what_is_read(data: Data) -> None:
    assert from_fields(json.loads(json.dumps(to_fields(data)))) == data


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=MAPS)
def test_what_is_created_is_what_the_store_reads(firestore: FirestoreStore, reader: SnapshotReader, data: Data) -> None:
    path = f"created/{uuid4().hex}"
    reader.create(path, data)
    assert firestore.get(path) == data


def test_what_is_there_is_not_replaced(firestore: FirestoreStore, reader: SnapshotReader) -> None:
    firestore.transact(lambda tx: tx.put("created/there", {"by": "somebody"}))
    with pytest.raises(Unavailable, match="did not take created/there"):
        reader.create("created/there", {"by": "somebody else"})
    assert firestore.get("created/there") == {"by": "somebody"}

"""Gives each test of the clients a store of its own, in SQLite or in Google's emulator."""

import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import emulators
from tests.clients.wire import Wire, firestore_at
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.firestore import FirestoreStore
from tocsin.clients.optimistic import Patience
from tocsin.clients.store import Store

AT_ONCE = Patience(pause=lambda _: None)


@pytest.fixture(scope="session")
def firestore_host() -> Iterator[str]:
    """Where a Firestore emulator listens: the one the environment names, or one for this run."""
    try:
        emulator = emulators.find().start_firestore(emulators.free_port())
    except emulators.EmulatorMissing as missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(missing))
    yield emulator.host
    emulator.stop()


@pytest.fixture
def project() -> str:
    """A project of its own is an empty database of its own."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def wire(firestore_host: str) -> Iterator[Wire]:
    """A wire to the emulator that counts, and can be cut."""
    with Wire(firestore_host) as wire:
        yield wire


@pytest.fixture
def firestore(wire: Wire, project: str) -> Iterator[FirestoreStore]:
    """Firestore at the end of the wire."""
    with firestore_at(wire.host, project, AT_ONCE) as store:
        yield store


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedStore]:
    """SQLite in a file of its own."""
    store = EmbeddedStore(tmp_path / "tocsin.sqlite", AT_ONCE)
    yield store
    store.close()


@pytest.fixture(params=["embedded", "firestore"])
def store(request: pytest.FixtureRequest) -> Store:
    """Both stores, one after the other: whoever takes this tests the contract."""
    store: Store = request.getfixturevalue(request.param)
    return store


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that lets everybody connect and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]

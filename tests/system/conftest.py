"""Gives each module a running pager, and each test one whose phones are silent."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.system.pager import Pager
from tests.system.programs import google_emulators

Start = Callable[..., Pager]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pager]:
    """One pager for all tests of a module, ended with Ctrl-C."""
    yield from _run(Pager(tmp_path_factory.mktemp("pager")))


@pytest.fixture
def pager(running: Pager) -> Iterator[Pager]:
    """The module's pager; what a test leaves open is resolved."""
    yield running
    running.settle()


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pager]:
    """One pager with Google's emulators, installed or named by the environment, for all tests of a module."""
    google_emulators()
    named = {
        name: os.environ[name] for name in ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST") if name in os.environ
    }
    yield from _run(Pager(tmp_path_factory.mktemp("emulated"), "--emulators", settings=named))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts pagers, one after the other, on the test's one folder; whichever still runs at the end is killed."""
    with ExitStack() as pagers:

        def begin(*arguments: str, port: int = 0, settings: Mapping[str, str] | None = None) -> Pager:
            pager = Pager(tmp_path, *arguments, port=port, settings=settings)
            pagers.callback(pager.kill)
            return pager

        yield begin


def _run(pager: Pager) -> Iterator[Pager]:
    try:
        yield pager
        assert "functions ended" not in pager.words
        pager.stop()
    finally:
        pager.kill()

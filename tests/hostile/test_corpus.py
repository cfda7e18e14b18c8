"""A corpus of bad input at every door it fits: refused or read, never a failure, never for long."""

import json
import time
import tracemalloc

import pytest

from tests.hostile.corpus import Case, cases, names
from tests.hostile.doors import INGEST, KEYS, PRIMARY, REPLY, TOKEN, Doors, Request, documents, wrong
from tests.leaks import leaked

MIB = 1 << 20


def test_the_corpus_has_a_thousand_bad_inputs() -> None:
    assert len(names()) >= 1000


@pytest.mark.parametrize("door", [*INGEST, *REPLY])
def test_no_bad_input_breaks_a_door_or_keeps_it_busy(
    doors: Doors, door: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    _, _, notification = doors.page()
    for case in cases(door, notification):
        if problem := _problem(doors, door, case):
            found[case.name] = problem
    assert not found, "\n".join(f"{name}: {problem}" for name, problem in found.items())
    _holds_no_secret(capsys.readouterr().out)
    doors.still_open(door)


def _holds_no_secret(log: str) -> None:
    """Expect whole lines of JSON, whatever was sent, without a key or a telephone number."""
    assert all(isinstance(json.loads(line), dict) for line in log.split("\n") if line)
    assert leaked(log, [*KEYS, TOKEN, PRIMARY]) == []


def _problem(doors: Doors, door: str, case: Case) -> str:
    before = time.process_time()
    said = doors.ask(door, case.request)
    spent = time.process_time() - before
    if spent > 1:
        return f"took {spent:.1f} s of CPU time"
    if case.refused and said.status < 400:
        return f"was accepted: {said}"
    return wrong(door, case.request, said)


@pytest.mark.parametrize("door", REPLY)
def test_nothing_forged_changes_anything(doors: Doors, door: str) -> None:
    _, _, notification = doors.page()
    before = documents()
    for case in cases(door, notification):
        if case.refused:
            doors.ask(door, case.request)
            assert documents() == before, case.name


@pytest.mark.parametrize("door", [*INGEST, *REPLY])
def test_a_large_body_takes_little_memory(doors: Doors, door: str) -> None:
    for case in cases(door):
        if len(case.request.body) > 100_000:
            peak = _peak(doors, door, case.request)
            assert peak < 50 * MIB, f"{case.name}: {peak >> 20} MiB"


def _peak(doors: Doors, door: str, request: Request) -> int:
    tracemalloc.start()
    try:
        doors.ask(door, request)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

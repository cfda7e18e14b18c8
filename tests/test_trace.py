"""A line of the log carries the trace of the request it was written in, whatever else is under way in the process."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import flask
import pytest
from werkzeug.test import EnvironBuilder

from tocsin import door, log, trace

PROJECT = {"GOOGLE_CLOUD_PROJECT": "pager-123"}
FIRST, SECOND = "a" * 32, "b" * 32
SPAN = "00f067aa0ba902b7"


@pytest.fixture(autouse=True)
def outside() -> Iterator[None]:
    yield
    trace.begin({})


def lines(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({"traceparent": f"00-{FIRST}-{SPAN}-01"}, (FIRST, SPAN)),
        ({"traceparent": f"01-{FIRST}-{SPAN}-00-later"}, (FIRST, SPAN)),
        ({"x-cloud-trace-context": f"{FIRST}/67667974448284343;o=1"}, (FIRST, "00f067aa0ba902b7")),
        ({"x-cloud-trace-context": FIRST}, (FIRST, None)),
        ({"traceparent": f"00-{FIRST}-{SPAN}-01", "x-cloud-trace-context": SECOND}, (FIRST, SPAN)),
        ({"traceparent": f"00-{'0' * 32}-{SPAN}-01", "x-cloud-trace-context": SECOND}, (SECOND, None)),
    ],
)
def test_either_header_gives_the_trace_in_the_shape_of_cloud_logging(
    headers: dict[str, str], fields: tuple[str, str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    trace.begin(headers, PROJECT)
    log.event("swept", "WARNING", incident="7")
    [line] = lines(capsys.readouterr().out)
    of, span = fields
    expected = {"severity": "WARNING", "message": "swept", "incident": "7"}
    expected["logging.googleapis.com/trace"] = f"projects/pager-123/traces/{of}"
    assert line == expected | ({"logging.googleapis.com/spanId": span} if span else {})


@pytest.mark.parametrize(
    "header", ["", "00-short-00f067aa0ba902b7-01", f"00-{FIRST.upper()}-{SPAN}-01", f"{FIRST}\nx", f"{FIRST}/x;o=1"]
)
def test_a_header_that_is_neither_counts_as_missing_and_ends_the_trace_before(header: str) -> None:
    trace.begin({"traceparent": f"00-{FIRST}-{SPAN}-01"}, PROJECT)
    trace.begin({"traceparent": header, "x-cloud-trace-context": header}, PROJECT)
    assert trace.fields() == {}


def test_requests_in_threads_that_run_beside_each_other_keep_their_own() -> None:
    both, seen = threading.Barrier(2), {}

    def request(of: str) -> None:
        trace.begin({"x-cloud-trace-context": of}, PROJECT)
        both.wait()  # both have begun before either writes
        seen[of] = trace.fields()["logging.googleapis.com/trace"]

    threads = [threading.Thread(target=request, args=(of,)) for of in (FIRST, SECOND)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert seen == {of: f"projects/pager-123/traces/{of}" for of in (FIRST, SECOND)}
    assert trace.fields() == {}


def test_requests_in_tasks_of_one_thread_keep_their_own() -> None:
    async def request(of: str, others: asyncio.Barrier) -> str:
        trace.begin({"x-cloud-trace-context": of}, PROJECT)
        async with others:
            return await asyncio.to_thread(lambda: trace.fields()["logging.googleapis.com/trace"])

    async def story() -> tuple[str, str]:
        others = asyncio.Barrier(2)
        return await asyncio.gather(request(FIRST, others), request(SECOND, others))

    assert [*asyncio.run(story())] == [f"projects/pager-123/traces/{of}" for of in (FIRST, SECOND)]


def of(header: str = "") -> flask.Request:
    headers = {"X-Cloud-Trace-Context": header} if header else {}
    return flask.Request(EnvironBuilder(method="POST", data=b"{}", headers=headers.items()).get_environ())


def test_every_door_begins_the_request_that_comes_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "pager-123")
    seen: list[str] = []

    def work(*_: object) -> str:
        seen.append(trace.fields().get("logging.googleapis.com/trace", "none"))
        return "done"

    def believed(_: str | None) -> None:
        """Take every caller for the one that may call."""

    def two(door_: Any) -> None:
        """One with a trace, and one without in the same thread: it must not take over the first one's."""
        door_(of(FIRST))
        door_(of())

    copy_context().run(two, lambda request: door.swept(request, believed, work))
    copy_context().run(two, lambda request: door.tasked(request, believed, work))
    assert seen == [f"projects/pager-123/traces/{FIRST}", "none"] * 2

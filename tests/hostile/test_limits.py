"""Limits come before parsing: no door reads more than it says, and none unpacks, descends or counts without an end."""

import asyncio
import gzip
import io
import json
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import cast

import flask
import pytest
from werkzeug.test import EnvironBuilder

from tests.hostile.doors import GOOD_REQUESTS, PATHS, Doors, Request
from tocsin import browse, door, ingest, received, sources, wiring
from tocsin.intake import Intake
from tocsin.settings import from_environment

MIB, PIECE = 1 << 20, 64 << 10
LIMITS = {
    **dict.fromkeys(sources.names(), 1 * MIB),
    **dict.fromkeys(("pagerduty", "pagerduty_v1"), MIB // 2),
    **dict.fromkeys(("alertmanager", "grafana", "github"), 4 * MIB),
    "email": 8 * MIB,
}
"""What a body may have, in bytes: as much as the tool at the other end sends, and no more."""
BOMBS = {
    "a million levels": b"[" * MIB,
    "a million levels of objects": b'{"a":' * MIB,
    "32 MB": b'{"title": "' + b"x" * (32 * MIB) + b'"}',
    "32 MB of white space": b" " * (32 * MIB),
    "a million keys": json.dumps(dict.fromkeys(map(str, range(MIB)), 0)).encode(),
    "a million items": b"[" + b"0," * MIB + b"0]",
    "a number of 100,000 digits": b'{"title": 1' + b"0" * 100_000 + b"}",
    "a fraction of 100,000 digits": b'{"title": 0.' + b"1" * 100_000 + b"}",
}


class Endless:
    """A body without an end, and how much of it was taken."""

    def __init__(self) -> None:
        self.taken = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            self.taken += PIECE
            yield b" " * PIECE


def test_the_limits_are_those_of_the_sources() -> None:
    assert {name: sources.load(name).limit for name in sources.names()} == LIMITS


@pytest.mark.parametrize("name", LIMITS)
def test_of_a_body_without_end_no_more_is_read_than_its_source_takes(name: str) -> None:
    """Of one that claims no length, or a wrong one, nothing else can be known."""
    body = Endless()
    method = sources.load(name).methods[0]
    incoming = ingest.Incoming(method, f"{name}/no-key-of-ours", {}, body.chunks())
    nobody = cast("Intake", None)  # whatever is refused before it is parsed is not taken in
    answer = asyncio.run(ingest.ingest(incoming, nobody, wiring.current(), datetime.now(UTC), lambda: ""))
    assert answer.status == 413
    assert LIMITS[name] < body.taken <= LIMITS[name] + PIECE


class Counted(io.RawIOBase):
    """The same for the others, which are given a stream."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "all of it is asked for"
        self.taken += size
        return b" " * size


def asked(stream: Counted, kind: str) -> flask.Request:
    environ = EnvironBuilder(method="POST", content_type=kind).get_environ()
    environ |= {"wsgi.input": stream, "wsgi.input_terminated": True}
    environ.pop("CONTENT_LENGTH", None)
    return flask.Request(environ)


FORM, JSON = "application/x-www-form-urlencoded", "application/json"
NOBODY = from_environment({})
STREAMED: dict[str, tuple[str, int, Callable[[flask.Request], door.Plain]]] = {
    "route": (JSON, 11 * MIB, lambda asked: door.pushed(asked, lambda _: None, bytes.decode)),
    "notify": (JSON, PIECE, lambda asked: door.tasked(asked, lambda _: None, str)),
    "reply": (FORM, PIECE, lambda asked: door.signed(asked, NOBODY, lambda _: "")),
    "a link": (FORM, PIECE, lambda asked: browse.linked(asked, lambda _: pytest.fail("it was pressed"))),
    "sweep": (JSON, 0, lambda asked: door.swept(asked, lambda _: None, lambda: "")),
    "calendar": (JSON, 0, lambda asked: door.fetched(asked, "calendar", lambda _: pytest.fail("it was given"))),
}


@pytest.mark.parametrize("name", STREAMED)
def test_no_other_door_reads_more_than_it_says(name: str) -> None:
    kind, limit, ask = STREAMED[name]
    stream = Counted()
    _, status, _ = ask(asked(stream, kind))
    assert stream.taken <= (limit + 1 if limit else 0)
    assert status in {200, 400, 405, 413}
    assert received.LIMIT == PIECE


@pytest.fixture
def watched() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("at", PATHS)
def test_a_bomb_is_refused_in_little_memory_and_the_next_one_is_served(doors: Doors, at: str, bomb: str) -> None:
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    body = BOMBS[bomb]
    said = doors.ask(at, Request(PATHS[at], body, pieces=(PIECE,) * (len(body) // PIECE)))
    _, peak = tracemalloc.get_traced_memory()
    assert 400 <= said.status < 500, said
    assert said.published == 0
    assert peak - before < 50 * MIB + 2 * len(body), "the sender has it twice: the rest of it is cut off for each piece"
    doors.still_open(at)


@pytest.mark.parametrize("at", GOOD_REQUESTS)
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
def test_nothing_is_unpacked(doors: Doors, at: str, coding: str) -> None:
    bomb = gzip.compress(b'{"title":"' + b"x" * (32 * MIB) + b'"}')
    headers = (*GOOD_REQUESTS[at].headers, (b"content-encoding", coding.encode()))
    said = doors.ask(at, Request(PATHS[at], bomb, headers=headers))
    assert (said.status, said.published) == (415, 0)

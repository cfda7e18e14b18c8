"""Bad input at every public door of the running functions: a 4xx that names the problem, and the next alert is paged.

The functions run as they are deployed, loaded by functions-framework, in a process of their own behind a real socket.
"""

import gzip
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from infra.cli import snapshot
from infra.cli.configfile import load
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.embedded_queue import EmbeddedQueue

ROOT = Path(__file__).resolve().parents[1]
ACCOUNT, TOKEN, PUBLIC_URL = "AC" + "0" * 32, "the-auth-token", "https://pager.example"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PAGERDUTY_KEY = "keyofcheckoutpagerduty0000000032"
PAGERDUTY, CHANGE = "/ingest/v2/enqueue", "/ingest/v2/change/enqueue"
ALERTMANAGER = "/ingest/alertmanager/key-of-checkout-alertmanager"
GENERIC = "/ingest/generic/key-of-checkout-generic"
SOURCES = [PAGERDUTY, CHANGE, ALERTMANAGER, GENERIC]
SUMMARY = {"summary": "checkout is down", "source": "web-1", "severity": "critical"}
LABELS = {"alertname": "checkout is down"}
GOOD: dict[str, dict[str, Any]] = {
    PAGERDUTY: {"routing_key": PAGERDUTY_KEY, "event_action": "trigger", "payload": SUMMARY},
    CHANGE: {"routing_key": PAGERDUTY_KEY, "payload": {"summary": "deployed"}},
    ALERTMANAGER: {"version": "4", "alerts": [{"status": "firing", "labels": LABELS, "fingerprint": "f1"}]},
    GENERIC: {"title": "checkout is down"},
}


@dataclass(frozen=True)
class Said:
    """An answer: its status, and its body as text and, if it is that, as JSON."""

    status: int
    text: str
    kind: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Doors:
    """The running functions, and the file they keep everything in."""

    def __init__(self, port: int, path: Path) -> None:
        self.port = port
        self.queue = EmbeddedQueue(path)

    def ask(self, path: str, body: bytes = b"", headers: dict[str, str] | None = None, method: str = "POST") -> Said:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            # By hand: paths and headers go out as they are, however odd.
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in {"Content-Type": JSON, "Content-Length": str(len(body)), **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            return said(connection.getresponse())

    def raw(self, request: bytes) -> Said:
        """Send bytes that no library would, and read what comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(request)
            response = HTTPResponse(connection)
            response.begin()
            return said(response)

    def published(self) -> int:
        """Count what is on its way to `route`; nobody delivers it here."""
        return len(self.queue.due(datetime.now(UTC) + timedelta(hours=1), limit=100_000))


def said(response: HTTPResponse) -> Said:
    return Said(response.status, response.read().decode(), response.headers.get("Content-Type", ""))


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    path = tmp_path_factory.mktemp("cloud") / "tocsin.sqlite"
    store = EmbeddedStore(path)
    snapshot.apply(store, load(ROOT / "tests" / "stories" / "team.yaml"), "test", datetime.now(UTC))
    store.close()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT / "functions"), str(ROOT)]),
        "GOOGLE_CLOUD_PROJECT": "test",
        "TOCSIN_EMBEDDED": str(path),
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM_NUMBER": "+15550100100",
    }
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "infra.local.functions", "--listener", str(listener.fileno())]
        with subprocess.Popen(
            command, env=environment, pass_fds=[listener.fileno()], stdin=subprocess.PIPE
        ) as functions:
            yield Doors(listener.getsockname()[1], path)
            functions.terminate()
            functions.wait()


def refused(answer: Said, path: str) -> str:
    """Hold an answer against its sender's protocol; give the sentences in it."""
    assert 400 <= answer.status < 500, answer.text
    assert answer.kind.startswith(JSON)
    found = answer.json
    if path in {PAGERDUTY, CHANGE}:
        assert found["status"] in {"invalid event", "Unrecognized object"}
        assert found["errors"]
    else:
        assert found["status"] == "refused"
    assert found["message"]
    return " ".join([found["message"], *found["errors"]])


def still_open(doors: Doors, path: str) -> None:
    before = doors.published()
    answer = doors.ask(path, json.dumps(GOOD[path]).encode())
    assert answer.status == 202, answer.text
    assert doors.published() == before + 1


DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000
BODIES: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "empty": (b"", {}, 400, "empty"),
    "blank": (b" \n ", {}, 400, "empty"),
    "not JSON": (b"checkout is down", {}, 400, "not JSON"),
    "half JSON": (b'{"title": "x', {}, 400, "not JSON"),
    "two values": (b"{}{}", {}, 400, "not JSON"),
    "NaN": (b'{"title": NaN}', {}, 400, "NaN"),
    "Infinity": (b'{"title": -Infinity}', {}, 400, "Infinity"),
    "5,000 deep": (DEEP, {}, 400, "deep"),
    "5,000 open brackets": (b"[" * 5000, {}, 400, "deep"),
    "invalid UTF-8": (b'{"title": "caf\xe9"}', {}, 400, "UTF-8"),
    "raw surrogate": (b'{"title": "\xed\xa0\x80"}', {}, 400, "UTF-8"),
    "UTF-16": ('{"title": "x"}'.encode("utf-16"), {}, 400, "UTF-16"),
    "a long number": (b'{"title": ' + b"1" * 100_000 + b"}", {}, 400, "digits"),
    "too large a number": (b'{"title": 1e999}', {}, 400, "too large"),
    "gzip": (gzip.compress(b"{}"), {"Content-Encoding": "gzip"}, 415, "compressed"),
    "gzip unannounced": (gzip.compress(b"{}"), {}, 400, "UTF-8"),
    "an empty form": (b"&", {"Content-Type": FORM}, 400, "empty"),
    "no parts": (b"--x--", {"Content-Type": "multipart/form-data; boundary=x"}, 400, "empty"),
    "2,000 fields": (b"a&" * 2_000, {"Content-Type": FORM}, 413, "fields"),
    "5 MB": (b'{"title": "' + b"x" * 5_000_000 + b'"}', {}, 413, "larger"),
    "50,000 keys": (json.dumps({f"k{n}": n for n in range(50_000)}).encode(), {}, 0, ""),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", SOURCES)
def test_a_bad_body_is_refused_by_name_and_the_next_alert_is_accepted(doors: Doors, path: str, name: str) -> None:
    raw, headers, status, problem = BODIES[name]
    before = doors.published()
    answer = doors.ask(path, raw, headers)
    assert problem in refused(answer, path)
    assert status in {0, answer.status}
    assert doors.published() == before
    still_open(doors, path)


def test_600_kb_are_too_much_where_the_protocol_says_512(doors: Doors) -> None:
    big = json.dumps({**GOOD[PAGERDUTY], "client": "x" * 600_000}).encode()
    answer = doors.ask(PAGERDUTY, big)
    assert answer.status == 413
    assert "524288" in refused(answer, PAGERDUTY)
    still_open(doors, PAGERDUTY)


@pytest.mark.parametrize("path", SOURCES)
@pytest.mark.parametrize("value", [None, [], "x", 7, True])
def test_json_that_is_no_object_is_refused_or_paged_with_what_there_is(doors: Doors, path: str, value: object) -> None:
    answer = doors.ask(path, json.dumps(value).encode())
    if path in {GENERIC, ALERTMANAGER}:
        assert answer.status == 202
    else:
        refused(answer, path)
    still_open(doors, path)


WRONG_EVENTS: list[tuple[dict[str, Any], str]] = [
    ({}, "'routing_key' is missing"),
    ({**GOOD[PAGERDUTY], "routing_key": 7}, "routing_key"),
    ({**GOOD[PAGERDUTY], "routing_key": ["x"]}, "routing_key"),
    ({**GOOD[PAGERDUTY], "routing_key": ""}, "routing_key"),
    ({**GOOD[PAGERDUTY], "event_action": "explode"}, "event_action"),
    ({**GOOD[PAGERDUTY], "event_action": {}}, "event_action"),
    ({**GOOD[PAGERDUTY], "payload": "x"}, "'payload' must be an object"),
    ({**GOOD[PAGERDUTY], "payload": {}}, "payload.summary"),
    ({**GOOD[PAGERDUTY], "payload": {**SUMMARY, "severity": "bad"}}, "payload.severity"),
    ({**GOOD[PAGERDUTY], "payload": {**SUMMARY, "summary": ["x"]}}, "payload.summary"),
    ({**GOOD[PAGERDUTY], "dedup_key": {"a": 1}}, "dedup_key"),
    ({**GOOD[PAGERDUTY], "dedup_key": "x" * 300}, "dedup_key"),
    ({**GOOD[PAGERDUTY], "event_action": "resolve"}, "'dedup_key' is required to resolve"),
]


@pytest.mark.parametrize(("body", "problem"), WRONG_EVENTS, ids=range(len(WRONG_EVENTS)))
def test_a_wrong_event_is_refused_in_pagerdutys_form(doors: Doors, body: dict[str, Any], problem: str) -> None:
    answer = doors.ask(PAGERDUTY, json.dumps(body).encode())
    assert answer.status == 400
    assert answer.json["status"] == "invalid event"
    assert problem in refused(answer, PAGERDUTY)


@pytest.mark.parametrize("alerts", [None, "x", {}, [7], [None], [[]]])
def test_a_webhook_that_is_not_alertmanagers_is_paged_with_what_there_is(doors: Doors, alerts: object) -> None:
    before = doors.published()
    assert doors.ask(ALERTMANAGER, json.dumps({"version": "4", "alerts": alerts}).encode()).status == 202
    assert doors.published() == before + 1


@pytest.mark.parametrize("path", ["/ingest/pagerduty/", "/ingest/pagerduty_v1/"])
@pytest.mark.parametrize("body", [{"this": "that"}, {}, ["x"], "x", None])
def test_what_is_no_event_is_paged_where_the_key_is_in_the_address(doors: Doors, path: str, body: object) -> None:
    before = doors.published()
    assert doors.ask(f"{path}{PAGERDUTY_KEY}", json.dumps(body).encode()).status in {200, 202}
    assert doors.published() == before + 1


# What is odd, and can be put right, is paged: a page matters more.
ODD = {
    "lone surrogates": b'{"title": "a\\ud800b", "\\udfff": 1}',
    "NUL and bells": b'{"title": "a\\u0000\\u0007b"}',
    "duplicate keys": b'{"title": "no", "title": "checkout is down"}',
    "a 64-bit overflow": b'{"title": "x", "count": 99999999999999999999}',
    "wrong types": b'{"title": {"a": [1]}, "severity": [], "state": 7}',
    "nothing in it": b"{}",
    "a byte order mark": b'\xef\xbb\xbf{"title": "x"}',
}


@pytest.mark.parametrize("name", ODD)
def test_what_can_be_put_right_is_accepted(doors: Doors, name: str) -> None:
    before = doors.published()
    assert doors.ask(GENERIC, ODD[name]).status == 202
    assert doors.published() == before + 1


def test_lone_surrogates_do_not_stop_an_event_or_a_webhook(doors: Doors) -> None:
    for path in (PAGERDUTY, ALERTMANAGER):
        raw = json.dumps(GOOD[path]).replace("checkout is down", "a\\ud800b").encode()
        assert doors.ask(path, raw).status == 202


@pytest.mark.parametrize("kind", ["", "text/plain", "application/vnd.x+json", "nonsense", "a" * 5000, "é"])
@pytest.mark.parametrize("path", SOURCES)
def test_the_name_of_the_content_is_not_what_counts(doors: Doors, path: str, kind: str) -> None:
    assert doors.ask(path, json.dumps(GOOD[path]).encode(), {"Content-Type": kind}).status == 202


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", [*SOURCES, "/reply/sms"])
def test_only_post_is_taken(doors: Doors, path: str, method: str) -> None:
    answer = doors.ask(path, json.dumps(GOOD.get(path, {})).encode(), method=method)
    assert answer.status in {400, 403, 405, 415}
    assert answer.text


@pytest.mark.parametrize(
    "key",
    [
        "wrong",
        "key-of-checkout-pagerduty",
        PAGERDUTY_KEY.upper(),
        "x" * 5000,
        "%ff%fe",
        "%00",
        "%E2%82",
        "a%2Fb",
        "..",
        "%0d%0a",
    ],
)
@pytest.mark.parametrize("source", ["alertmanager", "generic"])
def test_a_wrong_key_opens_nothing(doors: Doors, source: str, key: str) -> None:
    before = doors.published()
    answer = doors.ask(f"/ingest/{source}/{key}", b'{"title": "x", "alerts": []}')
    assert "key" in refused(answer, GENERIC) or answer.status == 404
    assert answer.status in {403, 404}
    assert doors.published() == before


def test_a_wrong_routing_key_is_refused_in_pagerdutys_form(doors: Doors) -> None:
    for key in ("wrong", "x" * 32, "\ud800", "key-of-checkout-alertmanager' OR 1=1"):
        answer = doors.ask(PAGERDUTY, json.dumps({**GOOD[PAGERDUTY], "routing_key": key}).encode())
        assert answer.status in {400, 403}
        assert "key" in refused(answer, PAGERDUTY)


PATHS = ["/ingest", "/ingest/", "/ingest/alertmanager", "/ingest/alertmanager/", "/ingest/nowhere/key",
         "/ingest/_plain/key",
         "/ingest/..%2f..%2fetc/passwd", "/ingest/%ff/%fe", "/ingest/generic/a/b/c", "/ingest/v2", "/ingest/v3/enqueue",
         "/ingest//v2/enqueue/x", "/ingest/" + "a/" * 2000, "/ingest/__init__/x", "/ingest/%00/x",
         "/ingest/os/x"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_an_unknown_path_is_told_what_there_is(doors: Doors, path: str) -> None:
    answer = doors.ask(path, b'{"title": "x"}')
    assert answer.status == 404
    assert "/ingest/" in refused(answer, path)
    assert len(answer.text) < 2000


OVERLONG = b"POST /ingest/v2/enqueue HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
RAW = {
    "a header of 1 MB": OVERLONG + b"X-Big: " + b"x" * 1_000_000 + b"\r\nContent-Length: 2\r\n\r\n{}",
    "a path of 1 MB": b"POST /ingest/" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
    "bytes in the path": b"POST /ingest/generic/\xff\xfe HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
    "bytes in a header": OVERLONG + b"X-Odd: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
    "no HTTP": b"hello\r\n\r\n",
    "two lengths": OVERLONG + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a negative length": OVERLONG + b"Content-Length: -1\r\n\r\n{}",
    "broken chunks": OVERLONG + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "chunks that are too much": OVERLONG + b"Transfer-Encoding: chunked\r\n\r\n"
    + (b"10000\r\n" + b"x" * 65_536 + b"\r\n") * 9 + b"0\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", RAW)
def test_a_request_that_no_library_would_send_is_refused(doors: Doors, name: str) -> None:
    try:
        answer = doors.raw(RAW[name])
    except OSError:
        pass  # hung up on, in the middle of sending
    else:
        assert 400 <= answer.status < 500
    still_open(doors, PAGERDUTY)


def signed(path: str, form: dict[str, str]) -> dict[str, str]:
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}{path}", form)
    return {"Content-Type": FORM, "X-Twilio-Signature": signature}


@pytest.mark.parametrize(
    "path", ["/reply/sms", "/reply/voice", "/reply/status", "/reply", "/reply/%ff/%00", "/reply/voice?n=%ff"]
)
@pytest.mark.parametrize("name", [name for name in BODIES if not BODIES[name][1].get("Content-Type")])
def test_whoever_is_not_twilio_is_refused(doors: Doors, path: str, name: str) -> None:
    raw, headers, _, _ = BODIES[name]
    for kind in (JSON, FORM):
        answer = doors.ask(path, raw, {"X-Twilio-Signature": "x" * 28, **headers, "Content-Type": kind})
        assert 400 <= answer.status < 500
        assert answer.text


def test_twilio_itself_is_answered_after_all_that(doors: Doors) -> None:
    form = {
        "AccountSid": ACCOUNT,
        "MessageSid": "SM" + "7" * 32,
        "From": "+15550100101",
        "To": "+15550100100",
        "Body": "ack",
    }
    answer = doors.ask("/reply/sms", urlencode(form).encode(), signed("/reply/sms", form))
    assert (answer.status, "Nothing is open" in answer.text) == (200, True)
    assert answer.kind.startswith("text/xml")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/Ingest/v2/enqueue", "/%ff"])
def test_there_is_no_other_door(doors: Doors, path: str) -> None:
    assert doors.ask(path, b"{}").status == 404

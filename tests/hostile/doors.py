"""The public functions as they are deployed, asked without a socket: what a server hands them is made by hand."""

import asyncio
import io
import json
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import _lru_cache_wrapper
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, unquote_to_bytes, urlencode

import functions_framework
import pytest
from twilio.request_validator import RequestValidator

from infra.cli import snapshot
from infra.cli.configfile import load
from infra.local.phones.network import Network
from tests.stories.cloud import Wire
from tocsin import notify, route, wiring
from tocsin.clients.embedded_queue import EmbeddedQueue
from tocsin.clients.twilio import Twilio
from tocsin.domain import phone
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.incident import Status
from tocsin.domain.phone import Phone
from tocsin.records import to_document

ROOT = Path(__file__).resolve().parents[2]
TEAM = ROOT / "tests" / "stories" / "team.yaml"
ACCOUNT, TOKEN, PUBLIC_URL = "AC" + "0" * 32, "the-auth-token", "https://pager.example"
LINK_SECRET = "the-secret-of-links"
NUMBER, PRIMARY = "+15550100100", "+15550100101"
ROUTING_KEY = "keyofcheckoutpagerduty0000000032"
KEYS = (ROUTING_KEY, "key-of-checkout-alertmanager", "key-of-checkout-generic", "key-of-checkout-cloudwatch")
JSON, FORM = b"application/json", b"application/x-www-form-urlencoded"
INGEST = ("pagerduty", "change", "v1", "alertmanager", "generic", "cloudwatch")
REPLY = ("sms", "voice", "status")
COLLECTIONS = ("incidents", "notifications", "codes", "phones", "inbound", "events", "open", "quarantine")
PATHS = {
    "pagerduty": "/v2/enqueue",
    "change": "/v2/change/enqueue",
    "v1": "/generic/2010-04-15/create_event.json",
    "alertmanager": f"/alertmanager/{KEYS[1]}",
    "generic": f"/generic/{KEYS[2]}",
    "cloudwatch": f"/cloudwatch/{KEYS[3]}",
} | {name: f"/{name}" for name in REPLY}
FUNCTIONS = ("route", "notify", "escalate", "reply", "calendar")
SETTINGS = {
    "GOOGLE_CLOUD_PROJECT": "test",
    "PUBLIC_URL": PUBLIC_URL,
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_FROM_NUMBER": NUMBER,
    "TOCSIN_LINK_SECRET": LINK_SECRET,
    "TWILIO_API_URL": "http://127.0.0.1:9",  # nobody is there, should something ever be sent
}
Pairs = Sequence[tuple[str, str]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    """What comes over the wire; `path` is still escaped, `length` is what the headers claim (None: the truth).

    The body arrives in pieces of these lengths and then the rest, unless the sender hangs up instead.
    """

    path: str
    body: bytes = b""
    method: str = "POST"
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-type", JSON),)
    pieces: tuple[int, ...] = ()
    length: bytes | None = None
    hangs_up: bool = False


@dataclass(frozen=True)
class Said:
    """An answer, and how many events were published before it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    published: int = 0

    def __str__(self) -> str:
        return f"{self.status} {self.body[:300]!r}, {self.published} published"


class Doors:
    """The functions of one process, with one configuration, one queue and nobody who delivers from it."""

    def __init__(self, ingest: Application, others: Mapping[str, Any], path: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.ingest = ingest
        self.others = others
        self.queue = sqlite3.connect(path, isolation_level=None, timeout=10)
        self.opened = self.said = 0

    def ask(self, door: str, request: Request) -> Said:
        """Hand the request to the function behind the door."""
        if door in INGEST:
            before = self._published()
            said = self.loop.run_until_complete(asgi(self.ingest, request))
            return Said(said.status, said.headers, said.body, self._published() - before)
        return wsgi(self.others["reply" if door in REPLY else door], request)

    def still_open(self, door: str) -> None:
        """Expect that the next good message does what it should, and forget what was queued."""
        if door in INGEST:
            said = self.ask(door, GOOD_REQUESTS[door])
            assert (said.status, said.published) == (200 if door == "v1" else 202, 1), said
        else:
            self._still_answers()
        self.queue.execute("DELETE FROM queue")

    def _still_answers(self) -> None:
        self._says("start")  # somebody may have said STOP
        incident, code, _ = self.page()
        said = self._says(f"ack {code}")
        assert b"Acknowledged" in said.body, said
        found = wiring.store().get(f"incidents/{incident}") or {}
        assert found["status"] == Status.ACKNOWLEDGED

    def _says(self, words: str) -> Said:
        self.said += 1
        return self.ask("sms", signed("/sms", text(words, 2**127 + self.said)))  # an id that nothing else has

    def page(self) -> tuple[str, str, str]:
        """Have the primary paged about something new; give the incident, the code and the notification."""
        self.opened += 1
        now = datetime.now(UTC)
        alert = Alert(Action.TRIGGER, f"trouble {self.opened}", "payments are down", Severity.CRITICAL)
        event = Event(f"e{self.opened}", now, "payments-alertmanager", "payments", alert)
        fresh = to_document(Phone())  # else it would have to wait for its turn: one text a minute
        wiring.store().transact(lambda tx: tx.put(phone.path(PRIMARY), fresh))
        route.route(event, wiring.store(), wiring.tasks(), wiring.moment())
        ids = (f"{self.opened:016x}{count:016x}" for count in range(1_000_000))
        network = Network(ACCOUNT, TOKEN, NUMBER, f"{PUBLIC_URL}/reply/sms", ids=lambda: next(ids))
        twilio = Twilio(ACCOUNT, TOKEN, NUMBER, PUBLIC_URL, Wire(network, lambda: now))
        found = wiring.store().query("notifications", ("number", "==", PRIMARY), limit=1000)
        [(identity, new)] = [
            (one, data) for one, data in found if data["state"] == "pending" and data["channel"] == "sms"
        ]
        notify.notify(identity, wiring.store(), wiring.tasks(), twilio, wiring.moment())
        code = (wiring.store().get(f"notifications/{identity}") or {})["code"]
        return new["incident"], code, identity

    def _published(self) -> int:
        found = self.queue.execute("SELECT seq FROM sqlite_sequence WHERE name = 'queue'").fetchone()
        return int(found[0]) if found else 0

    def close(self) -> None:
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.queue.close()


GOOD: dict[str, dict[str, Any]] = {
    "pagerduty": {
        "routing_key": ROUTING_KEY,
        "event_action": "trigger",
        "dedup_key": "d",
        "client": "Shop",
        "client_url": "https://shop.example",
        "payload": {
            "summary": "checkout is down",
            "source": "web-1",
            "severity": "critical",
            "timestamp": "2026-11-21T02:14:00Z",
            "component": "db",
            "group": "eu",
            "class": "disk",
            "custom_details": {"free": "0 %"},
        },
        "links": [{"href": "https://wiki.example/checkout", "text": "Runbook"}],
        "images": [{"src": "https://img.example/1.png", "href": "https://img.example", "alt": "Graph"}],
    },
    "change": {
        "routing_key": ROUTING_KEY,
        "payload": {
            "summary": "deployed",
            "source": "ci",
            "timestamp": "2026-11-21T02:14:00Z",
            "custom_details": {"build": 7},
        },
        "links": [{"href": "https://ci.example/7", "text": "Build"}],
    },
    "v1": {
        "service_key": ROUTING_KEY,
        "event_type": "trigger",
        "incident_key": "d",
        "description": "checkout is down",
        "client": "Shop",
        "client_url": "https://shop.example",
        "details": {"host": "web-1", "free": "0 %"},
        "contexts": [{"type": "link", "href": "https://wiki.example/checkout", "text": "Runbook"}],
    },
    "alertmanager": {
        "version": "4",
        "groupKey": "{}:{}",
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "tocsin",
        "groupLabels": {"alertname": "Down"},
        "commonLabels": {"severity": "critical"},
        "commonAnnotations": {"summary": "checkout is down"},
        "externalURL": "https://alertmanager.example",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "Down", "instance": "web-1"},
                "annotations": {"description": "no answer"},
                "startsAt": "2026-11-21T02:14:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "https://prometheus.example",
                "fingerprint": "f1",
            }
        ],
    },
    "generic": {
        "title": "checkout is down",
        "severity": "critical",
        "state": "firing",
        "status": "down",
        "dedup_key": "d",
        "id": 7,
        "host": "web-1",
        "url": "https://shop.example",
        "labels": {"a": "b"},
        "tags": {"c": "d"},
        "alert": {"title": "t", "ruleId": "r"},
        "incident": {"id": "i", "state": "open"},
        "data": {"message": "m"},
        "timestamp": 1795227240,
        "message": "no answer",
    },
    # Not as SNS wraps it: its good messages need a certificate, and nobody is asked for one here.
    "cloudwatch": {
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "123456789012",
        "region": "eu-west-2",
        "resources": ["arn:aws:cloudwatch:eu-west-2:123456789012:alarm:web-1-cpu"],
        "detail": {
            "alarmName": "web-1-cpu",
            "state": {"value": "ALARM", "reason": "Threshold Crossed"},
            "configuration": {"description": "checkout is down"},
        },
    },
}
GOOD_REQUESTS = {door: Request(PATHS[door], json.dumps(body).encode()) for door, body in GOOD.items()}


@contextmanager
def opened(folder: Path) -> Iterator[Doors]:
    """Load the functions as functions-framework does; neither the environment nor a client outlives them."""
    path = folder / "tocsin.sqlite"
    before = sys.modules.get("main")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])
        for name, value in {**SETTINGS, "TOCSIN_EMBEDDED": str(path), "FUNCTION_TARGET": ""}.items():
            patch.setenv(name, value)
        _forget()
        wiring.settings()
        snapshot.apply(wiring.store(), load(TEAM), "test", datetime.now(UTC))
        EmbeddedQueue(path).next_due()  # makes its table
        doors = Doors(_loaded(patch, "ingest"), {name: _loaded(patch, name) for name in FUNCTIONS}, path)
    wiring.tasks()
    try:
        yield doors
    finally:
        doors.close()
        _forget()
        if before:
            sys.modules["main"] = before
        else:
            sys.modules.pop("main", None)


def _loaded(patch: pytest.MonkeyPatch, name: str) -> Any:
    # The framework writes the kind of the function it loaded last into the environment, and then takes it from there.
    patch.setenv("FUNCTION_SIGNATURE_TYPE", "http")
    return functions_framework.create_app(name, str(ROOT / "functions" / "main.py"))  # type: ignore[no-untyped-call]


def _forget() -> None:
    for made in vars(wiring).values():
        if isinstance(made, _lru_cache_wrapper):
            made.cache_clear()


async def asgi(app: Application, request: Request) -> Said:
    """Ask as uvicorn does."""
    arriving = iter(_events(request))
    answer: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(arriving, {"type": "http.disconnect"})

    async def send(message: MutableMapping[str, Any]) -> None:
        answer.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(request.path),
        "raw_path": request.path.encode(),
        "root_path": "",
        "query_string": request.query,
        "headers": [(b"host", b"pager.example"), *request.headers],
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 40000),
    }
    await app(scope, receive, send)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer[0]["headers"]}
    return Said(answer[0]["status"], headers, b"".join(part.get("body", b"") for part in answer[1:]))


def _events(request: Request) -> Iterator[dict[str, Any]]:
    rest = request.body
    for length in request.pieces:
        yield {"type": "http.request", "body": rest[:length], "more_body": True}
        rest = rest[length:]
    if not request.hangs_up:
        yield {"type": "http.request", "body": rest, "more_body": False}


def wsgi(app: Any, request: Request) -> Said:
    """Ask as gunicorn does."""
    answer: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
        del exc_info
        answer[:] = [int(status[:3]), {name.lower(): value for name, value in headers}]
        return lambda _: None

    chunks = cast("Iterable[bytes]", app(_environ(request), start))
    body = b"".join(chunks)
    cast("Any", chunks).close()
    return Said(answer[0], answer[1], body)


def _environ(request: Request) -> dict[str, Any]:
    sent = request.body[: sum(request.pieces)] if request.hangs_up else request.body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query.decode("latin-1"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "pager.example",
        "CONTENT_LENGTH": str(len(request.body)) if request.length is None else request.length.decode("latin-1"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    seen: set[str] = set()
    for name, value in request.headers:
        plain = name.decode("latin-1").upper().replace("-", "_")
        key = plain if plain in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{plain}"
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in seen else text
        seen.add(key)
    return environ


def text(body: str, number: int, sender: str = PRIMARY) -> list[tuple[str, str]]:
    """Give the form of a text message."""
    sid = f"SM{number:032x}"
    return [("AccountSid", ACCOUNT), ("Body", body), ("From", sender), ("MessageSid", sid), ("To", NUMBER)]


class _Pairs(dict[str, list[str]]):
    def getlist(self, name: str) -> list[str]:
        return self[name]


def signature(path: str, form: Pairs, query: str = "") -> str:
    """Sign as Twilio does, whatever is in the form."""
    listed = _Pairs()
    for name, value in form:
        listed.setdefault(name, []).append(value)
    url = f"{PUBLIC_URL}/reply{path}" + (f"?{query}" if query else "")
    return str(RequestValidator(TOKEN).compute_signature(url, listed))


def signed(path: str, form: Pairs, query: str = "") -> Request:
    """Give a webhook that proves to be Twilio's."""
    proof = signature(path, form, query).encode()
    headers = ((b"content-type", FORM), (b"x-twilio-signature", proof))
    return Request(path, urlencode(form).encode(), query=query.encode("latin-1"), headers=headers)


def documents() -> dict[str, Any]:
    """Give everything that is stored."""
    return {name: wiring.store().query(name, limit=10_000) for name in COLLECTIONS}


def wrong(door: str, request: Request, said: Said) -> str:
    """Say what is wrong with an answer to whatever was asked, or nothing."""
    lengths = [value for name, value in request.headers if name == b"content-length"]
    torn = request.hangs_up or request.length is not None or lengths
    if torn and door not in INGEST and said.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return ""  # cut short on its way: Twilio sends it again
    if not (200 <= said.status < 300 or 400 <= said.status < 500) or said.status == HTTPStatus.TOO_MANY_REQUESTS:
        return f"answered {said}"
    if any(key.encode() in said.body for key in (*KEYS, TOKEN)) or b"Traceback" in said.body:
        return f"a secret or a traceback in {said}"
    if said.published > 1000 or (said.published and said.status >= 400):
        return f"published {said}"
    return _unnamed(door, request, said) if said.status >= 400 else ""


def _unnamed(door: str, request: Request, said: Said) -> str:
    """Say what a refusal lacks to tell its sender, in his protocol, what to change."""
    if door not in INGEST or "\n" in unquote(request.path):  # the framework itself finds nothing behind a line end
        return "" if said.body or request.method == "HEAD" else f"without a word: {said}"
    if said.headers.get("content-type") != "application/json":
        return f"not JSON: {said}"
    found = json.loads(said.body)
    words = {"invalid event", "Unrecognized object"} if found["status"] != "refused" else {"refused"}
    named = found["status"] in words and found["message"] and isinstance(found["errors"], list)
    return "" if named else f"names no problem: {said}"

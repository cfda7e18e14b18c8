"""The official client against the phones over HTTP, and every answer against Twilio's own description."""

import asyncio
import json
import re
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import uvicorn
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from infra.local.phones.app import application
from infra.local.phones.network import Network
from infra.local.phones.view import Person

SID, TOKEN = "AC" + "0" * 32, "a token of the tests"
OURS, ADA, BRAM = "+15005550006", "+15005551001", "+15005551002"
SPEC = Path(__file__).parents[3] / "shared" / "specs" / "twilio_api_v2010_subset.json"


class Local(TwilioHttpClient):  # type: ignore[misc]  # published without types
    """The official HTTP client, sent to another host; it keeps what came back."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self.base = base
        self.seen: list[tuple[str, str, int, dict[str, Any]]] = []

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        assert parts.netloc == "api.twilio.com"
        local = f"{self.base}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        answer = super().request(method, local, *args, **kwargs)
        self.seen.append((method.lower(), parts.path, answer.status_code, json.loads(answer.text)))
        return answer


@dataclass
class Pager:
    """Whatever Twilio calls back: keeps each request, answers what it is told to."""

    url: str = ""
    answer: str = ""
    posted: Queue[tuple[str, dict[str, str], str]] = field(default_factory=Queue)


@dataclass
class Bench:
    """The running application and the client that talks to it."""

    base: str
    http: Local
    client: Client
    pager: Pager

    def post(self, path: str, **body: Any) -> int:
        return requests.post(f"{self.base}/phone/{path}", json=body, timeout=5).status_code

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.base}/phone/state", timeout=5).json()
        return found

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Follow the events until the state is as awaited; the stream's own time-out is the limit."""
        with urllib.request.urlopen(f"{self.base}/phone/events", timeout=10) as events:
            for line in events:
                if line.startswith(b"data: ") and holds(state := json.loads(line[6:])):
                    return dict(state)
        raise AssertionError("the stream ended")


@contextmanager
def serving(network: Network, path: Path | None = None) -> Iterator[str]:
    """Serve the phones on a free port of the loopback interface."""

    async def incidents() -> list[dict[str, Any]]:
        return [{"id": "i1", "title": "checkout is down"}]

    people = [Person(ADA, "Ada", "primary", on_call=True), Person(BRAM, "Bram", "secondary", on_call=False)]
    app = application(network, people=lambda: people, incidents=incidents, demo="curl", path=path)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def pager() -> Iterator[Pager]:
    pager = Pager()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the standard library's name
            form = dict(
                parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
            )
            pager.posted.put((f"{pager.url}{self.path}", form, self.headers["X-Twilio-Signature"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.end_headers()
            self.wfile.write(pager.answer.encode())

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    pager.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield pager
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def bench(pager: Pager) -> Iterator[Bench]:
    numbers = count(1)
    network = Network(SID, TOKEN, OURS, f"{pager.url}/sms#rc=1", ids=lambda: f"{next(numbers):032x}")
    with serving(network) as base:
        http = Local(base)
        yield Bench(base, http, Client(SID, TOKEN, http_client=http), pager)
        described(http)


def described(http: Local) -> None:
    """Hold every answer of this test against Twilio's OpenAPI document, where it is beside the checkout."""
    if not SPEC.exists():
        return
    spec = json.loads(SPEC.read_text())
    for method, path, status, body in http.seen:
        if status >= 400:
            assert set(body) == {"code", "message", "more_info", "status"}
            assert body["status"] == status
            continue
        kind, single = (
            ("Messages" if "Messages" in path else "Calls"),
            not path.endswith(("Messages.json", "Calls.json")),
        )
        where = f"/2010-04-01/Accounts/{{AccountSid}}/{kind}" + ("/{Sid}.json" if single else ".json")
        content = spec["paths"][where][method]["responses"][str(status)]["content"]
        conforms(body, content["application/json"]["schema"], spec, where)


def conforms(value: Any, schema: dict[str, Any], spec: dict[str, Any], where: str) -> None:
    """Check types, patterns, lengths, enumerations; every described property is there and no other."""
    if "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if value is None:
        assert schema.get("nullable"), f"{where} is null"
        return
    if "enum" in schema:
        assert value in schema["enum"], where
    kind: Any = {"string": str, "integer": int, "object": dict, "array": list}[schema["type"]]
    assert isinstance(value, kind), f"{where} is {value!r}"
    if "pattern" in schema:
        assert re.fullmatch(schema["pattern"], value), f"{where} is {value!r}"
    if "properties" in schema:
        assert set(value) == set(schema["properties"]), where
        for name, inner in schema["properties"].items():
            conforms(value[name], inner, spec, f"{where}.{name}")
    for place, item in enumerate(value if isinstance(value, list) else []):
        conforms(item, schema["items"], spec, f"{where}[{place}]")


def test_the_client_sends_a_text_that_the_phone_shows_and_finds_it_again(bench: Bench) -> None:
    made = bench.client.messages.create(to=ADA, from_=OURS, body="checkout is down", status_callback=bench.pager.url)
    assert made.status == "queued"
    state = bench.until(lambda state: [each["status"] for each in state["phones"][0]["messages"]] == ["delivered"])
    assert state["phones"][0]["messages"][0]["body"] == "checkout is down"
    fetched = bench.client.messages(made.sid).fetch()
    assert (fetched.status, fetched.to, fetched.error_code) == ("delivered", ADA, None)
    assert fetched.date_sent.tzinfo is not None
    validator = RequestValidator(TOKEN)
    for status in ("sending", "sent", "delivered"):
        url, form, signature = bench.pager.posted.get(timeout=5)
        assert form["MessageStatus"] == status
        assert validator.validate(url.removesuffix("/"), form, signature) or validator.validate(url, form, signature)


def test_a_typed_reply_is_posted_and_answered(bench: Bench) -> None:
    bench.pager.answer = "<Response><Message>Acknowledged</Message></Response>"
    assert bench.post("text", number=ADA, body="ack 4821") == 201
    url, form, signature = bench.pager.posted.get(timeout=5)
    assert (form["Body"], form["From"]) == ("ack 4821", ADA)
    assert RequestValidator(TOKEN).validate(url, form, signature)
    bench.until(lambda state: [each["body"] for each in state["phones"][0]["messages"]][1:] == ["Acknowledged"])
    (inbound,) = bench.client.messages.list(to=OURS, from_=ADA)
    assert (inbound.direction, inbound.status, inbound.body) == ("inbound", "received", "ack 4821")


def test_lists_are_filtered_and_paged_newest_first(bench: Bench) -> None:
    for place in range(7):
        bench.client.messages.create(to=ADA if place % 2 else BRAM, from_=OURS, body=str(place))
    bench.until(
        lambda state: {each["status"] for phone in state["phones"] for each in phone["messages"]} == {"delivered"}
    )
    bodies = [message.body for message in bench.client.messages.list(page_size=2)]
    assert bodies == ["6", "5", "4", "3", "2", "1", "0"]
    assert [message.body for message in bench.client.messages.list(to=ADA)] == ["5", "3", "1"]
    assert [message.body for message in bench.client.messages.list(limit=3)] == ["6", "5", "4"]
    sent = bench.client.messages.list(limit=1)[0].date_sent
    assert len(bench.client.messages.list(date_sent=sent)) == 7
    assert bench.client.messages.list(date_sent_after=sent.replace(year=sent.year + 1)) == []
    first = bench.client.messages.page(page_size=3)
    second = first.next_page()
    assert [message.body for message in second] == ["3", "2", "1"]
    assert [message.body for message in second.previous_page()] == ["6", "5", "4"]


def test_a_page_is_not_shifted_by_what_arrives_meanwhile(bench: Bench) -> None:
    for place in range(4):
        bench.client.messages.create(to=ADA, from_=OURS, body=str(place))
    page = bench.client.messages.page(page_size=2)
    bench.client.messages.create(to=ADA, from_=OURS, body="new")
    assert [message.body for message in page.next_page()] == ["1", "0"]


def test_the_client_places_a_call_that_is_answered_and_acknowledged_with_a_key(bench: Bench) -> None:
    bench.pager.answer = "<Response><Hangup/></Response>"
    twiml = f'<Response><Gather numDigits="1" action="{bench.pager.url}/voice"><Say>Press 4</Say></Gather></Response>'
    made = bench.client.calls.create(
        to=ADA, from_=OURS, twiml=twiml, timeout=25, status_callback=f"{bench.pager.url}/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"], machine_detection="Enable",
    )  # fmt: skip
    bench.until(lambda state: [each["status"] for each in state["phones"][0]["calls"]] == ["ringing"])
    assert bench.post("pick-up", call=made.sid) == 204
    bench.until(lambda state: [each["text"] for each in state["phones"][0]["calls"][0]["spoken"]] == ["Press 4"])
    assert bench.post("press", call=made.sid, digit="4") == 204
    bench.until(lambda state: state["phones"][0]["calls"][0]["status"] == "completed")
    fetched = bench.client.calls(made.sid).fetch()
    assert (fetched.status, fetched.answered_by, fetched.direction) == ("completed", "human", "outbound-api")
    assert [call.sid for call in bench.client.calls.list(to=ADA, status="completed")] == [made.sid]
    assert bench.client.calls.list(start_time=fetched.start_time.replace(year=2001)) == []
    forms = [bench.pager.posted.get(timeout=5)[1] for _ in range(5)]
    assert sorted(form["CallStatus"] for form in forms if "SequenceNumber" in form) == [
        "completed", "in-progress", "initiated", "ringing",
    ]  # fmt: skip
    assert [form["Digits"] for form in forms if "Digits" in form] == ["4"]


def test_refusals_reach_the_client_with_twilios_codes(bench: Bench) -> None:
    cases: list[tuple[int, int, Callable[[], object]]] = [
        (400, 21211, lambda: bench.client.messages.create(to="nobody", from_=OURS, body="x")),
        (400, 21602, lambda: bench.client.messages.create(to=ADA, from_=OURS)),
        (400, 21205, lambda: bench.client.calls.create(to=ADA, from_=OURS)),
        (404, 20404, bench.client.messages("SM" + "0" * 32).fetch),
        (404, 20404, bench.client.calls("CA" + "0" * 32).fetch),
        (401, 20003, Client(SID, "guessed", http_client=bench.http).messages.list),
    ]
    for status, code, ask in cases:
        with pytest.raises(Exception, match=str(status)) as raised:
            ask()
        if isinstance(raised.value, TwilioRestException):
            assert raised.value.code == code
        assert bench.http.seen[-1][3]["code"] == code


def test_faults_are_ordered_and_cancelled_over_http(bench: Bench) -> None:
    assert bench.post("faults", kind="throttled", number=ADA, times=None, seconds=3) == 204
    with pytest.raises(TwilioRestException) as raised:
        bench.client.messages.create(to=ADA, from_=OURS, body="x")
    assert (raised.value.status, raised.value.code) == (429, 20429)
    assert requests.delete(f"{bench.base}/phone/faults", timeout=5).status_code == 204
    assert bench.client.messages.create(to=ADA, from_=OURS, body="x").status == "queued"
    assert bench.post("faults", kind="sunspots") == 400


@pytest.mark.parametrize(("kind", "made"), [("lost_before", 0), ("lost_after", 1)])
def test_a_lost_answer_cuts_the_connection(bench: Bench, kind: str, made: int) -> None:
    bench.post("faults", kind=kind)
    with pytest.raises(requests.RequestException):
        bench.client.messages.create(to=ADA, from_=OURS, body="x")
    assert len(bench.client.messages.list()) == made


def test_the_page_brings_everything_itself_and_allows_nothing_else(bench: Bench) -> None:
    page = requests.get(f"{bench.base}/phone", timeout=5)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    files = [part.split('"')[0] for part in page.text.split('src="')[1:] + page.text.split('href="')[1:]]
    assert len(files) > 5
    for file in files:
        assert file.startswith("/phone/static/")
        assert requests.get(f"{bench.base}{file}", timeout=5).status_code == 200


def test_only_json_is_taken_and_an_unknown_call_is_a_404(bench: Bench) -> None:
    assert requests.post(f"{bench.base}/phone/text", data={"number": ADA, "body": "ack"}, timeout=5).status_code == 415
    assert bench.post("text", number=ADA) == 400
    assert bench.post("hang-up", call="CA0") == 404
    assert bench.state()["incidents"] == [{"id": "i1", "title": "checkout is down"}]


def test_the_phones_remember_after_a_restart(tmp_path: Path) -> None:
    path, numbers = tmp_path / "phones.json", count(1)

    def network() -> Network:
        return Network(SID, TOKEN, OURS, "", ids=lambda: f"{next(numbers):032x}")

    with serving(network(), path) as base:
        Client(SID, TOKEN, http_client=Local(base)).messages.create(to=ADA, from_=OURS, body="still here")
    with serving(network(), path) as base:
        (found,) = Client(SID, TOKEN, http_client=Local(base)).messages.list()
        assert found.body == "still here"
    path.write_text('{"messages": 1}')
    with pytest.raises(ValueError, match=r"phones\.json is not a state of the phones"), serving(network(), path):
        pass

"""Twilio's client: what goes wrong is sorted by whether it was done, and what is asked is what Twilio documents."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.phones.faults import Kind
from tests.clients.telephone import Asked, Telephone
from tests.stories.world import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, UTC_NIGHT
from tocsin.clients.twilio import Reach, Twilio
from tocsin.errors import Unavailable, Uncertain, Undeliverable

ADA, BRAM = "+15550100101", "+15550100102"
SPEC = Path(__file__).parents[3] / "shared" / "specs" / "twilio_api_v2010_subset.json"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
Ask = Callable[[Twilio], Any]


def text(twilio: Twilio) -> str:
    return twilio.text(ADA, "checkout is down. Reply ack 4821", "i1-1-1-ada-1")


def call(twilio: Twilio) -> str:
    return twilio.call(ADA, "<Response><Say>checkout is down</Say></Response>", "i1-1-1-ada-2")


def answer(twilio: Twilio) -> str:
    return twilio.answer(ADA, "Acknowledged 4821")


SENDS = [text, call, answer]
ASKS: list[Ask] = [
    *SENDS,
    lambda twilio: twilio.find_text(ADA, "ack 4821", UTC_NIGHT),
    lambda twilio: twilio.find_call(ADA, UTC_NIGHT, set()),
    lambda twilio: twilio.inbound(UTC_NIGHT),
    lambda twilio: twilio.credit(),
]


@pytest.fixture
def telephone() -> Telephone:
    return Telephone()


# Faults of a create


@pytest.mark.parametrize("send", SENDS)
@pytest.mark.parametrize("code", [21610, 21211, 21614, 30003, 30006, 21408, 99999])
def test_a_refusal_is_undeliverable_with_twilios_code(telephone: Telephone, send: Ask, code: int) -> None:
    telephone.breaks(Kind.REFUSED, code=code)
    with pytest.raises(Undeliverable, match=str(code)) as refused:
        send(telephone.twilio)
    assert refused.value.code == code


@pytest.mark.parametrize("number", ["+19005550100", "+449098790000", "+881612345678", "+4918055501001"])
def test_a_number_that_costs_many_times_the_usual_is_never_asked_for(telephone: Telephone, number: str) -> None:
    sends: list[Ask] = [
        lambda twilio: twilio.text(number, "checkout is down", "n"),
        lambda twilio: twilio.call(number, "<Response/>", "n"),
        lambda twilio: twilio.answer(number, "Acknowledged 4821"),
    ]
    for send in sends:
        with pytest.raises(Undeliverable, match="never paged") as refused:
            send(telephone.twilio)
        assert number not in str(refused.value)
    assert telephone.wire.asked == []


@pytest.mark.parametrize("send", SENDS)
def test_a_request_for_patience_was_not_done_and_may_be_repeated(telephone: Telephone, send: Ask) -> None:
    telephone.breaks(Kind.THROTTLED, seconds=7)
    with pytest.raises(Unavailable) as asked:
        send(telephone.twilio)
    assert not isinstance(asked.value, Uncertain)
    assert asked.value.retry_after
    assert send(telephone.twilio)


@pytest.mark.parametrize("send", SENDS)
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": Kind.BROKEN, "status": 408},
        {"kind": Kind.BROKEN, "status": 500},
        {"kind": Kind.BROKEN, "status": 502},
        {"kind": Kind.BROKEN, "status": 503},
        {"kind": Kind.LOST_BEFORE},
        {"kind": Kind.LOST_AFTER},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('status', '')}",
)
def test_what_may_have_been_done_is_uncertain(telephone: Telephone, send: Ask, fault: dict[str, Any]) -> None:
    telephone.breaks(**fault)
    with pytest.raises(Uncertain):
        send(telephone.twilio)


@pytest.mark.parametrize("kind", [Kind.UNDELIVERED, Kind.FAILED, Kind.BUSY, Kind.VOICEMAIL, Kind.CALLBACK_MISSING])
def test_what_goes_wrong_later_is_no_failure_of_the_send(telephone: Telephone, kind: Kind) -> None:
    telephone.breaks(kind)
    telephone.breaks(kind)
    assert re.fullmatch("SM[0-9a-f]{32}", text(telephone.twilio))
    assert re.fullmatch("CA[0-9a-f]{32}", call(telephone.twilio))


@pytest.mark.parametrize("ask", SENDS)
def test_a_wrong_token_is_the_accounts_trouble_and_not_the_persons(ask: Ask) -> None:
    with pytest.raises(Unavailable, match="account") as refused:
        ask(Telephone("guessed").twilio)
    assert not isinstance(refused.value, Uncertain)
    assert "guessed" not in str(refused.value)


@pytest.mark.parametrize("ask", ASKS[3:], ids=["text", "call", "inbound", "credit"])
def test_a_list_that_is_refused_is_no_evidence_of_anything(ask: Ask) -> None:
    with pytest.raises(Unavailable):
        ask(Telephone("guessed").twilio)


# What is sent


def test_a_text_carries_its_validity_and_where_its_receipts_go(telephone: Telephone) -> None:
    text(telephone.twilio)
    [asked] = telephone.wire.asked
    assert dict(asked.form) == {
        "To": ADA,
        "From": NUMBER,
        "Body": "checkout is down. Reply ack 4821",
        "StatusCallback": f"{PUBLIC_URL}/reply/status?n=i1-1-1-ada-1#rc=3&rp=5xx,ct,rt",
        "ValidityPeriod": "120",
    }


def test_a_call_carries_its_words_and_ends_before_most_voicemails(telephone: Telephone) -> None:
    call(telephone.twilio)
    [asked] = telephone.wire.asked
    form = dict(asked.form)
    assert form["Twiml"].startswith("<Response>")
    assert 25 <= int(form["Timeout"]) <= 30
    assert [value for name, value in asked.form if name == "StatusCallbackEvent"] == [
        "ringing",
        "answered",
        "completed",
    ]
    assert not {"Url", "MachineDetection", "SendDigits"} & set(form)


def test_one_send_is_one_request(telephone: Telephone) -> None:
    for send in SENDS:
        telephone.breaks(Kind.LOST_AFTER)
        with pytest.raises(Uncertain):
            send(telephone.twilio)
    assert len(telephone.wire.asked) == 3


@pytest.mark.skipif(not SPEC.exists(), reason="Twilio's OpenAPI document is not beside the checkout")
def test_every_request_is_one_that_twilio_documents(telephone: Telephone) -> None:
    spec = json.loads(SPEC.read_text())
    documented = ASKS[:6]  # the balance is not in the part of the document that is kept here
    for ask in documented:
        ask(telephone.twilio)
    assert len(telephone.wire.asked) == len(documented)
    for asked in telephone.wire.asked:
        check(asked, spec)


def check(asked: Asked, spec: dict[str, Any]) -> None:
    """Hold one request against the document: its path, every name, every value, and nothing required left out."""
    path = asked.path.replace(ACCOUNT, "{AccountSid}")
    operation = spec["paths"][path][asked.method.lower()]
    if asked.method == "GET":
        known = {one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == "query"}
        required, given = set(), asked.query
    else:
        schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        known, required, given = schema["properties"], set(schema.get("required", [])), asked.form
        assert not asked.query
    assert required <= {name for name, _ in given}
    for name, value in given:
        assert name in known, f"{name} is no parameter of {asked.method} {path}"
        check_value(name, value, known[name], spec)


def check_value(name: str, value: str, schema: dict[str, Any], spec: dict[str, Any]) -> None:
    if "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    schema = schema["items"] if schema.get("type") == "array" else schema
    if schema.get("type") in {"integer", "number"}:
        assert re.fullmatch(r"[0-9]+", value), f"{name} is no number: {value}"
    if "enum" in schema:
        assert value in schema["enum"], f"{name} cannot be {value}"
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), f"{name} is not of the pattern: {value}"
    assert len(value) <= schema.get("maxLength", len(value))
    if schema.get("format") == "date-time":
        assert re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", value), f"{name} is no time: {value}"


# Looking for evidence


def test_a_lost_text_is_found_by_its_code_its_number_and_its_time(telephone: Telephone) -> None:
    twilio = telephone.twilio
    text(twilio)
    telephone.settle()
    telephone.now += MINUTE
    claimed = telephone.now
    telephone.breaks(Kind.LOST_AFTER)
    with pytest.raises(Uncertain):
        twilio.text(ADA, "disk full. Reply ack 0042", "i2-1-1-ada-1")
    twilio.text(BRAM, "disk full. Reply ack 0043", "i2-1-1-bram-1")
    telephone.settle()
    assert twilio.find_text(ADA, "ack 0042", claimed) == telephone.network.messages(ADA)[-1].sid
    assert twilio.find_text(ADA, "ack 0043", claimed) is None
    assert twilio.find_text(BRAM, "ack 0042", claimed) is None
    assert twilio.find_text(ADA, "ack 4821", claimed) is None
    assert twilio.find_text(ADA, "ack 4821", claimed - MINUTE) is not None


def test_a_text_that_never_was_is_not_found(telephone: Telephone) -> None:
    telephone.breaks(Kind.LOST_BEFORE)
    with pytest.raises(Uncertain):
        text(telephone.twilio)
    assert telephone.twilio.find_text(ADA, "ack 4821", UTC_NIGHT) is None


def test_a_lost_call_is_the_one_nobody_else_knows(telephone: Telephone) -> None:
    known = call(telephone.twilio)
    telephone.breaks(Kind.LOST_AFTER)
    with pytest.raises(Uncertain):
        call(telephone.twilio)
    telephone.settle()
    found = telephone.twilio.find_call(ADA, UTC_NIGHT, {known})
    assert found not in {None, known}
    assert telephone.twilio.find_call(ADA, UTC_NIGHT, {known, str(found)}) is None
    assert telephone.twilio.find_call(BRAM, UTC_NIGHT, set()) is None
    assert telephone.twilio.find_call(ADA, telephone.now + MINUTE, set()) is None


def test_what_others_of_the_account_send_is_no_evidence(telephone: Telephone) -> None:
    for ask in ASKS[3:5]:
        ask(telephone.twilio)
    assert all({("To", ADA), ("From", NUMBER)} <= set(asked.query) for asked in telephone.wire.asked)


def test_the_credit_is_an_amount_in_a_currency(telephone: Telephone) -> None:
    assert telephone.twilio.credit() == (100.0, "USD")
    with listening(http(200, json.dumps({"balance": "-3.5", "currency": "EUR"}))) as url:
        assert reaching(url).credit() == (-3.5, "EUR")


def test_evidence_is_found_across_midnight(telephone: Telephone) -> None:
    telephone.now = UTC_NIGHT.replace(hour=23, minute=59, second=59)
    claimed = telephone.now
    text(telephone.twilio)
    telephone.now += 2 * SECOND
    telephone.settle()
    assert telephone.now.day != claimed.day
    assert telephone.twilio.find_text(ADA, "ack 4821", claimed)


def test_what_was_texted_to_us_is_listed_oldest_first(telephone: Telephone) -> None:
    telephone.network.text(ADA, "too old", telephone.now - MINUTE)
    telephone.network.text(BRAM, "ack 4821", telephone.now + MINUTE)
    telephone.network.text(ADA, "help", telephone.now)
    text(telephone.twilio)
    texts = telephone.twilio.inbound(telephone.now)
    assert [(one.sender, one.body, one.at) for one in texts] == [
        (ADA, "help", telephone.now),
        (BRAM, "ack 4821", telephone.now + MINUTE),
    ]
    assert all(one.sid.startswith("SM") for one in texts)


# Twilio's host misbehaves


@contextmanager
def listening(said: bytes | None) -> Iterator[str]:
    """Listen like Twilio, read the request, say these bytes and hang up; None says nothing until the end."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    if said is None:
                        over.wait()
                    else:
                        connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def reaching(url: str) -> Twilio:
    reach = Reach(url)
    reach.timeout = (2.0, 0.3)
    return Twilio(ACCOUNT, TOKEN, NUMBER, PUBLIC_URL, reach)


def http(status: int, body: str, kind: str = "application/json", more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    )
    return (head + body).encode()


def page(*rows: dict[str, Any]) -> str:
    return json.dumps({"messages": list(rows), "calls": list(rows), "page_size": 50, "next_page_uri": None})


ODD_ROW = {"sid": "SM" + "1" * 32, "body": "ack 4821", "to": ADA, "from": ADA, "date_created": "yesterday"}
NONSENSE = {
    "silence": None,
    "hangs up": b"",
    "garbage": b"\x00\xff\xfe not http at all\r\n\r\n",
    "half a head": b"HTTP/1.1 201 Crea",
    "half a body": b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"sid": "SM',
    "broken chunks": b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    "html": http(201, "<html>hello</html>", "text/html"),
    "empty": http(201, ""),
    "a list": http(201, "[]"),
    "null": http(201, "null"),
    "a number": http(201, "7"),
    "half json": http(201, '{"sid": "SM'),
    "gateway": http(502, "<html>Bad Gateway</html>", "text/html"),
    "gateway says nothing": http(504, ""),
    "error as a list": http(500, "[]"),
}


def test_nobody_there_is_unavailable_and_nothing_was_done() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"http://127.0.0.1:{server.getsockname()[1]}"
    for ask in ASKS:
        with pytest.raises(Unavailable) as refused:
            ask(reaching(closed))
        assert not isinstance(refused.value, Uncertain)


@pytest.mark.parametrize("said", NONSENSE.values(), ids=NONSENSE.keys())
@pytest.mark.parametrize(
    "ask", [text, call, ASKS[3], ASKS[5], ASKS[6]], ids=["text", "call", "find", "inbound", "credit"]
)
def test_nonsense_instead_of_an_answer_is_uncertain(said: bytes | None, ask: Ask) -> None:
    with listening(said) as url, pytest.raises(Uncertain):
        ask(reaching(url))


@pytest.mark.parametrize(
    "body", ["{}", '{"sid": null}', '{"sid": 7}', '{"sid": ""}', '{"sid": "SM1"}', '{"sid": "XX' + "0" * 32 + '"}']
)
def test_an_answer_that_names_nothing_made_is_uncertain(body: str) -> None:
    for ask in SENDS:
        with listening(http(201, body)) as url, pytest.raises(Uncertain):
            ask(reaching(url))


@pytest.mark.parametrize(
    "row", [ODD_ROW, ODD_ROW | {"date_created": 7}, ODD_ROW | {"date_created": None}, {}, ODD_ROW | {"body": 7}]
)
@pytest.mark.parametrize("ask", ASKS[3:6], ids=["text", "call", "inbound"])
def test_an_odd_row_in_a_list_is_skipped_or_a_failure_of_ours(row: dict[str, Any], ask: Ask) -> None:
    with listening(http(200, page(row))) as url, suppress(Unavailable):
        ask(reaching(url))


@pytest.mark.parametrize("status", [400, 404, 302])
def test_a_refusal_in_no_words_of_twilio_is_still_sorted(status: int) -> None:
    for body in ("", "[]", "<html/>", "{}"):
        with listening(http(status, body)) as url, pytest.raises((Undeliverable, Uncertain)):
            text(reaching(url))


def test_twilio_itself_is_reached_unless_another_host_is_named() -> None:
    assert Reach().timeout == (3.05, 10.0)
    with listening(http(201, json.dumps({"sid": "SM" + "1" * 32}))) as url:
        assert text(reaching(url + "/")) == "SM" + "1" * 32

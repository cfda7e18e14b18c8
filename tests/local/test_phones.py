"""The telephone network in virtual time: nothing here waits, and every webhook is answered by hand."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from infra.local.phones.faults import Fault, Kind, On
from infra.local.phones.messages import segments
from infra.local.phones.network import Network
from infra.local.phones.webhooks import Webhook
from infra.local.phones.wire import Answer

SID, TOKEN = "AC" + "0" * 32, "a token of the tests"
OURS, ADA, BRAM = "+15005550006", "+15005551001", "+15005551002"
SMS_URL = "https://pager.example/reply/sms#rc=2&rp=5xx,ct,rt"
STATUS_URL = "https://pager.example/reply/status?id=n1"
START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
GATHER = (
    '<Response><Gather numDigits="1" timeout="10" action="https://pager.example/reply/voice/n1">'
    "<Say>Checkout is down.</Say><Say>Press 4.</Say></Gather><Say>Goodbye.</Say></Response>"
)
Handler = Callable[[Webhook], tuple[int | None, str, str]]


def silent(_: Webhook) -> tuple[int | None, str, str]:
    return 204, "", ""


@dataclass
class Bench:
    """A network, a clock moved by hand, and whoever answers its webhooks."""

    handler: Handler = silent
    now: datetime = START
    posted: list[Webhook] = field(default_factory=list)

    def __post_init__(self) -> None:
        numbers = count(1)
        self.network = Network(SID, TOKEN, OURS, SMS_URL, ids=lambda: f"{next(numbers):032x}")

    def passes(self, seconds: float) -> None:
        """Let time pass, stopping wherever something is due."""
        end = self.now + timedelta(seconds=seconds)
        while (at := self.network.next_due()) and at <= end:
            self.now = max(self.now, at)
            self.work()
        self.now = end

    def work(self) -> None:
        for webhook in self.network.due(self.now):
            self.posted.append(webhook)
            status, body, kind = self.handler(webhook)
            self.network.answered(webhook, status, body, kind, self.now)

    def rest(self, method: str, tail: str, form: Sequence[tuple[str, str]] = (), secret: str = TOKEN) -> Answer:
        path, _, query = tail.partition("?")
        pairs = [(name, value) for name, _, value in (each.partition("=") for each in query.split("&")) if name]
        basic = "Basic " + base64.b64encode(f"{SID}:{secret}".encode()).decode()
        return self.network.rest(method, f"/2010-04-01/Accounts/{SID}/{path}", pairs, form, basic, self.now)

    def send(self, to: str = ADA, body: str = "checkout is down", callback: str = STATUS_URL, **more: str) -> Answer:
        form = {"To": to, "From": OURS, "Body": body, "StatusCallback": callback, **more}
        return self.rest("POST", "Messages.json", list(form.items()))

    def dial(self, to: str = ADA, twiml: str = GATHER, events: Sequence[str] = (), **more: str) -> str:
        form = {"To": to, "From": OURS, "Twiml": twiml, "StatusCallback": STATUS_URL, **more}
        answer = self.rest("POST", "Calls.json", [*form.items(), *(("StatusCallbackEvent", event) for event in events)])
        assert answer.status == 201, answer
        return str(answer.body["sid"])

    def call(self, sid: str) -> dict[str, Any]:
        return dict(self.rest("GET", f"Calls/{sid}.json").body)

    def told(self, name: str) -> list[str]:
        return [value for webhook in self.posted for key, value in webhook.form if key == name]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def replying(body: str, kind: str = "text/xml", status: int | None = 200) -> Handler:
    return lambda _: (status, body, kind)


def test_a_text_is_queued_at_once_and_shown_by_the_phone_once_it_is_delivered(bench: Bench) -> None:
    answer = bench.send()
    assert (answer.status, answer.body["status"], answer.body["date_sent"]) == (201, "queued", None)
    assert bench.network.messages(ADA) == []
    bench.passes(1)
    (shown,) = bench.network.messages(ADA)
    assert (shown.body, shown.status, shown.direction) == ("checkout is down", "delivered", "outbound-api")
    assert START < shown.at < START + timedelta(seconds=1)
    assert bench.rest("GET", f"Messages/{shown.sid}.json").body["date_sent"] == "Sun, 01 Mar 2026 03:00:00 +0000"


def test_every_status_but_the_first_is_told_in_order_and_signed(bench: Bench) -> None:
    bench.send()
    bench.passes(1)
    assert bench.told("MessageStatus") == ["sending", "sent", "delivered"]
    validator = RequestValidator(TOKEN)
    for webhook in bench.posted:
        assert webhook.url == STATUS_URL
        assert validator.validate(webhook.url, dict(webhook.form), webhook.headers["X-Twilio-Signature"])
        assert not validator.validate(webhook.url + "0", dict(webhook.form), webhook.signature)


def test_without_a_status_callback_nothing_is_posted(bench: Bench) -> None:
    bench.rest("POST", "Messages.json", [("To", ADA), ("From", OURS), ("Body", "hello")])
    bench.passes(1)
    assert bench.posted == []
    assert len(bench.network.messages(ADA)) == 1


def test_a_text_from_a_phone_is_posted_and_the_answer_becomes_a_text(bench: Bench) -> None:
    bench.handler = replying(
        "<Response><Message>Acknowledged &amp; yours</Message></Response>", "text/xml; charset=utf-8"
    )
    sid = bench.network.text(ADA, "ack 4821", bench.now)
    bench.passes(1)
    (webhook,) = bench.posted
    form = dict(webhook.form)
    assert (form["MessageSid"], form["From"], form["To"], form["Body"]) == (sid, ADA, OURS, "ack 4821")
    assert webhook.url == "https://pager.example/reply/sms"
    assert RequestValidator(TOKEN).validate(webhook.url, form, webhook.signature)
    mine, answer = bench.network.messages(ADA)
    assert (mine.direction, mine.status) == ("inbound", "received")
    assert (answer.direction, answer.body) == ("outbound-reply", "Acknowledged & yours")


@pytest.mark.parametrize(("kind", "body"), [("text/xml", "<Respo"), ("application/json", "{}"), ("text/xml", "<No/>")])
def test_an_answer_that_is_not_twiml_is_noted_and_sends_nothing(bench: Bench, kind: str, body: str) -> None:
    bench.handler = replying(body, kind)
    bench.network.text(ADA, "ack", bench.now)
    bench.passes(1)
    assert [notice.code for notice in bench.network.notices()] in ([12100], [12300])
    assert len(bench.network.messages(ADA)) == 1


def test_an_empty_answer_sends_nothing_and_is_fine(bench: Bench) -> None:
    bench.network.text(ADA, "ack", bench.now)
    bench.passes(1)
    assert (len(bench.network.messages(ADA)), bench.network.notices()) == (1, [])


@pytest.mark.parametrize("word", ["STOP", " stop ", "Unsubscribe", "QUIT", "cancel", "REVOKE"])
def test_stop_opts_out_until_start(bench: Bench, word: str) -> None:
    bench.handler = replying("<Response><Message>never sent</Message></Response>")
    bench.network.text(ADA, word, bench.now)
    bench.passes(1)
    refused = bench.send()
    assert (refused.status, refused.body["code"], refused.body["status"]) == (400, 21610, 400)
    assert bench.send(to=BRAM).status == 201
    bench.handler = silent
    bench.network.text(ADA, "start", bench.now)
    bench.passes(1)
    assert bench.send().status == 201
    assert bench.told("OptOutType") == ["STOP", "START"]
    assert "never sent" not in [message.body for message in bench.network.messages(ADA)]


def test_help_is_answered_by_the_carrier_and_told(bench: Bench) -> None:
    bench.network.text(ADA, "HELP", bench.now)
    bench.passes(1)
    assert bench.told("OptOutType") == ["HELP"]
    assert len(bench.network.messages(ADA)) == 2


@pytest.mark.parametrize(("body", "many"), [
    ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
    ("é" * 160, 1), ("я" * 70, 1), ("я" * 71, 2), ("\N{BELL}" * 35, 1), ("\N{BELL}" * 36, 2),
])  # fmt: skip
def test_segments_are_counted_as_carriers_do(body: str, many: int) -> None:
    assert segments(body) == many


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_has_at_least_one_segment_and_never_fewer_than_its_gsm_size(body: str) -> None:
    assert segments(body) >= max(1, len(body) // 160)


@pytest.mark.parametrize(("form", "code"), [
    ({"From": OURS, "Body": "x"}, 21604),
    ({"To": ADA, "Body": "x"}, 21603),
    ({"To": ADA, "From": OURS}, 21602),
    ({"To": "0171 555", "From": OURS, "Body": "x"}, 21211),
    ({"To": ADA, "From": BRAM, "Body": "x"}, 21606),
    ({"To": ADA, "From": OURS, "Body": "x" * 1601}, 21617),
    ({"To": ADA, "From": OURS, "Body": "x", "StatusCallback": "/reply/status"}, 21609),
])  # fmt: skip
def test_a_text_that_twilio_refuses_is_refused_with_its_code(bench: Bench, form: dict[str, str], code: int) -> None:
    answer = bench.rest("POST", "Messages.json", list(form.items()))
    assert (answer.status, answer.body["code"]) == (400, code)
    assert bench.rest("GET", "Messages.json").body["messages"] == []


@pytest.mark.parametrize(("form", "code"), [
    ({"From": OURS, "Twiml": GATHER}, 21201),
    ({"To": ADA, "Twiml": GATHER}, 21213),
    ({"To": "me", "From": OURS, "Twiml": GATHER}, 21211),
    ({"To": ADA, "From": BRAM, "Twiml": GATHER}, 21210),
    ({"To": ADA, "From": OURS}, 21205),
    ({"To": ADA, "From": OURS, "Twiml": "x" * 4001}, 20001),
    ({"To": ADA, "From": OURS, "Twiml": GATHER, "Timeout": "soon"}, 20001),
])  # fmt: skip
def test_a_call_that_twilio_refuses_is_refused_with_its_code(bench: Bench, form: dict[str, str], code: int) -> None:
    answer = bench.rest("POST", "Calls.json", list(form.items()))
    assert (answer.status, answer.body["code"]) == (400, code)
    assert bench.network.calls(ADA) == []


def test_a_stranger_sees_nothing_and_sends_nothing(bench: Bench) -> None:
    form = [("To", ADA), ("From", OURS), ("Body", "x")]
    assert bench.rest("POST", "Messages.json", form, secret="guessed").body["code"] == 20003
    for header in (None, "Basic ???", "Bearer x", "Basic"):
        answer = bench.network.rest("GET", f"/2010-04-01/Accounts/{SID}/Messages.json", [], [], header, bench.now)
        assert answer.status == 401
    bench.passes(1)
    assert bench.network.messages(ADA) == []


def test_a_call_rings_speaks_takes_a_key_and_goes_on_with_the_answer(bench: Bench) -> None:
    bench.handler = lambda hook: (
        (200, "<Response><Say>Acknowledged.</Say></Response>", "text/xml") if "voice" in hook.url else (204, "", "")
    )
    sid = bench.dial(events=["initiated", "ringing", "answered", "completed"])
    assert bench.call(sid)["status"] == "queued"
    bench.passes(1)
    assert bench.call(sid)["status"] == "ringing"
    bench.network.pick_up(sid, bench.now)
    bench.passes(3)
    assert [spoken.text for spoken in bench.network.calls(ADA)[0].spoken] == ["Checkout is down.", "Press 4."]
    bench.network.press(sid, "4", bench.now)
    bench.passes(5)
    call = bench.call(sid)
    assert (call["status"], call["duration"], call["answered_by"]) == ("completed", "4", None)
    assert [spoken.text for spoken in bench.network.calls(ADA)[0].spoken][-1] == "Acknowledged."
    events = [dict(webhook.form) for webhook in bench.posted if "SequenceNumber" in dict(webhook.form)]
    assert [event["CallStatus"] for event in events] == ["initiated", "ringing", "in-progress", "completed"]
    assert [event["SequenceNumber"] for event in events] == ["0", "1", "2", "3"]
    (pressed,) = [webhook for webhook in bench.posted if "Digits" in dict(webhook.form)]
    assert dict(pressed.form)["Digits"] == "4"
    assert RequestValidator(TOKEN).validate(pressed.url, dict(pressed.form), pressed.signature)


def test_a_key_interrupts_the_prompt(bench: Bench) -> None:
    bench.handler = replying("<Response/>")
    sid = bench.dial()
    bench.passes(1)
    bench.network.pick_up(sid, bench.now)
    bench.network.press(sid, "4", bench.now)
    bench.work()
    assert [spoken.text for spoken in bench.network.calls(ADA)[0].spoken] == ["Checkout is down."]
    assert bench.told("Digits") == ["4"]


def test_silence_falls_through_the_gather_and_ends_the_call(bench: Bench) -> None:
    sid = bench.dial()
    bench.passes(1)
    bench.network.pick_up(sid, bench.now)
    bench.passes(30)
    assert [spoken.text for spoken in bench.network.calls(ADA)[0].spoken][-1] == "Goodbye."
    assert bench.call(sid)["status"] == "completed"
    assert bench.told("Digits") == []


@pytest.mark.parametrize(("keys", "digits"), [("12#", "12"), ("12", "12"), ("#", "")])
def test_keys_are_gathered_until_the_finishing_one_or_until_silence(bench: Bench, keys: str, digits: str) -> None:
    sid = bench.dial(twiml='<Response><Gather timeout="5" action="https://pager.example/voice"/></Response>')
    bench.passes(1)
    bench.network.pick_up(sid, bench.now)
    for key in keys:
        bench.network.press(sid, key, bench.now)
        bench.passes(2)
    bench.passes(6)
    assert bench.told("Digits") == [digits]


def test_redirect_and_url_fetch_the_next_twiml_and_hangup_ends(bench: Bench) -> None:
    pages = {
        "https://pager.example/a/first": "<Response><Say>One</Say><Redirect>second</Redirect></Response>",
        "https://pager.example/a/second": "<Response><Say>Two</Say><Hangup/><Say>Three</Say></Response>",
    }
    bench.handler = lambda hook: (200, pages.get(hook.url, ""), "application/xml")
    sid = bench.dial(twiml="", Url="https://pager.example/a/first")
    bench.passes(1)
    bench.network.pick_up(sid, bench.now)
    bench.passes(5)
    assert [spoken.text for spoken in bench.network.calls(ADA)[0].spoken] == ["One", "Two"]
    assert bench.call(sid)["status"] == "completed"


@pytest.mark.parametrize(("status", "body"), [(500, ""), (None, ""), (200, "<Response><Dial/></Response>"), (200, "")])
def test_twiml_that_does_not_come_is_an_application_error_on_the_phone(
    bench: Bench, status: int | None, body: str
) -> None:
    sid = bench.dial()
    bench.passes(1)
    bench.network.pick_up(sid, bench.now)
    bench.handler = replying(body, status=status)
    bench.network.press(sid, "4", bench.now)
    bench.passes(20)
    assert "application error" in bench.network.calls(ADA)[0].spoken[-1].text
    assert bench.call(sid)["status"] == "completed"
    assert bench.network.notices() != []


def test_nobody_picks_up_a_call_declined_is_busy_and_hanging_up_completes_it(bench: Bench) -> None:
    ignored, declined, cut = bench.dial(Timeout="25"), bench.dial(Timeout="25"), bench.dial(Timeout="25")
    bench.passes(24)
    bench.network.hang_up(declined, bench.now)
    bench.network.pick_up(cut, bench.now)
    bench.network.hang_up(cut, bench.now)
    bench.passes(2)
    assert [bench.call(sid)["status"] for sid in (ignored, declined, cut)] == ["no-answer", "busy", "completed"]
    assert bench.told("CallStatus") == ["busy", "completed", "no-answer"]


def test_voicemail_hears_everything_and_presses_nothing(bench: Bench) -> None:
    bench.network.order(Fault(Kind.VOICEMAIL, ADA, seconds=12))
    sid = bench.dial(MachineDetection="Enable")
    bench.passes(60)
    call = bench.call(sid)
    assert (call["status"], call["answered_by"]) == ("completed", "machine_start")
    assert bench.told("AnsweredBy") == ["machine_start"]


def test_a_short_timeout_beats_the_voicemail(bench: Bench) -> None:
    bench.network.order(Fault(Kind.VOICEMAIL, ADA, seconds=26))
    sid = bench.dial(Timeout="25")
    bench.passes(60)
    assert bench.call(sid)["status"] == "no-answer"


@pytest.mark.parametrize(("kind", "status"), [(Kind.BUSY, "busy"), (Kind.FAILED, "failed")])
def test_a_line_that_is_busy_or_broken_ends_the_call_at_once(bench: Bench, kind: Kind, status: str) -> None:
    bench.network.order(Fault(kind, on=On.CALL))
    sid = bench.dial()
    bench.passes(1)
    assert bench.call(sid)["status"] == status


@pytest.mark.parametrize(("fault", "status", "code"), [
    (Fault(Kind.REFUSED, code=21211), 400, 21211),
    (Fault(Kind.REFUSED, code=21614, status=400), 400, 21614),
    (Fault(Kind.THROTTLED, seconds=7), 429, 20429),
    (Fault(Kind.BROKEN, status=500), 500, 20500),
    (Fault(Kind.BROKEN), 503, 20503),
])  # fmt: skip
def test_a_refused_create_makes_nothing_and_the_next_one_works(
    bench: Bench, fault: Fault, status: int, code: int
) -> None:
    bench.network.order(fault)
    answer = bench.send()
    assert (answer.status, answer.body["code"], answer.body["status"]) == (status, code, status)
    assert answer.headers == ({"Retry-After": "7"} if status == 429 else {})
    assert bench.send().status == 201
    bench.passes(1)
    assert len(bench.network.messages(ADA)) == 1


@pytest.mark.parametrize(("kind", "made"), [(Kind.LOST_BEFORE, 0), (Kind.LOST_AFTER, 1)])
def test_an_answer_can_be_lost_before_or_after_the_message_was_made(bench: Bench, kind: Kind, made: int) -> None:
    bench.network.order(Fault(kind, ADA, seconds=9))
    answer = bench.send()
    assert (answer.lost, answer.hold) == (True, 9)
    bench.passes(1)
    assert len(bench.network.messages(ADA)) == made


@pytest.mark.parametrize(("kind", "status"), [(Kind.UNDELIVERED, "undelivered"), (Kind.FAILED, "failed")])
def test_a_text_that_is_not_delivered_never_shows_and_its_callback_says_why(
    bench: Bench, kind: Kind, status: str
) -> None:
    bench.network.order(Fault(kind, ADA, On.TEXT, code=30006))
    sid = bench.send().body["sid"]
    bench.passes(1)
    assert bench.network.messages(ADA) == []
    assert [(each.status, each.error_code) for each in bench.network.undelivered(ADA)] == [(status, 30006)]
    assert bench.told("MessageStatus") == ["sending", "sent", status]
    assert bench.told("ErrorCode") == ["30006"]
    assert bench.rest("GET", f"Messages/{sid}.json").body["error_code"] == 30006


def test_callbacks_can_come_twice_late_never_or_in_the_wrong_order(bench: Bench) -> None:
    for kind in (Kind.CALLBACK_TWICE, Kind.CALLBACK_LATE, Kind.CALLBACK_MISSING):
        bench.network.order(Fault(kind, {Kind.CALLBACK_TWICE: ADA, Kind.CALLBACK_LATE: BRAM}.get(kind, "+15005551003"),
                                  times=None, seconds=60))  # fmt: skip
    for number in (ADA, BRAM, "+15005551003"):
        bench.send(to=number)
    bench.passes(30)
    assert bench.told("MessageStatus") == ["sending", "sending", "sent", "sent", "delivered", "delivered"]
    bench.passes(60)
    assert bench.told("MessageStatus")[6:] == ["sending", "sent", "delivered"]
    bench.network.cancel_faults()
    bench.network.order(Fault(Kind.CALLBACKS_REORDERED, ADA))
    bench.send()
    bench.passes(10)
    assert bench.told("MessageStatus")[9:] == ["delivered", "sent", "sending"]
    assert bench.network.faults() == []


def test_a_reply_can_be_lost_and_is_still_in_the_list(bench: Bench) -> None:
    bench.network.order(Fault(Kind.REPLY_LOST, ADA))
    bench.network.text(ADA, "ack", bench.now)
    bench.passes(30)
    assert bench.posted == []
    (found,) = bench.rest("GET", f"Messages.json?To={OURS}&From={ADA}").body["messages"]
    assert (found["body"], found["direction"]) == ("ack", "inbound")


@pytest.mark.parametrize(("url", "status", "attempts"), [
    ("https://pager.example/r", None, 2),
    ("https://pager.example/r", 503, 1),
    ("https://pager.example/r#rc=0", None, 1),
    ("https://pager.example/r#rc=3&rp=5xx,ct", 503, 4),
    ("https://pager.example/r#rc=3&rp=5xx,ct", 404, 1),
    ("https://pager.example/r#rc=9&rp=all", 404, 6),
    ("https://pager.example/r#rc=3&rp=5xx,ct", 204, 1),
])  # fmt: skip
def test_webhooks_are_repeated_as_their_fragment_says(url: str, status: int | None, attempts: int) -> None:
    bench = Bench(replying("", status=status))
    bench.send(callback=url)
    bench.passes(0.06)
    assert len(bench.posted) == attempts
    assert {webhook.url for webhook in bench.posted} == {"https://pager.example/r"}
    assert len({webhook.id for webhook in bench.posted}) == 1


def test_a_webhook_is_not_repeated_after_its_fifteen_seconds(bench: Bench) -> None:
    bench.network.text(ADA, "ack", bench.now)
    (webhook,) = bench.network.due(bench.now)
    assert webhook.timeout == 15
    bench.network.answered(webhook, None, "", "", bench.now + timedelta(seconds=15))
    assert bench.network.next_due() is None
    assert [notice.code for notice in bench.network.notices()] == [11200]


def test_a_fault_counts_down_and_can_be_cancelled(bench: Bench) -> None:
    bench.network.order(Fault(Kind.REFUSED, code=21211, times=2))
    assert [bench.send().status for _ in range(3)] == [400, 400, 201]
    bench.network.order(Fault(Kind.BROKEN, times=None))
    assert [bench.send().status for _ in range(3)] == [503, 503, 503]
    bench.network.cancel_faults()
    assert bench.send().status == 201


def test_a_day_and_an_instant_filter_the_list(bench: Bench) -> None:
    bench.send(body="first")
    bench.passes(60)
    bench.send(body="second")
    bench.passes(60)

    def listed(query: str) -> list[str]:
        return [message["body"] for message in bench.rest("GET", f"Messages.json?{query}").body["messages"]]

    assert listed("") == ["second", "first"]
    assert listed("DateSent=2026-03-01") == ["second", "first"]
    assert listed("DateSent=2026-03-02") == []
    assert listed("DateSent>=2026-03-01T03:00:30Z") == ["second"]
    assert listed("DateSent<=2026-03-01T03:00:30Z") == ["first"]
    assert listed("DateSent<=2026-02-28") == []
    assert bench.rest("GET", "Messages.json?DateSent=yesterday").status == 400


def test_the_phones_survive_a_restart_and_a_call_that_was_going_on_has_failed(bench: Bench) -> None:
    bench.network.text(ADA, "stop", bench.now)
    bench.passes(1)
    sid = bench.dial()
    bench.passes(1)
    bench.network.pick_up(sid, bench.now)
    bench.send(to=BRAM)
    bench.network.order(Fault(Kind.BROKEN))
    document = msgspec.json.decode(msgspec.json.encode(bench.network.snapshot(bench.now)))
    again = Bench(now=bench.now)
    again.network.restore(document, again.now)
    assert again.network.messages(ADA) == bench.network.messages(ADA)
    assert again.network.faults() == [Fault(Kind.BROKEN)]
    again.network.cancel_faults()
    assert again.send().body["code"] == 21610
    assert again.call(sid)["status"] == "failed"
    again.passes(60)
    assert [message.status for message in again.network.messages(BRAM)] == ["delivered"]
    assert again.told("CallStatus") == ["failed"]


NAMES = [
    "To",
    "From",
    "Body",
    "Twiml",
    "Url",
    "StatusCallback",
    "Timeout",
    "PageSize",
    "Page",
    "DateSent",
    "StartTime<",
]
VALUES = st.one_of(st.text(max_size=20), st.sampled_from([ADA, OURS, GATHER, STATUS_URL, "http://[", "²", "9" * 5000]))
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6)


@settings(deadline=None)
@given(st.sampled_from(["GET", "POST"]), st.sampled_from(["Messages.json", "Calls.json"]), PAIRS, PAIRS)
def test_no_request_makes_the_network_fail(
    method: str, path: str, query: list[tuple[str, str]], form: list[tuple[str, str]]
) -> None:
    bench = Bench()
    basic = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
    answer = bench.network.rest(method, f"/2010-04-01/Accounts/{SID}/{path}", query, form, basic, bench.now)
    assert answer.status in {200, 201, 400}
    bench.passes(100)
    assert bench.network.next_due() is None


@settings(deadline=None)
@given(st.lists(st.sampled_from(["pick", "4", "hang", "1", "23"]), max_size=12))
def test_whatever_a_person_does_a_call_ends_and_ends_once(deeds: list[str]) -> None:
    bench = Bench(replying(GATHER))
    sid = bench.dial()
    bench.passes(0.5)
    for deed in deeds:
        if deed == "pick":
            bench.network.pick_up(sid, bench.now)
        elif deed == "hang":
            bench.network.hang_up(sid, bench.now)
        else:
            bench.network.press(sid, deed[0], bench.now)
        bench.passes(float(len(deed)))
    bench.network.hang_up(sid, bench.now)
    bench.passes(200)
    assert not bench.network.calls(ADA)[0].live
    assert len(bench.told("CallbackSource")) == 1
    assert bench.network.next_due() is None

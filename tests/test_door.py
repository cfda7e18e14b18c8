"""Who is let in, and what each caller is answered: the forged, the torn and the tired."""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.test import EnvironBuilder

from infra.cli.configfile import load
from tests.stories.cloud import Queue
from tests.stories.night import Night
from tests.stories.world import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, UTC_NIGHT
from tocsin import door, escalate, notify, reply, route
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.incident import Status
from tocsin.errors import Malformed, Unavailable, Uncertain
from tocsin.moment import Moment
from tocsin.settings import from_environment

TEAM = Path(__file__).parent / "stories" / "team.yaml"
FORM = "application/x-www-form-urlencoded"
PRIMARY, STRANGER = "+15550100101", "+15550100199"
SECOND_TOKEN = "the-next-auth-token"
COLLECTIONS = ("incidents", "notifications", "codes", "phones", "inbound", "events", "open", "quarantine")
Pairs = Sequence[tuple[str, str]]


def request(
    body: bytes, *, method: str = "POST", path: str = "/", query: str = "", kind: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> flask.Request:  # fmt: skip
    builder = EnvironBuilder(
        path, base_url="http://10.0.0.1:8080", method=method, query_string=query, data=body, content_type=kind,
        headers=list((headers or {}).items()),
    )  # fmt: skip
    return flask.Request(builder.get_environ())


def believed(_: str | None) -> None:
    """Stands for a caller whose token proved who it is."""


# What Twilio posts


def text(body: str, sender: str = PRIMARY, sid: str = "SM" + "7" * 32) -> list[tuple[str, str]]:
    return [("AccountSid", ACCOUNT), ("Body", body), ("From", sender), ("MessageSid", sid), ("To", NUMBER)]


def signature(form: Pairs, url: str = f"{PUBLIC_URL}/reply/sms", token: str = TOKEN) -> str:
    listed: dict[str, list[str]] = {}
    for name, value in form:
        listed.setdefault(name, []).append(value)
    return str(RequestValidator(token).compute_signature(url, Listed(listed)))


class Listed(dict[str, list[str]]):
    def getlist(self, name: str) -> list[str]:
        return self[name]


class Bench:
    """A night with one open page on the primary's phone, and the door that leads to it."""

    def __init__(self) -> None:
        self.night = Night(load(TEAM))
        self.night.alert("checkout is down")
        self.night.phone("primary").receives("checkout is down")
        self.code = self.night.phone("primary").code
        self.settings = from_environment({
            "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_AUTH_TOKEN_SECONDARY": SECOND_TOKEN,
            "PUBLIC_URL": f"{PUBLIC_URL}/",
        })  # fmt: skip
        self.before = self.documents()

    def documents(self) -> dict[str, Any]:
        store = self.night.world.store
        return {name: store.query(name, limit=1000) for name in COLLECTIONS}

    def post(  # noqa: PLR0913 -- a request has these parts
        self, form: Pairs, signed: str | None, *, path: str = "/sms", query: str = "", method: str = "POST",
        kind: str = FORM, raw: bytes | None = None, headers: Mapping[str, str] | None = None,
    ) -> tuple[str, int]:  # fmt: skip
        world = self.night.world
        sent = {**({"X-Twilio-Signature": signed} if signed is not None else {}), **(headers or {})}
        body = urlencode(form).encode() if raw is None else raw
        asked = request(body, method=method, path=path, query=query, kind=kind, headers=sent)
        said, status, _ = door.signed(
            asked, self.settings, lambda posted: reply.webhook(posted, world.store, world.queue, world.moment())
        )
        return said, status

    @property
    def status(self) -> Status:
        return self.night.incident.status


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_twilio_signed_is_taken_although_it_comes_through_a_proxy_over_http(bench: Bench) -> None:
    form = text(f"ack {bench.code}")
    said, status = bench.post(form, signature(form), headers={"X-Forwarded-Host": "evil.example"})
    assert (status, bench.status) == (200, Status.ACKNOWLEDGED)
    assert "Acknowledged" in said


@pytest.mark.parametrize("path", ["/sms", "/reply/sms", "//reply/sms"])
def test_the_functions_own_host_and_the_shared_one_are_the_same_door(bench: Bench, path: str) -> None:
    form = text(f"ack {bench.code}")
    assert bench.post(form, signature(form), path=path)[1] == 200
    assert bench.status is Status.ACKNOWLEDGED


@pytest.mark.parametrize("url", [f"{PUBLIC_URL}/reply/sms", "https://pager.example:443/reply/sms"])
@pytest.mark.parametrize("token", [TOKEN, SECOND_TOKEN])
def test_either_token_and_the_usual_port_are_taken(bench: Bench, url: str, token: str) -> None:
    form = text(f"ack {bench.code}")
    assert bench.post(form, signature(form, url, token))[1] == 200
    assert bench.status is Status.ACKNOWLEDGED


def test_the_query_is_signed_and_the_fragment_that_twilio_keeps_is_not(bench: Bench) -> None:
    [(identity, _), *_] = bench.night.world.store.query("notifications", limit=1)
    form = [("AccountSid", ACCOUNT), ("MessageSid", "SM" + "7" * 32), ("MessageStatus", "delivered")]
    full = bench.night.world.twilio.url("status", identity)
    url, _, fragment = full.partition("#")
    assert fragment
    assert bench.post(form, signature(form, url), path="/status", query=f"n={identity}")[1] == 200
    assert bench.post(form, signature(form, full), path="/status", query=f"n={identity}")[1] == 403
    assert bench.post(form, signature(form, url), path="/status", query="n=other")[1] == 403


def test_a_webhook_replayed_ten_times_counts_once(bench: Bench) -> None:
    form = text(f"ack {bench.code}")
    answers = {bench.post(form, signature(form)) for _ in range(10)}
    assert len(answers) == 1
    after = bench.documents()
    bench.post(form, signature(form))
    assert bench.documents() == after


def test_a_webhook_replayed_in_a_later_episode_answers_nothing_of_it(bench: Bench) -> None:
    form = text(f"ack {bench.code}")
    good = signature(form)
    bench.post(form, good)
    night = bench.night
    night.resolves("checkout is down")
    night.passes(minutes=2)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    before = bench.documents()
    assert len({bench.post(form, good) for _ in range(10)}) == 1
    assert bench.documents() == before
    assert bench.status is Status.TRIGGERED


def forgeries(code: str) -> dict[str, dict[str, Any]]:
    """Give requests that want to acknowledge and must not."""
    form = text(f"ack {code}")
    good = signature(form)
    longer = [*form, ("Body", "ack 0000")]
    swallowed = [("AccountSid", ACCOUNT), ("Body", f"ack {code}From{PRIMARY}"), *form[3:]]
    # A stranger's text that holds what he would like its next parameter to be, split there afterwards.
    strangers = text(f"ack {code}From{PRIMARY}", STRANGER)
    split = [form[0], form[1], ("From", f"{PRIMARY}From{STRANGER}"), *form[3:]]
    other_account = [("AccountSid", "AC" + "9" * 32), *form[1:]]
    no_account = form[1:]
    odd_name = [*form, ("From+1", "x")]
    return {
        "no header": {"form": form, "signed": None},
        "empty header": {"form": form, "signed": ""},
        "garbage header": {"form": form, "signed": "x" * 28},
        "non-ASCII header": {"form": form, "signed": "é" * 28},
        "wrong token": {"form": form, "signed": signature(form, token="guessed")},
        "empty token": {"form": form, "signed": signature(form, token="")},
        "tampered body": {"form": form, "signed": signature(text(f"ack {code[::-1]}0"))},
        "tampered sender": {"form": form, "signed": signature(text(f"ack {code}", STRANGER))},
        "one parameter more": {"form": [*form, ("Digits", "4")], "signed": good},
        "other path": {"form": form, "signed": signature(form, f"{PUBLIC_URL}/reply/status")},
        "other query": {"form": form, "signed": good, "query": "n=1"},
        "other host": {"form": form, "signed": signature(form, "https://evil.example/reply/sms")},
        "as the proxy saw it": {"form": form, "signed": signature(form, "http://10.0.0.1:8080/sms")},
        "http for https": {"form": form, "signed": signature(form, "http://pager.example/reply/sms")},
        "other port": {"form": form, "signed": signature(form, "https://pager.example:8443/reply/sms")},
        "a parameter twice": {"form": longer, "signed": signature(longer)},
        "next parameter swallowed": {"form": swallowed, "signed": good},
        "split elsewhere": {"form": split, "signed": signature(strangers)},
        "another account": {"form": other_account, "signed": signature(other_account)},
        "no account": {"form": no_account, "signed": signature(no_account)},
        "odd parameter name": {"form": odd_name, "signed": signature(odd_name)},
        "JSON under the URL's signature": {
            "form": [], "signed": signature([]), "kind": "application/json", "raw": json.dumps(dict(form)).encode(),
        },
        "no content type": {"form": form, "signed": good, "kind": ""},
        "multipart": {"form": [], "signed": signature([]), "kind": "multipart/form-data; boundary=x", "raw": b"--x--"},
        "text": {"form": [], "signed": signature([]), "kind": "text/plain", "raw": urlencode(form).encode()},
        "GET": {"form": form, "signed": good, "method": "GET"},
        "GET with a query": {
            "form": [], "signed": signature([], f"{PUBLIC_URL}/reply/sms?{urlencode(form)}"), "method": "GET",
            "query": urlencode(form),
        },
        "PUT": {"form": form, "signed": good, "method": "PUT"},
        "unsigned body behind a signed query": {
            "form": form, "signed": signature([], f"{PUBLIC_URL}/reply/sms?a=b"), "query": "a=b",
        },
        "not UTF-8": {"form": [], "signed": good, "raw": urlencode(form).encode() + b"&X=%ff"},
        "raw bytes": {"form": [], "signed": good, "raw": b"\xff\xfe\x00"},
        "too large": {"form": [], "signed": good, "raw": b"Body=" + b"x" * 70_000},
        "too many fields": {"form": [], "signed": good, "raw": b"&".join(b"a%d=1" % n for n in range(1000))},
    }  # fmt: skip


@pytest.mark.parametrize("name", forgeries("0000"))
def test_a_forged_webhook_is_refused_and_changes_nothing(bench: Bench, name: str) -> None:
    said, status = bench.post(**forgeries(bench.code)[name])
    assert status in {400, 403, 413, 415}
    assert "Acknowledged" not in said
    assert bench.documents() == bench.before


@pytest.mark.parametrize("name", ["no header", "wrong token", "tampered body", "another account", "a parameter twice",
                                  "split elsewhere", "odd parameter name", "other path"])  # fmt: skip
def test_who_did_not_prove_himself_learns_nothing(bench: Bench, name: str) -> None:
    assert bench.post(**forgeries(bench.code)[name]) == ("Forbidden", 403)


@pytest.mark.parametrize(
    "name", ["GET", "PUT", "JSON under the URL's signature", "multipart", "text", "no content type"]
)
def test_only_a_posted_form_is_looked_at(bench: Bench, name: str) -> None:
    assert bench.post(**forgeries(bench.code)[name])[1] == 415


def test_without_any_token_of_ours_nobody_gets_in(bench: Bench) -> None:
    bench.settings = from_environment({"TWILIO_ACCOUNT_SID": ACCOUNT, "PUBLIC_URL": PUBLIC_URL})
    form = text(f"ack {bench.code}")
    assert bench.post(form, signature(form, token=""))[1] == 403


BAD_SHAPES = [
    ("MessageSid", "SM1"), ("MessageSid", "../../x"), ("MessageSid", "SM" + "7" * 31 + "/"),
    ("CallSid", "SM" + "7" * 32),
    ("From", "+1555/0100101"), ("From", "x" * 40), ("To", "\n"), ("Digits", "x"), ("Digits", "4" * 30),
    ("MessageStatus", "DELIVERED!"), ("ErrorCode", "-1"), ("ErrorCode", "\u0661"), ("AnsweredBy", "Human"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD_SHAPES)
def test_a_signed_value_of_the_wrong_shape_is_refused(bench: Bench, name: str, value: str) -> None:
    form = [*((key, old) for key, old in text(f"ack {bench.code}") if key != name), (name, value)]
    assert bench.post(form, signature(form))[1] == 403
    assert bench.documents() == bench.before


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/sms", [("AccountSid", ACCOUNT)], 400),
        ("/voice", [("AccountSid", ACCOUNT)], 400),
        ("/status", [("AccountSid", ACCOUNT), ("MessageSid", "SM" + "7" * 32)], 400),
        ("/elsewhere", [("AccountSid", ACCOUNT)], 404),
        ("/", [("AccountSid", ACCOUNT)], 404),
        ("/voice", [("AccountSid", ACCOUNT), ("CallSid", "CA" + "7" * 32), ("Digits", "4")], 200),
        ("/status", [("AccountSid", ACCOUNT), ("MessageSid", "SM" + "7" * 32), ("MessageStatus", "sent")], 200),
    ],
)
def test_a_signed_webhook_about_nothing_changes_nothing(bench: Bench, path: str, form: Pairs, status: int) -> None:
    url = f"{PUBLIC_URL}/reply{path}?n=nobody"
    assert bench.post(form, signature(form, url), path=path, query="n=nobody")[1] == status
    assert bench.documents() == bench.before


@pytest.mark.parametrize("identity", ["", "a/b", "..", ".", "__x__", "x" * 3000, "%00", "%2F", "%ff", "ä"])
@pytest.mark.parametrize("path", ["/voice", "/status"])
def test_an_odd_notification_in_a_signed_url_is_not_a_crash(bench: Bench, path: str, identity: str) -> None:
    form = [("AccountSid", ACCOUNT), ("CallSid", "CA" + "7" * 32), ("CallStatus", "completed"), ("Digits", "4")]
    query = f"n={identity}".encode().decode("latin-1")
    said, status = bench.post(form, signature(form, f"{PUBLIC_URL}/reply{path}?{query}"), path=path, query=query)
    assert 200 <= status < 500, said
    assert bench.documents() == bench.before


@pytest.mark.parametrize("failure", [Unavailable("the store is down"), Uncertain("the answer was lost")])
def test_twilio_is_asked_to_come_again_when_nothing_is_sure(bench: Bench, failure: Exception) -> None:
    form = text("ack")

    def fail(_: reply.Webhook) -> str:
        raise failure

    asked = request(urlencode(form).encode(), path="/sms", kind=FORM, headers={"X-Twilio-Signature": signature(form)})
    said, status, headers = door.signed(asked, bench.settings, fail)
    assert (said, status) == ("Please send this again.", 503)
    assert headers["Content-Type"].startswith("text/plain")


# What Pub/Sub pushes and Cloud Tasks posts


def push(data: object) -> bytes:
    return json.dumps({"message": {"data": data, "messageId": "1"}, "subscription": "s"}).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


NO_PUSH = [
    b"", b"not json", b"null", b"[]", b"7", b'"x"', b"{}", b'{"message": null}', b'{"message": []}',
    b'{"message": "x"}', b'{"message": {"data": "%%%"}}', b'{"message": {"data": "YQ"}}', b'{"message": {"data": 7}}',
    b'{"message": {"data": "\\u00e9"}}', b'{"message": {"data": {"a": 1}}}', b"\xff\xfe", b"[" * 5000, b"NaN",
    b'{"message": {"data": "' + b"A" * (12 << 20) + b'"}}',
]  # fmt: skip


@pytest.mark.parametrize("body", NO_PUSH, ids=range(len(NO_PUSH)))
def test_what_is_no_push_is_given_up_at_once(body: bytes) -> None:
    """Anything but 2xx would come again, and slow every other event down."""
    said, status, _ = door.pushed(request(body), believed, lambda _: pytest.fail("it was handed on"))
    assert status == 200
    assert said.startswith("given up: ")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_a_push_is_handed_on_as_it_was_published(kind: str) -> None:
    posted = request(push(b64(b"\x00\xff data")), kind=kind)
    assert door.pushed(posted, believed, repr)[:2] == (repr(b"\x00\xff data"), 200)


NO_EVENT = [
    b"",
    b"{}",
    b"null",
    b"[]",
    b"not json",
    b"\xff",
    b'{"id": 7}',
    b'{"id": "e1"}',
    b"[" * 5000,
    b"x" * 300_000,
]


@pytest.mark.parametrize("data", NO_EVENT, ids=range(len(NO_EVENT)))
def test_what_is_no_event_is_put_aside_and_answered_200(bench: Bench, data: bytes) -> None:
    world = bench.night.world
    for _ in range(2):
        said, status, _ = door.pushed(
            request(push(b64(data))), believed, lambda raw: route.arrived(raw, world.store, world.queue, world.moment())
        )
        assert status == 200
        assert "quarantined" in said
    [(_, kept)] = world.store.query("quarantine", limit=10)
    assert kept["why"]
    assert {**bench.documents(), "quarantine": []} == bench.before


NO_TASK = [b"", b"{}", b"[]", b"null", b"not json", b'{"notification": 7}', b'{"notification": null}', b"\xff",
           b'{"incident": "i1"}', b'{"incident": "i1", "generation": "x", "level": 1}',
           b"x" * 70_000, b"[" * 5000]  # fmt: skip


@pytest.mark.parametrize("body", NO_TASK, ids=range(len(NO_TASK)))
def test_what_is_no_task_is_given_up_and_changes_nothing(bench: Bench, body: bytes) -> None:
    world = bench.night.world
    works = [
        lambda task: notify.due(task, world.store, world.queue, world.twilio, world.moment()),
        lambda task: escalate.escalate(escalate.Timer.of(task), world.store, world.queue, world.moment()),
    ]
    for work in works:
        said, status, _ = door.tasked(request(body), believed, work)
        assert status == 200
        assert said.startswith("given up: ")
    assert bench.documents() == bench.before


ODD_IDS = ["", "nobody", "a/b", "..", "__x__", "x" * 3000, "\x00", "ä"]


@pytest.mark.parametrize("identity", ODD_IDS, ids=range(len(ODD_IDS)))
def test_a_task_about_nothing_is_done_with(bench: Bench, identity: str) -> None:
    world = bench.night.world
    about_notification = json.dumps({"notification": identity}).encode()
    about_incident = json.dumps({"incident": identity, "generation": 1, "level": 1}).encode()
    answers = [
        door.tasked(request(about_notification), believed, lambda task: notify.due(
            task, world.store, world.queue, world.twilio, world.moment()
        )),
        door.tasked(request(about_incident), believed, lambda task: escalate.escalate(
            escalate.Timer.of(task), world.store, world.queue, world.moment()
        )),
    ]  # fmt: skip
    assert [status for _, status, _ in answers] == [200, 200]
    assert bench.documents() == bench.before


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (Unavailable("down"), 503),
        (Unavailable("busy", 7.0), 503),
        (Uncertain("lost"), 503),
        (Malformed("no", status=422), 200),
    ],
)
def test_only_what_may_be_done_later_is_asked_for_again(failure: Exception, status: int) -> None:
    def fail(*_: object) -> str:
        raise failure

    assert door.pushed(request(push(b64(b"x"))), believed, fail)[1] == status
    assert door.tasked(request(b"{}"), believed, fail)[1] == status
    assert door.swept(request(b""), believed, fail)[1] == status


MOMENT = Moment(UTC_NIGHT, load(TEAM), lambda: "0" * 32)
QUEUE = Queue(lambda: UTC_NIGHT)


@given(body=st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["message", "data", "notification", "x"]), inner),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
@settings(deadline=None)
def test_no_machine_is_ever_answered_with_an_error_of_its_own(body: bytes) -> None:
    store = EmbeddedStore(":memory:")
    for said, status, _ in (
        door.pushed(request(body), believed, lambda data: route.arrived(data, store, QUEUE, MOMENT)),
        door.tasked(request(body), believed, lambda task: str(task.get("x"))),
    ):
        assert status == 200, said
    store.close()


def test_below_gives_the_path_wherever_the_function_lives() -> None:
    assert [door.below(path, "reply") for path in ("/reply/sms", "/sms", "//sms", "/reply", "/replying/x", "/")] == [
        "sms", "sms", "sms", "", "replying/x", "",
    ]  # fmt: skip

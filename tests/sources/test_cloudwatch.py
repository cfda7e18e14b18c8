"""Posts messages of SNS through the whole intake: signed by it, forged, replayed, and pointing somewhere else.

A server on this machine stands where SNS's own hosts are; it holds the certificate, and counts who asks for what.
"""

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter

from infra.cli.configfile import load
from tocsin.clients.sns import LIMIT, Sns
from tocsin.current import Current
from tocsin.domain.alert import Event
from tocsin.errors import Forbidden, Unavailable
from tocsin.ingest import Answer, Incoming, ingest
from tocsin.intake import Intake
from tocsin.records import from_json, to_json

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOST = "https://sns.eu-west-2.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-010a507c1833636cd94bdb98bd93083a.pem"
TOPIC = "arn:aws:sns:eu-west-2:123456789012:shop"
TEAM = """
users: {{one: {{name: One, phone: "+15550100101", notify: {{high: [sms, voice after 2m], low: [sms]}}}}}}
policies: {{shop: {{levels: [{{notify: [user one], delay: 5m}}]}}}}
catch_all: {{users: [one], every: 30m}}
services:
  shop:
    name: Shop
    policy: shop
    integrations: {{amazon: {{source: cloudwatch, key: the-key-of-cloudwatch, options: {{{options}}}}}}}
"""
ALARM = {
    "AlarmName": "web-1-cpu",
    "NewStateValue": "ALARM",
    "AlarmArn": "arn:aws:cloudwatch:eu-west-2:123456789012:alarm:web-1-cpu",
}


def certified(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=365))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


KEY, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
CERTIFIED = certified(KEY)


class Amazon(ThreadingHTTPServer):
    """What SNS's hosts answer: a certificate, a confirmation, or whatever a test puts in their place."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: list[str] = []
        self.answers: dict[str, tuple[int, bytes]] = {}


class Asked(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        amazon = self.server
        assert isinstance(amazon, Amazon)
        amazon.asked.append(self.path)
        fallback = (200, CERTIFIED if self.path.endswith(".pem") else b"<ConfirmSubscriptionResponse/>")
        status, body = amazon.answers.get(self.path, fallback)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "https://elsewhere.example/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Rerouted(HTTPAdapter):
    """Leads what is sent to any host to the server on this machine, as a network would."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def send(self, request: requests.PreparedRequest, *rest: Any, **options: Any) -> requests.Response:
        request.url = f"http://127.0.0.1:{self._port}{request.path_url}"
        return super().send(request, *rest, **options)


class Process:
    """The accept path of one process."""

    def __init__(self, amazon: Amazon, folder: Path, options: str = "") -> None:
        file = folder / "team.yaml"
        file.write_text(TEAM.format(options=options))
        config = to_json(load(file)).decode()
        self._current = Current(lambda _: {"version": 1, "body": config})
        session = requests.Session()
        session.mount("https://", Rerouted(amazon.server_port))
        self.sns = Sns(session)
        self.published: list[Event] = []
        self._ids = itertools.count(1)

    async def publish(self, bodies: Sequence[bytes], urgent: Sequence[bytes] = ()) -> None:
        self.published += [from_json(Event, body) for body in (*urgent, *bodies)]

    def publish_now(self, *bodies: bytes, urgent: bool = True) -> None:
        del urgent
        raise AssertionError(bodies)

    def post(self, message: Any, source: str = "cloudwatch") -> Answer:
        raw = message if isinstance(message, bytes) else json.dumps(message).encode()

        async def chunks() -> AsyncIterator[bytes]:
            yield raw

        incoming = Incoming("POST", f"{source}/the-key-of-cloudwatch", {"content-type": "text/plain"}, chunks())

        def no_store() -> Any:
            raise AssertionError("nothing was to be kept aside")

        intake = Intake(self, no_store)
        return asyncio.run(
            ingest(incoming, intake, self._current, NOW, lambda: f"{next(self._ids):032x}", lambda: self.sns)
        )


@pytest.fixture
def amazon() -> Iterator[Amazon]:
    server = Amazon()
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def intake(amazon: Amazon, tmp_path: Path) -> Process:
    return Process(amazon, tmp_path)


def notification(**fields: Any) -> dict[str, Any]:
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": 'ALARM: "web-1-cpu" in EU (London)',
        "Message": json.dumps(ALARM),
        "Timestamp": "2026-01-01T00:00:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe&SubscriptionArn={TOPIC}:1",
    } | fields


def subscription(**fields: Any) -> dict[str, Any]:
    confirm = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37fb"
    message = {"Type": "SubscriptionConfirmation", "Token": "2336412f37fb", "SubscribeURL": confirm}
    return {name: value for name, value in notification(**message).items() if name != "Subject"} | fields


def signed(message: dict[str, Any], key: rsa.RSAPrivateKey = KEY) -> dict[str, Any]:
    """Sign as Amazon's documentation says: names and values on lines of their own, in the order of the alphabet."""
    both = {"Message", "MessageId", "Timestamp", "TopicArn", "Type"}
    covered = both | ({"Subject"} if message["Type"] == "Notification" else {"SubscribeURL", "Token"})
    text = "".join(f"{name}\n{message[name]}\n" for name in sorted(covered & message.keys()))
    algorithm = hashes.SHA1() if message["SignatureVersion"] == "1" else hashes.SHA256()  # noqa: S303
    proof = key.sign(text.encode(), padding.PKCS1v15(), algorithm)
    return {**message, "Signature": base64.b64encode(proof).decode()}


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_signed_alarm_is_published_and_its_certificate_fetched_once(
    amazon: Amazon, intake: Process, version: str
) -> None:
    for number in range(3):
        assert intake.post(signed(notification(SignatureVersion=version, MessageId=f"m{number}"))).status == 202
    assert [event.alert.title for event in intake.published] == ["web-1-cpu"] * 3
    assert amazon.asked == [CERTIFICATE.removeprefix(HOST)]


@pytest.mark.parametrize("absent", ["without", "null"])
def test_a_message_without_a_subject_is_signed_without_one(intake: Process, absent: str) -> None:
    message = {name: value for name, value in notification().items() if name != "Subject"}
    proven = signed(message)
    assert intake.post(proven if absent == "without" else {**proven, "Subject": None}).status == 202


def test_the_signature_covers_the_bytes_that_were_sent(intake: Process) -> None:
    message = signed(notification(Message="a control character \x01 and an é", Subject="odd"))
    assert intake.post(message).status == 202
    assert intake.post(b"\xef\xbb\xbf" + json.dumps(message, ensure_ascii=False).encode()).status == 202


FORGED = {
    "another message": {"Message": json.dumps({**ALARM, "NewStateValue": "OK"})},
    "another topic": {"TopicArn": TOPIC + "2"},
    "another id": {"MessageId": "m2"},
    "another time": {"Timestamp": "2026-01-02T00:00:00.000Z"},
    "another subject": {"Subject": "OK"},
    "no subject": {"Subject": None},
    "another type": {"Type": "UnsubscribeConfirmation"},
    "no signature": {"Signature": None},
    "an empty signature": {"Signature": ""},
    "no base64": {"Signature": "EXAMPLE!"},
    "a number": {"Signature": 7},
    "another algorithm": {"SignatureVersion": "1"},
    "an unknown algorithm": {"SignatureVersion": "3"},
    "no algorithm": {"SignatureVersion": None},
    "a list for an algorithm": {"SignatureVersion": ["2"]},
    "no certificate": {"SigningCertURL": None},
}


@pytest.mark.parametrize("changed", FORGED.values(), ids=FORGED)
def test_a_changed_message_is_forbidden(intake: Process, changed: dict[str, Any]) -> None:
    assert intake.post({**signed(notification()), **changed}).status == 403
    assert intake.published == []


def test_somebody_elses_signature_is_forbidden(intake: Process) -> None:
    assert intake.post(signed(notification(), OTHER)).status == 403
    assert intake.published == []


HOSTILE = [
    "http://sns.eu-west-2.amazonaws.com/x.pem",
    "https://sns.eu-west-2.amazonaws.com.evil.example/x.pem",
    "https://evil.example/x.pem",
    "https://evil.example/sns.eu-west-2.amazonaws.com/x.pem",
    "https://sns.eu-west-2.amazonaws.com@evil.example/x.pem",
    "https://user:pass@sns.eu-west-2.amazonaws.com/x.pem",
    "https://sns.eu-west-2.amazonaws.com:8443/x.pem",
    "https://sns.eu-west-2.amazonaws.com\\@evil.example/x.pem",
    "https://evil.example\\.sns.eu-west-2.amazonaws.com/x.pem",
    "https://evil.example#.sns.eu-west-2.amazonaws.com/x.pem",
    "https://evil.example?.sns.eu-west-2.amazonaws.com/x.pem",
    "https://evil.example/?sns.eu-west-2.amazonaws.com/x.pem",
    "https://sns.s3.amazonaws.com/x.pem",
    "https://sns.s3-eu-west-2.amazonaws.com/x.pem",
    "https://sns.s3.eu-west-2.amazonaws.com/x.pem",
    "https://s3.eu-west-2.amazonaws.com/sns/x.pem",
    "https://xsns.eu-west-2.amazonaws.com/x.pem",
    "https://sns.evil.eu-west-2.amazonaws.com/x.pem",
    "https://sns..amazonaws.com/x.pem",
    "https://sns.amazonaws.com/x.pem",
    "https://sns.eu-west-2.amazonaws.com.cn.evil.example/x.pem",
    "https://sns.eu-west-2.amazonaws.org/x.pem",
    "https://sns.eu-west-2.amazonaws.com/x.pem?Action=Publish",
    "https://sns.eu-west-2.amazonaws.com/?x.pem",
    "https://sns.eu-west-2.amazonaws.com/x.pem#y",
    "https://sns.eu-west-2.amazonaws.com/x.pem/y",
    "https://sns.eu-west-2.amazonaws.com/x.PEM",
    "https://sns.eu-west-2.amazonaws.com/.pem",
    "https://sns.eu-west-2.amazonaws.com/../x.pem",
    "https://sns.eu-west-2.amazonaws.com/%2e%2e/x.pem",
    "https://sns.eu-west-2.amazonaws.com/x.pem\n",
    " https://sns.eu-west-2.amazonaws.com/x.pem",
    "https://sns.eu-west-2.amazonaws.com/x.pem\r\nHost: evil.example",
    "https://sns.eu-west-2.amazonaws.com\u3002evil.example/x.pem",
    "https://sns.eu-west-2.amazonaws.com\uff0fevil.example/x.pem",
    "https://127.0.0.1/x.pem",
    "https://[::1]/x.pem",
    "https://169.254.169.254/x.pem",
    "https://metadata.google.internal/x.pem",
    "HTTPS://sns.eu-west-2.amazonaws.com/x.pem",
    "file:///etc/x.pem",
    "//sns.eu-west-2.amazonaws.com/x.pem",
    "",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_nothing_is_fetched_but_a_certificate_of_sns(amazon: Amazon, intake: Process, url: str) -> None:
    assert intake.post(signed(notification(SigningCertURL=url))).status == 403
    assert amazon.asked == []
    assert intake.published == []


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1", "ap-southeast-4", "cn-north-1", "me-central-1"])
def test_every_region_has_certificates(intake: Process, region: str) -> None:
    host = f"https://sns.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
    assert intake.post(signed(notification(SigningCertURL=f"{host}/SimpleNotificationService-0.pem"))).status == 202


def test_a_subscription_is_confirmed_once_it_has_proved_to_be_sns_own(amazon: Amazon, intake: Process) -> None:
    message = signed(subscription())
    answer = intake.post(message)
    assert (answer.status, answer.body["dedup_keys"]) == (202, [])
    assert amazon.asked == [CERTIFICATE.removeprefix(HOST), message["SubscribeURL"].removeprefix(HOST)]
    assert intake.published == []


CONFIRMATIONS = [
    *(url.replace("x.pem", "?Action=ConfirmSubscription&TopicArn=" + TOPIC) for url in HOSTILE[:20]),
    f"{HOST}/?Action=Publish&TopicArn={TOPIC}",
    f"{HOST}/?Action=ConfirmSubscription&Action=Publish&TopicArn={TOPIC}",
    f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}2",
    f"{HOST}/?Action=ConfirmSubscription",
    f"{HOST}/",
    CERTIFICATE,
]


@pytest.mark.parametrize("url", CONFIRMATIONS)
def test_nothing_is_confirmed_anywhere_else_even_if_it_is_signed(amazon: Amazon, intake: Process, url: str) -> None:
    assert intake.post(signed(subscription(SubscribeURL=url))).status == 403
    assert [path for path in amazon.asked if not path.endswith(".pem")] == []


def test_a_forged_subscription_is_not_confirmed(amazon: Amazon, intake: Process) -> None:
    assert intake.post(signed(subscription(), OTHER)).status == 403
    assert amazon.asked == [CERTIFICATE.removeprefix(HOST)]


def test_a_removed_subscription_is_not_confirmed_but_told(amazon: Amazon, intake: Process) -> None:
    assert intake.post(signed(subscription(Type="UnsubscribeConfirmation"))).status == 202
    assert "No longer subscribed" in intake.published[0].alert.title
    assert amazon.asked == [CERTIFICATE.removeprefix(HOST)]


def test_a_message_that_is_sent_again_or_replayed_has_the_ids_it_had(intake: Process) -> None:
    message = signed(notification())
    for _ in range(3):
        assert intake.post(message).status == 202
    intake.post(signed(notification(MessageId="another")))
    identities = [event.id for event in intake.published]
    assert len(set(identities[:3])) == 1
    assert identities[3] not in identities[:3]


def test_only_the_topics_in_the_options_are_taken_and_only_signed(amazon: Amazon, tmp_path: Path) -> None:
    intake = Process(amazon, tmp_path, f'topic: "{TOPIC}, {TOPIC}-2"')
    assert intake.post(signed(notification())).status == 202
    assert intake.post(signed(notification(TopicArn=f"{TOPIC}-2"))).status == 202
    assert intake.post(signed(notification(TopicArn=f"{TOPIC}-3"))).status == 403
    assert intake.post(signed(subscription(TopicArn=f"{TOPIC}-3"))).status == 403
    assert intake.post(ALARM).status == 403
    assert len(intake.published) == 2


def test_the_key_of_a_sender_who_is_checked_opens_no_door_where_nobody_checks(amazon: Amazon, tmp_path: Path) -> None:
    checked = Process(amazon, tmp_path, f'topic: "{TOPIC}"')
    refused = checked.post(ALARM, "generic")
    assert (refused.status, checked.published) == (403, [])
    assert "post to /ingest/cloudwatch/" in str(refused.body["message"])
    assert Process(amazon, tmp_path).post(ALARM, "generic").status == 202


def test_without_a_topic_whoever_has_the_key_may_send_an_alarm_bare(intake: Process) -> None:
    assert intake.post(ALARM).status == 202


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (404, b"", 403),
        (403, b"", 403),
        (301, b"", 503),
        (429, b"", 503),
        (500, b"", 503),
        (200, b"", 403),
        (200, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 403),
        (200, CERTIFIED + b"x" * LIMIT, 403),
        (200, certified(ec.generate_private_key(ec.SECP256R1())), 403),
    ],
)
def test_without_a_certificate_nothing_is_believed(
    amazon: Amazon, intake: Process, status: int, body: bytes, answer: int
) -> None:
    path = CERTIFICATE.removeprefix(HOST)
    amazon.answers[path] = (status, body)
    assert intake.post(signed(notification())).status == answer
    assert (intake.published, amazon.asked) == ([], [path])


def test_what_could_not_be_asked_is_asked_again(amazon: Amazon, intake: Process) -> None:
    amazon.answers[CERTIFICATE.removeprefix(HOST)] = (500, b"")
    assert intake.post(signed(notification())).status == 503
    amazon.answers.clear()
    assert intake.post(signed(notification())).status == 202


def test_a_closed_port_is_unavailable() -> None:
    session = requests.Session()
    session.mount("https://", Rerouted(1))
    with pytest.raises(Unavailable, match="could not be asked"):
        Sns(session).get(CERTIFICATE)


def test_the_client_itself_asks_nobody_else() -> None:
    session = requests.Session()
    session.mount("http", Rerouted(1))
    for url in HOSTILE[:22]:
        with pytest.raises(Forbidden):
            Sns(session).get(url)

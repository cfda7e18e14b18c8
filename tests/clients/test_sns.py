"""Whatever a message names, nobody but SNS itself is asked: sixty ways to name somebody else connect to nobody."""

import io
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from tocsin.clients.sns import LIMIT, Sns
from tocsin.errors import Forbidden, Unavailable

GOOD = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem"

PLACES = [
    "127.0.0.1", "127.1", "0177.1", "0x7f.1", "2130706433", "0x7f000001", "017700000001", "0", "000.0.0.0", "localhost",
    "localhost.localdomain", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]", "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::169.254.169.254]", "[fe80::1]",
    "[fc00::1]", "[ff02::1]", "metadata.google.internal", "metadata.google.internal.", "METADATA.GOOGLE.INTERNAL",
    "metadata", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1",
    "127.0.0.1.nip.io", "169.254.169.254.nip.io", "a9fea9fe.nip.io", "sns.eu-west-1.amazonaws.com.nip.io",
    "sns.eu-west-1.amazonaws.com.", "sns.eu-west-1.amazonaws.com.evil.example", "evil.example",
    "xn--snsevil-9ua.example",
    "sns.eu-west-1.amazonaws.com@127.0.0.1", "127.0.0.1@sns.eu-west-1.amazonaws.com", "u:p@sns.eu-west-1.amazonaws.com",
    "sns.eu-west-1.amazonaws.com:22", "sns.eu-west-1.amazonaws.com:443", "sns.eu-west-1.amazonaws.com\\@127.0.0.1",
    "sns.eu-west-1.amazonaws.com%00.evil.example", "sns.eu-west-1.amazonaws.com%2eevil.example",
    "sns.eu-west-1.amazonaws.com\t.evil.example", "sns.eu-west-1.amazonaws.com\n", "sns.eu-west-1.amazonaws.com#@x",
    "sns.eu-west-1.amazonaws.com?@x", "sns.eu-west-1.amazonaws.com;@x", "sns\u3002eu-west-1.amazonaws.com",
    "\uff53ns.eu-west-1.amazonaws.com", "sns.s3.amazonaws.com", "sns.s3-eu-west-1.amazonaws.com", "sns.amazonaws.com",
    "sns.eu-west-1.s3.amazonaws.com", "sns.x.eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.co", "",
]  # fmt: skip
SCHEMES = ["http", "ftp", "file", "gopher", "HTTPS", "https:", " https", "javascript", "data", "ws"]


class Listening(BaseAdapter):
    """Stands where the network is, and answers whatever is asked with one answer."""

    def __init__(self, status: int = 200, body: bytes = b"a certificate", to: str = "") -> None:
        super().__init__()
        self.status, self.body, self.to = status, body, to
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self.asked.append(str(request.url))
        answer = requests.Response()
        answer.status_code, answer.request = self.status, request
        answer.headers.update({"Location": self.to} if self.to else {})
        answer.raw = io.BytesIO(self.body)
        return answer

    def close(self) -> None:
        """Hold nothing."""


def asking(network: Listening) -> Sns:
    session = requests.Session()
    for scheme in ("https://", "http://", "ftp://", "file://"):
        session.mount(scheme, network)
    return Sns(session)


def test_there_are_sixty_ways() -> None:
    assert len(set(PLACES)) >= 60


@pytest.mark.parametrize("place", PLACES)
def test_no_other_place_is_ever_asked(place: str) -> None:
    network = Listening()
    for url in (f"https://{place}/x.pem", f"https://{place}/", f"https://{place}"):
        with pytest.raises(Forbidden, match="at SNS's own hosts only"):
            asking(network).get(url)
    assert network.asked == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nothing_is_asked_in_clear_or_in_another_way(scheme: str) -> None:
    network = Listening()
    with pytest.raises(Forbidden):
        asking(network).get(GOOD.replace("https", scheme, 1))
    assert network.asked == []


@pytest.mark.parametrize("to", ["http://169.254.169.254/computeMetadata/v1/", "https://evil.example/x.pem", GOOD + "2"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_led_elsewhere(status: int, to: str) -> None:
    network = Listening(status, to=to)
    with pytest.raises(Unavailable, match=str(status)):
        asking(network).get(GOOD)
    assert network.asked == [GOOD]


def test_what_never_ends_is_given_up() -> None:
    with pytest.raises(Forbidden, match="more than"):
        asking(Listening(body=b"x" * (LIMIT + 1))).get(GOOD)
    assert asking(Listening(body=b"x" * LIMIT)).get(GOOD) == b"x" * LIMIT


def test_what_was_read_once_is_not_asked_for_again() -> None:
    network = Listening()
    sns = asking(network)
    assert {sns.get(GOOD) for _ in range(100)} == {b"a certificate"}
    assert network.asked == [GOOD]

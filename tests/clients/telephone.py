"""A Twilio account without a socket: the real client, the phones at the other end, and every request noted."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from twilio.http.response import Response

from infra.local.phones.faults import Fault, Kind
from infra.local.phones.network import Network
from tests.stories.cloud import Wire
from tests.stories.world import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, UTC_NIGHT
from tocsin.clients.twilio import Twilio


@dataclass(frozen=True)
class Asked:
    """One request of the library: names may repeat."""

    method: str
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]


class NotingWire(Wire):
    """Keeps what was asked before it is answered."""

    def __init__(self, telephone: "Telephone") -> None:
        super().__init__(telephone.network, lambda: telephone.now)
        self.asked: list[Asked] = []

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        named = dict(zip(("params", "data"), args, strict=False)) | kwargs
        parts = urlsplit(url)
        query = parse_qsl(parts.query) + flat(named.get("params"))
        self.asked.append(Asked(method.upper(), parts.path, query, flat(named.get("data"))))
        return super().request(method, url, *args, **kwargs)


def flat(named: dict[str, Any] | None) -> list[tuple[str, str]]:
    listed = [(name, value if isinstance(value, list) else [value]) for name, value in (named or {}).items()]
    return [(name, str(one)) for name, values in listed for one in values]


class Telephone:
    """The account, its phones and its clock."""

    def __init__(self, token: str = TOKEN) -> None:
        numbers = count(1)
        self.now: datetime = UTC_NIGHT
        self.network = Network(ACCOUNT, TOKEN, NUMBER, "", ids=lambda: f"{next(numbers):032x}")
        self.wire = NotingWire(self)
        self.twilio = Twilio(ACCOUNT, token, NUMBER, PUBLIC_URL, self.wire)

    def breaks(self, kind: Kind, **details: Any) -> None:
        """Order trouble."""
        self.network.order(Fault(kind, **details))

    def settle(self) -> None:
        """Let everything arrive that is on its way."""
        while following := self.network.next_due():
            self.now = max(self.now, following)
            self.network.due(self.now)

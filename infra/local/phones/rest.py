"""Twilio's REST API over texts and calls: who asks, which resource, which of them, and in pages."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from infra.local.phones.calls import Call, resource
from infra.local.phones.exchange import API_VERSION
from infra.local.phones.lines import Lines
from infra.local.phones.messages import Message, Texts
from infra.local.phones.webhooks import DIGITS
from infra.local.phones.wire import Answer, Refused

PATH = re.compile(rf"/{API_VERSION}/Accounts/(?P<account>\w+)/(?P<kind>Messages|Calls)(?:/(?P<sid>\w+))?\.json")
PAGE, LARGEST_PAGE = 50, 1000
CREDIT = "100.00"  # nothing is ever taken from it
DAY = "YYYY-MM-DD"
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """One REST call; `form` and `query` keep repeated names."""

    method: str
    path: str
    query: Pairs
    form: Pairs
    authorization: str | None


def answer(request: Request, texts: Texts, lines: Lines, now: datetime) -> Answer:
    """Answer a REST call; raises Refused with Twilio's error body."""
    account = texts.exchange.account
    if not is_authorized(request.authorization, account.sid, account.token):
        raise Refused(20003)
    if request.method == "GET" and request.path == f"/{API_VERSION}/Accounts/{account.sid}/Balance.json":
        return Answer(200, {"account_sid": account.sid, "balance": CREDIT, "currency": "USD"})
    found = PATH.fullmatch(request.path)
    if not found or found["account"] != account.sid:
        raise Refused(20404, request.path)
    if request.method == "POST" and found["sid"] is None:
        return create(request, found["kind"], texts, lines, now)
    if request.method != "GET":
        raise Refused(20004, request.method)
    rows = messages(texts) if found["kind"] == "Messages" else called(lines)
    if found["sid"] is None:
        return rows.listing(request)
    return rows.fetch(found["sid"], request.path)


def create(request: Request, kind: str, texts: Texts, lines: Lines, now: datetime) -> Answer:
    """Make a text or a call."""
    form = dict(request.form)
    for name in ("StatusCallbackMethod", "Method"):
        if form.get(name, "POST") != "POST":
            raise Refused(20001, f"{name} is {form[name]}, and these phones only POST")
    if kind == "Messages":
        return texts.create(form, now)
    return lines.create(form, [value for name, value in request.form if name == "StatusCallbackEvent"], now)


def is_authorized(header: str | None, sid: str, token: str) -> bool:
    """Check HTTP Basic authentication against the account."""
    scheme, _, encoded = (header or "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(given, f"{sid}:{token}".encode())


@dataclass(frozen=True)
class Row:
    """A resource, and what it can be filtered by."""

    sid: str
    equal: Mapping[str, str]
    times: Mapping[str, datetime | None]
    resource: Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Rows:
    """All resources of a kind, newest first."""

    name: str
    rows: Sequence[Row]

    def fetch(self, sid: str, path: str) -> Answer:
        """Give one; raises Refused for a SID that is not there."""
        for row in self.rows:
            if row.sid == sid:
                return Answer(200, row.resource())
        raise Refused(20404, path)

    def listing(self, request: Request) -> Answer:
        """Give one page of those that pass the filters; a token names the neighbour, so that new rows shift nothing."""
        query = dict(request.query)
        size = bounded(query.pop("PageSize", ""), PAGE, 1, LARGEST_PAGE)
        page, token = bounded(query.pop("Page", ""), 0, 0, LARGEST_PAGE), query.pop("PageToken", "")
        rows = [row for row in self.rows if all(passes(row, name, value) for name, value in query.items())]
        begin = start(rows, token, page, size)
        shown = rows[begin : begin + size]

        def uri(number: int, mark: str) -> str:
            tail = {"PageSize": size, "Page": number} | ({"PageToken": mark} if mark else {})
            return f"{request.path}?{urlencode({**query, **tail})}"

        return Answer(200, {
            "first_page_uri": uri(0, ""),
            "next_page_uri": uri(page + 1, f"PA{shown[-1].sid}") if begin + size < len(rows) else None,
            "previous_page_uri": uri(page - 1, f"PB{shown[0].sid}") if page and shown else None,
            "uri": uri(page, token),
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": max(0, page * size + len(shown) - 1),
            self.name: [row.resource() for row in shown],
        })  # fmt: skip


def messages(texts: Texts) -> Rows:
    """Give the texts, newest first."""

    def row(message: Message) -> Row:
        equal = {"To": message.to, "From": message.sender}
        return Row(message.sid, equal, {"DateSent": message.sent_at}, lambda: texts.resource(message))

    return Rows("messages", [row(message) for message in reversed(texts.messages.values())])


def called(lines: Lines) -> Rows:
    """Give the calls, newest first."""

    def row(call: Call) -> Row:
        equal = {"To": call.to, "From": call.sender, "Status": call.status, "ParentCallSid": ""}
        times = {"StartTime": call.started_at, "EndTime": call.ended_at}
        return Row(call.sid, equal, times, lambda: resource(call, lines.exchange.account.sid))

    return Rows("calls", [row(call) for call in reversed(lines.calls.values())])


def passes(row: Row, name: str, value: str) -> bool:
    """Hold one filter against a row: a bare time name is that day, `<` and `>` include their bound."""
    if name in row.equal:
        return row.equal[name] == value
    bare = name.rstrip("<>")
    if bare not in row.times:
        return True
    at = row.times[bare]
    if at is None:
        return False
    if name == bare or len(value) == len(DAY):
        day, limit = at.astimezone(UTC).date(), instant(value).date()
        return compared(name, day.toordinal(), limit.toordinal())
    return compared(name, at.timestamp(), instant(value).timestamp())


def compared(name: str, value: float, bound: float) -> bool:
    """Compare as the last character of the filter's name says; the bound is included."""
    if name.endswith("<"):
        return value <= bound
    return value >= bound if name.endswith(">") else value == bound


def instant(value: str) -> datetime:
    """Read `YYYY-MM-DD` or a longer ISO 8601 time, UTC unless it says otherwise; raises Refused."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise Refused(20001, f"{value} is not a date") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def start(rows: Sequence[Row], token: str, page: int, size: int) -> int:
    """Give where a page begins: after `PA`'s row, a page before `PB`'s, or by number."""
    places = {row.sid: place for place, row in enumerate(rows)}
    neighbour = places.get(token[2:])
    if neighbour is None:
        return page * size
    return neighbour + 1 if token.startswith("PA") else max(0, neighbour - size)


def bounded(text: str, otherwise: int, least: int, most: int) -> int:
    """Read a number of the query and keep it in bounds; raises Refused."""
    if text and not DIGITS.fullmatch(text):
        raise Refused(20001, f"{text} is not a number")
    return min(max(int(text or otherwise), least), most)

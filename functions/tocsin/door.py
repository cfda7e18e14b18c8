"""Turns requests into values and failures into answers, by who asked: a monitoring tool, Pub/Sub, Cloud Tasks, Twilio.

Pub/Sub and Cloud Tasks repeat whatever is not answered 2xx, so giving up is 200 for them and asking again is 503.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from tocsin import body, log, received, trace
from tocsin.errors import Forbidden, Malformed, Unavailable
from tocsin.records import to_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    import flask
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from tocsin.denials import Denials
    from tocsin.feed import Calendar
    from tocsin.ingest import Answer, Incoming
    from tocsin.reply import Webhook
    from tocsin.settings import Settings

    Verb = Callable[[Request], Awaitable[ASGIApp]]

Plain = tuple[str, int, dict[str, str]]
Check = Callable[[str | None], None]
"""Raises Forbidden unless an Authorization header comes from whom it must."""
Refused = Callable[[str], None]
"""Counts a refusal at a door, for the audit, and never fails."""

_PUSH_LIMIT = 11 << 20
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}
_TWIML = {"Content-Type": "text/xml; charset=utf-8"}
_REFUSED = "a webhook that is not Twilio's"
_NOT_OURS = "a call that is not from our own cloud"
_NO_CALENDAR = "a calendar URL that opens nothing"


def asynchronous(verb: Verb) -> Verb:
    """Let the framework serve a function in its ASGI mode; processes of the others do not even import that."""
    if os.environ.get("FUNCTION_TARGET", verb.__name__) != verb.__name__:
        return verb
    import functions_framework.aio

    # What it gives back only calls the verb: all that is wanted is that it is known there.
    functions_framework.aio.http(cast("Any", verb))
    return verb


def incoming(request: Request, function: str) -> Incoming:
    """Give what a monitoring tool posts; behind one shared host the function's name leads the path and is dropped."""
    from tocsin.ingest import Incoming

    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}
    trace.begin(headers)
    path, query = below(request.scope["path"], function), request.scope["query_string"]
    return Incoming(request.method, path, headers, _chunks(request), query)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    # Not request.stream(): that is a second generator around the same three lines, for every request.
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Malformed("The sender hung up before its body was complete.")
        yield message.get("body", b"")
        more = message.get("more_body", False)


def below(path: str, function: str) -> str:
    """Give the path below the function's own address, whichever host carries it."""
    trimmed = path.lstrip("/")
    return trimmed.removeprefix(function).lstrip("/") if trimmed.split("/")[0] == function else trimmed


def answered(answer: Answer) -> ASGIApp:
    """Give the answer to a monitoring tool, as the framework sends it: a response object would be taken apart again."""
    content = to_json(answer.body)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
    if answer.retry_after:
        headers.append((b"retry-after", b"%d" % answer.retry_after))

    async def respond(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return respond


def pushed(request: flask.Request, check: Check, work: Callable[[bytes], str], refused: Refused | None = None) -> Plain:
    """Hand on the data of a Pub/Sub push; what is no push is answered 200, since it would never become one."""

    def unpack() -> str:
        message = _json(request, _PUSH_LIMIT).get("message")
        if not isinstance(message, dict):
            raise Malformed("This is no Pub/Sub push: it has no message.")
        try:
            data = base64.b64decode(str(message.get("data", "")), validate=True)
        except (binascii.Error, ValueError) as error:
            raise Malformed("The push's data is not base64.") from error
        return work(data)

    return _machine(request, check, unpack, refused)


def tasked(
    request: flask.Request, check: Check, work: Callable[[dict[str, Any]], str], refused: Refused | None = None
) -> Plain:
    """Hand on the body of a task."""
    return _machine(request, check, lambda: work(_json(request, received.LIMIT)), refused)


def _machine(request: flask.Request, check: Check, work: Callable[[], str], refused: Refused | None) -> Plain:
    trace.begin(request.headers)
    try:
        check(request.headers.get("Authorization"))
        return work(), 200, _TEXT
    except Forbidden as error:
        received.drop(request)
        log.event(f"refused: {error}", "WARNING")
        if refused:
            refused(_NOT_OURS)
        return "Forbidden", 403, _TEXT
    except Unavailable as error:
        received.drop(request)
        log.event(f"asked to come again: {error}", "WARNING")
        return str(error), 503, _TEXT
    except Malformed as error:
        log.event(f"given up: {error}", "ERROR")
        return f"given up: {error}", 200, _TEXT


def _json(request: flask.Request, limit: int) -> dict[str, Any]:
    raw = received.read(request, limit)
    value = body.read(raw, "application/json", "", limit)
    if not isinstance(value, dict):
        raise Malformed("The body is no JSON object.")
    return value


def signed(
    request: flask.Request, settings: Settings, work: Callable[[Webhook], str], denials: Denials | None = None
) -> Plain:
    """Hand on a Twilio webhook that proved where it comes from; the answer is TwiML or text."""
    from tocsin.reply import Webhook

    trace.begin(request.headers)
    try:
        path = below(request.path, "reply")
        form = received.authentic(request, path, settings)
        named = dict(parse_qsl(request.query_string.decode("latin-1")))
        said = work(Webhook(path, form, named.get("n", ""), settings.public_url))
    except Malformed as error:
        return str(error), error.status, _TEXT
    except Forbidden as error:
        log.event(f"refused: {error}", "WARNING", path=request.path)
        if denials:
            denials.refused("reply", _REFUSED)
        return "Forbidden", 403, _TEXT
    except Unavailable as error:
        log.event(f"Twilio is asked to come again: {error}", "ERROR")
        return "Please send this again.", 503, _TEXT
    return said, 200, _TWIML if said.startswith("<?xml") else _TEXT


def swept(request: flask.Request, check: Check, work: Callable[[], object], refused: Refused | None = None) -> Plain:
    """Give what a sweep did."""
    received.drop(request)
    return _machine(request, check, lambda: str(work()), refused)


def fetched(
    request: flask.Request, function: str, work: Callable[[str], Calendar], denials: Denials | None = None
) -> Plain:
    """Give a calendar to whoever knows its URL, or only that it is still the one he has."""
    trace.begin(request.headers)
    received.drop(request)
    if request.method not in {"GET", "HEAD"}:
        return "A calendar is read with GET.", 405, {**_TEXT, "Allow": "GET, HEAD"}
    try:
        made = work(below(request.path, function))
    except Forbidden as error:
        # Without the path in the log: it may hold a key, with one character too many.
        log.event(f"refused: {error}", "WARNING")
        if denials:
            denials.refused(function, _NO_CALENDAR)
        return "There is no such calendar.", 404, _TEXT
    except Unavailable as error:
        log.event(f"no calendar: {error}", "ERROR")
        return "Please ask again.", 503, {**_TEXT, "Retry-After": "60"}
    headers = {"ETag": made.tag, "Cache-Control": "private, no-cache"}
    if request.if_none_match.contains_weak(made.tag.strip('"')):
        return "", 304, headers
    return made.text, 200, {**headers, "Content-Type": "text/calendar; charset=utf-8"}

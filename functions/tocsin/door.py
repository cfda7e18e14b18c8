"""Turns requests into values and failures into answers, by who asked: a monitoring tool, Pub/Sub, Cloud Tasks, Twilio.

Pub/Sub and Cloud Tasks repeat whatever is not answered 2xx, so giving up is 200 for them and asking again is 503.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from werkzeug.exceptions import ClientDisconnected

from tocsin import body, log, trace
from tocsin.errors import Forbidden, Malformed, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    import flask
    from starlette.requests import Request
    from starlette.responses import Response

    from tocsin.feed import Calendar
    from tocsin.ingest import Answer, Incoming
    from tocsin.reply import Webhook
    from tocsin.settings import Settings

    Verb = Callable[[Request], Awaitable[Response]]

Plain = tuple[str, int, dict[str, str]]
Check = Callable[[str | None], None]
"""Raises Forbidden unless an Authorization header comes from whom it must."""

_PUSH_LIMIT = 11 << 20
_FORM_LIMIT = 64 << 10
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}
_TWIML = {"Content-Type": "text/xml; charset=utf-8"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
# A signature covers names and values run together: only values that cannot swallow the next name are let through.
_SHAPES = {
    "MessageSid": re.compile(r"[SM]M[0-9A-Za-z]{32}"),
    "CallSid": re.compile(r"CA[0-9A-Za-z]{32}"),
    "From": re.compile(r"\+?[0-9A-Za-z ]{1,20}"),
    "To": re.compile(r"\+?[0-9A-Za-z ]{1,20}"),
    "Digits": re.compile(r"[0-9*#]{0,20}"),
    "MessageStatus": re.compile(r"[a-z_-]{1,24}"),
    "CallStatus": re.compile(r"[a-z_-]{1,24}"),
    "ErrorCode": re.compile(r"[0-9]{0,6}"),
    "AnsweredBy": re.compile(r"[a-z_]{0,32}"),
}


def asynchronous(verb: Verb) -> Verb:
    """Let the framework serve a function in its ASGI mode; processes of the others do not even import that."""
    if os.environ.get("FUNCTION_TARGET", verb.__name__) != verb.__name__:
        return verb
    import functions_framework.aio

    return cast("Verb", functions_framework.aio.http(verb))


def incoming(request: Request, function: str) -> Incoming:
    """Give what a monitoring tool posts; behind one shared host the function's name leads the path and is dropped."""
    from tocsin.ingest import Incoming

    headers = {name.lower(): value for name, value in request.headers.items()}
    trace.begin(headers)
    path, query = below(request.scope["path"], function), request.scope["query_string"]
    return Incoming(request.method, path, headers, _chunks(request), query)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    from starlette.requests import ClientDisconnect

    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect as error:
        raise Malformed("The sender hung up before its body was complete.") from error


def below(path: str, function: str) -> str:
    """Give the path below the function's own address, whichever host carries it."""
    trimmed = path.lstrip("/")
    return trimmed.removeprefix(function).lstrip("/") if trimmed.split("/")[0] == function else trimmed


def answered(answer: Answer) -> Response:
    """Give the answer to a monitoring tool."""
    from starlette.responses import JSONResponse

    headers = {"Retry-After": str(answer.retry_after)} if answer.retry_after else None
    return JSONResponse(answer.body, answer.status, headers)


def pushed(request: flask.Request, check: Check, work: Callable[[bytes], str]) -> Plain:
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

    return _machine(request, check, unpack)


def tasked(request: flask.Request, check: Check, work: Callable[[dict[str, Any]], str]) -> Plain:
    """Hand on the body of a task."""
    return _machine(request, check, lambda: work(_json(request, _FORM_LIMIT)))


def _machine(request: flask.Request, check: Check, work: Callable[[], str]) -> Plain:
    trace.begin(request.headers)
    try:
        check(request.headers.get("Authorization"))
        return work(), 200, _TEXT
    except Forbidden as error:
        drop(request)
        log.event(f"refused: {error}", "WARNING")
        return "Forbidden", 403, _TEXT
    except Unavailable as error:
        drop(request)
        log.event(f"asked to come again: {error}", "WARNING")
        return str(error), 503, _TEXT
    except Malformed as error:
        log.event(f"given up: {error}", "ERROR")
        return f"given up: {error}", 200, _TEXT


def _json(request: flask.Request, limit: int) -> dict[str, Any]:
    raw = _read(request, limit)
    value = body.read(raw, "application/json", "", limit)
    if not isinstance(value, dict):
        raise Malformed("The body is no JSON object.")
    return value


def _read(request: flask.Request, limit: int) -> bytes:
    """Read a body up to one byte beyond the limit; what was cut short on its way has to be sent again."""
    try:
        raw = request.stream.read(limit + 1)
    except ClientDisconnected as error:
        raise Unavailable("the body was cut short") from error
    finally:
        drop(request)
    if len(raw) < min(request.content_length or 0, limit):
        raise Unavailable("the body was cut short")
    return raw


def drop(request: flask.Request) -> None:
    """Leave the rest of a body unread: the framework would read all of it after the answer, and fail if it is cut."""
    request.stream = io.BytesIO()


def signed(request: flask.Request, settings: Settings, work: Callable[[Webhook], str]) -> Plain:
    """Hand on a Twilio webhook that proved where it comes from; the answer is TwiML or text."""
    from tocsin.reply import Webhook

    trace.begin(request.headers)
    try:
        path = below(request.path, "reply")
        form = _authentic(request, path, settings)
        named = dict(parse_qsl(request.query_string.decode("latin-1")))
        said = work(Webhook(path, form, named.get("n", ""), settings.public_url))
    except Malformed as error:
        return str(error), error.status, _TEXT
    except Forbidden as error:
        log.event(f"refused: {error}", "WARNING", path=request.path)
        return "Forbidden", 403, _TEXT
    except Unavailable as error:
        log.event(f"Twilio is asked to come again: {error}", "ERROR")
        return "Please send this again.", 503, _TEXT
    return said, 200, _TWIML if said.startswith("<?xml") else _TEXT


def _authentic(request: flask.Request, path: str, settings: Settings) -> dict[str, str]:
    """Give the form; each name once, each value of its shape, the account ours, and the whole signed for our URL."""
    from tocsin.clients.signature import authentic

    if request.method != "POST" or request.mimetype != "application/x-www-form-urlencoded":
        drop(request)
        raise Malformed("Twilio's webhooks are forms, sent with POST.", status=415)
    pairs = pairs_of(request)
    query = request.query_string.decode("latin-1")
    url = f"{settings.public_url}/reply/{path}" + (f"?{query}" if query else "")
    if not authentic(url, pairs, request.headers.get("X-Twilio-Signature"), settings.twilio_tokens):
        raise Forbidden("the signature is not Twilio's for this URL and form")
    form = dict(pairs)
    if len(form) != len(pairs) or form.get("AccountSid") != settings.twilio_account:
        raise Forbidden("a parameter is given twice, or the account is not ours")
    for name, value in form.items():
        if not _NAME.fullmatch(name) or (name in _SHAPES and not _SHAPES[name].fullmatch(value)):
            raise Forbidden(f"the parameter {name[:40]!r} is not of the shape that Twilio gives it")
    return form


def pairs_of(request: flask.Request) -> list[tuple[str, str]]:
    """Give the names and values of a form in their order; raises Malformed for one that cannot be read."""
    raw = _read(request, _FORM_LIMIT)
    if len(raw) > _FORM_LIMIT:
        raise Malformed("The form is too large.", status=413)
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=200, errors="strict")
    except ValueError as error:
        raise Malformed("The form cannot be read.") from error


def swept(request: flask.Request, check: Check, work: Callable[[], object]) -> Plain:
    """Give what a sweep did."""
    drop(request)
    return _machine(request, check, lambda: str(work()))


def fetched(request: flask.Request, function: str, work: Callable[[str], Calendar]) -> Plain:
    """Give a calendar to whoever knows its URL, or only that it is still the one he has."""
    trace.begin(request.headers)
    drop(request)
    if request.method not in {"GET", "HEAD"}:
        return "A calendar is read with GET.", 405, {**_TEXT, "Allow": "GET, HEAD"}
    try:
        made = work(below(request.path, function))
    except Forbidden as error:
        # Without the path in the log: it may hold a key, with one character too many.
        log.event(f"refused: {error}", "WARNING")
        return "There is no such calendar.", 404, _TEXT
    except Unavailable as error:
        log.event(f"no calendar: {error}", "ERROR")
        return "Please ask again.", 503, {**_TEXT, "Retry-After": "60"}
    headers = {"ETag": made.tag, "Cache-Control": "private, no-cache"}
    if request.if_none_match.contains_weak(made.tag.strip('"')):
        return "", 304, headers
    return made.text, 200, {**headers, "Content-Type": "text/calendar; charset=utf-8"}

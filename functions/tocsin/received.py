"""Reads what a request carries: as much as is allowed, and a form of Twilio's only if it is Twilio's."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from werkzeug.exceptions import ClientDisconnected

from tocsin.errors import Forbidden, Malformed, Unavailable

if TYPE_CHECKING:
    import flask

    from tocsin.settings import Settings

LIMIT = 64 << 10
"""Bytes of a form, and of whatever else is small."""

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


def read(request: flask.Request, limit: int) -> bytes:
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


def authentic(request: flask.Request, path: str, settings: Settings) -> dict[str, str]:
    """Give the form; each name once, each value of its shape, the account ours, and the whole signed for our URL."""
    from tocsin.clients import signature

    if request.method != "POST" or request.mimetype != "application/x-www-form-urlencoded":
        drop(request)
        raise Malformed("Twilio's webhooks are forms, sent with POST.", status=415)
    pairs = form(request)
    query = request.query_string.decode("latin-1")
    url = f"{settings.public_url}/reply/{path}" + (f"?{query}" if query else "")
    if not signature.authentic(url, pairs, request.headers.get("X-Twilio-Signature"), settings.twilio_tokens):
        raise Forbidden("the signature is not Twilio's for this URL and form")
    named = dict(pairs)
    if len(named) != len(pairs) or named.get("AccountSid") != settings.twilio_account:
        raise Forbidden("a parameter is given twice, or the account is not ours")
    for name, value in named.items():
        if not _NAME.fullmatch(name) or (name in _SHAPES and not _SHAPES[name].fullmatch(value)):
            raise Forbidden(f"the parameter {name[:40]!r} is not of the shape that Twilio gives it")
    return named


def form(request: flask.Request) -> list[tuple[str, str]]:
    """Give the names and values of a form in their order; raises Malformed for one that cannot be read."""
    raw = read(request, LIMIT)
    if len(raw) > LIMIT:
        raise Malformed("The form is too large.", status=413)
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=200, errors="strict")
    except ValueError as error:
        raise Malformed("The form cannot be read.") from error

"""Turns the body of a request into a JSON value that cannot hurt what comes after.

Whatever passes has at most 64 levels, a bounded number of values, numbers that a database can hold and text that can
be written as UTF-8. Three things are put right instead of refused, because a page matters more: lone surrogates and
control characters become U+FFFD, integers beyond 64 bits become text (a float would make two long ids equal), and of a
key given twice the last one counts. Everything takes time and memory in proportion to the size of the body.
"""

import json
import math
import re
from contextlib import suppress
from typing import NoReturn

import msgspec

from tocsin.errors import Malformed

DEPTH = 64  # levels of objects and lists
DIGITS = 40  # in one number
ITEMS = 10_000  # keys and items in all, for a limit up to 1.2 MiB
BYTES_PER_ITEM = 128  # a source that allows larger bodies may have one item for each of these

# A string runs to its end or to the end of the text, so that no character is looked at twice.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{\]},]|[0-9][0-9.eE+-]*+|NaN|Infinity', re.DOTALL)
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
# No number in an ordinary body is as long as this, whatever it is written with.
_DIGITS, _LONG = bytes.maketrans(b"0123456789.+-eE", b"0" * 15), b"0" * 19
_MAY_BE_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|\\[ubf]")


def read(raw: bytes, content_type: str, content_encoding: str, limit: int) -> object:
    """Give the JSON value of a body of at most `limit` bytes; raises Malformed with 400, 413 or 415 and nothing else.

    The media type is not asked for: monitoring tools say text/plain, or nothing, and send JSON. Forms are refused.
    """
    _check_headers(content_type, content_encoding)
    if len(raw) > limit:
        raise Malformed(f"The body has {len(raw)} bytes; at most {limit} are read here.", status=413)
    items = max(ITEMS, limit // BYTES_PER_ITEM)
    if _is_ordinary(raw, items):
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            value: object = msgspec.json.decode(raw)
            return value
    text = _decode(raw)
    _check_shape(text, items)
    value = _parse(text)
    return _clean(value) if _MAY_BE_UNSAFE.search(text) else value


def _is_ordinary(raw: bytes, items: int) -> bool:
    """Say whether nothing in it can be too deep, too many, too long or unsafe: a strict parser gives the same then.

    Nearly every body is, and takes a tenth of the time; whatever that parser refuses is looked at closely.
    """
    opened = raw.count(b"{") + raw.count(b"[")
    return (
        opened <= DEPTH
        and opened + raw.count(b",") <= items
        and not (b"\\u" in raw or b"\\b" in raw or b"\\f" in raw)
        and _LONG not in raw.translate(_DIGITS)
    )


def _check_headers(content_type: str, content_encoding: str) -> None:
    if content_encoding.strip().lower() not in {"", "identity"}:
        # Never inflated: a small compressed body can grow to gigabytes.
        raise Malformed(f"The body is compressed ({content_encoding[:40]!r}); send it as it is.", status=415)
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded" or media_type.startswith("multipart/"):
        raise Malformed(
            f"The body is sent as a form ({media_type[:80]}); send JSON with Content-Type: application/json.",
            status=415,
        )


def _decode(raw: bytes) -> str:
    encoding = json.detect_encoding(raw)
    if not encoding.startswith("utf-8"):
        raise Malformed(f"The body is {encoding.upper()}; send UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8: byte {raw[error.start]:#04x} at offset {error.start}.") from None
    if not text.strip():
        raise Malformed("The body is empty; send JSON.")
    return text


def _check_shape(text: str, items: int) -> None:
    # Before json.loads, which recurses once per level. Up to the first mistake both see the same brackets and strings.
    depth = count = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            count += 1
        elif first in "]}":
            depth -= 1
        elif first == ",":
            count += 1
        elif first != '"':
            _check_literal(text, token)
        if depth > DEPTH:
            _refuse(f"The body is nested more than {DEPTH} levels deep", text, token.start())
        if count > items:
            _refuse(f"The body has more than {items} keys and items", text, token.start())
        if depth <= 0:
            break  # the value is complete, json.loads refuses the rest


def _check_literal(text: str, token: re.Match[str]) -> None:
    literal = token[0]
    if literal[0] in "NI":
        _refuse(f"{literal} is not JSON", text, token.start())
    if len(literal) > DIGITS and sum(map(str.isdigit, literal)) > DIGITS:
        _refuse(f"A number has more than {DIGITS} digits", text, token.start())


def _refuse(problem: str, text: str, position: int) -> NoReturn:
    line = text.count("\n", 0, position) + 1
    raise Malformed(f"{problem}: line {line}, character {position} of the body.")


def _parse(text: str) -> object:
    try:
        # Not strict: scripts put bare line breaks into strings, and their alerts are worth reading.
        value: object = json.loads(text, strict=False, parse_int=_integer, parse_float=_float)
    except json.JSONDecodeError as error:
        problem = f"The body is not JSON ({error.msg[:1].lower()}{error.msg[1:]})"
        _refuse(problem, text, error.pos)
    return value


def _integer(literal: str) -> int | str:
    number = int(literal)
    return number if -(2**63) <= number < 2**63 else literal


def _float(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise Malformed(f"The number {literal} is too large.")
    return number


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _UNSAFE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_UNSAFE.sub("\ufffd", key): _clean(item) for key, item in value.items()}
    return value

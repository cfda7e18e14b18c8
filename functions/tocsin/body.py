"""Turns the body of a request, JSON or a form, into a JSON value that cannot hurt what comes after.

Whatever passes has at most 64 levels, a bounded number of values, numbers that a database can hold and text that can
be written as UTF-8. Three things are put right instead of refused, because a page matters more: lone surrogates and
control characters become U+FFFD, integers beyond 64 bits become text (a float would make two long ids equal), and of a
key given twice the last one counts. Everything takes time and memory in proportion to the size of the body.
"""

import json
import math
import re
from typing import NoReturn

import msgspec

from tocsin.errors import Malformed

DEPTH = 64  # levels of objects and lists
DIGITS = 40  # in one number
ITEMS = 10_000  # keys and items in all, for a limit up to 1.2 MiB
BYTES_PER_ITEM = 128  # a source that allows larger bodies may have one item for each of these
FIELDS = 1_000  # of a form, or parts of a multipart one
HEAD = 4096  # bytes of a part's header that are looked at

_FORM, _PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})++")
_BOUNDARY = re.compile(r'boundary=(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_HEADER = re.compile(rb"^content-disposition:[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(rb'[; ]name="?([^";\r\n]*)', re.IGNORECASE)

# A string runs to its end or to the end of the text, so that no character is looked at twice.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{\]},]|[0-9][0-9.eE+-]*+|NaN|Infinity', re.DOTALL)
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
# No number in an ordinary body is as long as this, whatever it is written with.
_DIGITS, _LONG = bytes.maketrans(b"0123456789.+-eE", b"0" * 15), b"0" * 19
_MAY_BE_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|\\[ubf]")


def read(raw: bytes, content_type: str, content_encoding: str, limit: int) -> object:
    """Give the JSON value of a body of at most `limit` bytes; raises Malformed with 400, 413 or 415 and nothing else.

    The media type is not asked for: monitoring tools say text/plain, or nothing, and send JSON. Only what says that it
    is a form is read as one, into an object of texts, unless it is JSON after all: curl calls everything a form.
    """
    if content_encoding.strip().lower() not in {"", "identity"}:
        # Never inflated: a small compressed body can grow to gigabytes.
        raise Malformed(f"The body is compressed ({content_encoding[:40]!r}); send it as it is.", status=415)
    if len(raw) > limit:
        raise Malformed(f"The body has {len(raw)} bytes; at most {limit} are read here.", status=413)
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == _FORM and not raw.lstrip().startswith((b"{", b"[")):
        return form(raw) or _empty()
    if media_type == _PARTS:
        return _parts(raw, content_type) or _empty()
    items = max(ITEMS, limit // BYTES_PER_ITEM)
    if _is_ordinary(raw, items):
        try:
            value: object = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        else:
            return value
    text = _decode(raw)
    _check_shape(text, items)
    value = _parse(text)
    return _clean(value) if _MAY_BE_UNSAFE.search(text) else value


def form(raw: bytes) -> dict[str, str]:
    """Give the fields of a form or of a query; of one given twice the last one counts. Raises Malformed."""
    if raw.count(b"&") >= FIELDS:
        raise Malformed(f"The form has more than {FIELDS} fields.", status=413)
    pairs = (field.partition(b"=") for field in raw.split(b"&") if field)
    return {_plain(name): _plain(value) for name, _, value in pairs}


def _plain(raw: bytes) -> str:
    # By runs: the standard library keeps a hundred times what a value of nothing but escapes takes.
    unescaped = _ESCAPES.sub(lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode()), raw.replace(b"+", b" "))
    return clean(unescaped.decode(errors="replace"))


def clean(text: str) -> str:
    """Give a text that can be stored and sent: lone surrogates and control characters become U+FFFD."""
    return _UNSAFE.sub("\ufffd", text)


def _parts(raw: bytes, content_type: str) -> dict[str, str]:
    """Give the texts of a multipart form, as tools send it that post e-mail; files are passed over."""
    boundary = _BOUNDARY.search(content_type)
    if not boundary:
        raise Malformed("The form has parts, and the Content-Type does not say what boundary is between them.")
    between = re.escape(f"\r\n--{boundary[1] or boundary[2]}".encode("latin-1", errors="replace"))
    parts = re.split(between + rb"(?=--|[ \t]*\r\n)", b"\r\n" + raw, maxsplit=FIELDS + 2)
    if len(parts) > FIELDS + 2:
        raise Malformed(f"The form has more than {FIELDS} parts.", status=413)
    return dict(pair for part in parts[1:] if (pair := _field(part)))


def _field(part: bytes) -> tuple[str, str] | None:
    head, _, value = part.partition(b"\r\n\r\n")
    header = _HEADER.search(head[:HEAD])
    name = _NAME.search(header[0]) if header else None
    if not header or not name or b"filename" in header[0].lower():
        return None
    return clean(name[1].decode(errors="replace")), clean(value.decode(errors="replace"))


def _empty() -> NoReturn:
    raise Malformed("The body is empty; send JSON or a form.")


def _is_ordinary(raw: bytes, items: int) -> bool:
    """Say whether nothing in it can be too deep, too many, too long or unsafe: a strict parser gives the same then.

    Nearly every body is, and takes a tenth of the time; whatever that parser refuses is looked at closely.
    """
    opened = raw.count(b"{") + raw.count(b"[")
    return (
        opened <= DEPTH
        and opened + raw.count(b",") <= items
        and not (b"\\" in raw and (b"\\u" in raw or b"\\b" in raw or b"\\f" in raw))
        and _LONG not in raw.translate(_DIGITS)
    )


def _decode(raw: bytes) -> str:
    encoding = json.detect_encoding(raw)
    if not encoding.startswith("utf-8"):
        raise Malformed(f"The body is {encoding.upper()}; send UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8: byte {raw[error.start]:#04x} at offset {error.start}.") from None
    return text if text.strip() else _empty()


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
        return clean(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _clean(item) for key, item in value.items()}
    return value

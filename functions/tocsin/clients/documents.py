"""Says what a document and its name may be: Firestore's limits, refused before any call and alike in every store."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tocsin.clients.store import Data, Where

# A document holds 1 MiB, one field 89 bytes less: the line is drawn there (https://cloud.google.com/firestore/quotas).
DOCUMENT_BYTES = 1_048_487
NAME_BYTES = 1_500
DEPTH = 20
FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = re.compile(r"__.*__", re.DOTALL)


def split_path(path: str) -> tuple[str, str]:
    """Give collection and id; raises ValueError for a path Firestore would refuse."""
    parts = path.split("/")
    if len(parts) != 2:  # noqa: PLR2004 - a path is these two
        raise ValueError(f"{path!a} is no path: write collection/id, and no other slash.")
    for part in parts:
        _check_name(part, "path")
        if part in {".", ".."}:
            raise ValueError(f"{path!a} is no path: Firestore keeps . and .. for itself.")
    return parts[0], parts[1]


def copied(data: Data) -> Data:
    """Give a document that shares nothing that can change; all but maps and lists cannot. A tenth of copy.deepcopy."""
    return {name: _copied(value) for name, value in data.items()}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def check_document(path: str, data: Data) -> None:
    """Raise ValueError, with the field that is to blame, for a document that Firestore could not hold."""
    split_path(path)
    size = len(path.encode()) + 64 + _map_size(data, path, 0)
    if size > DOCUMENT_BYTES:
        raise ValueError(f"{path} has {size} bytes; a document holds at most {DOCUMENT_BYTES}.")


def check_query(collection: str, where: tuple[Where, ...], order_by: str | None, limit: int) -> None:
    """Raise ValueError for a query that one store could not answer, or not in the same way."""
    _check_name(collection, "collection")
    ranged = {field for field, operator, _ in where if operator != "=="} | (
        {order_by.lstrip("-")} if order_by else set()
    )
    if len(ranged) > 1:
        raise ValueError(f"A query compares and orders by one field, not by {', '.join(sorted(ranged))}.")
    for field in ranged | {field for field, _, _ in where}:
        if not FIELD.fullmatch(field) or RESERVED.fullmatch(field):
            raise ValueError(f"A query cannot name the field {field!a}: letters, digits and _ only.")
    if limit < 1:
        raise ValueError(f"A query gives at least one document, so its limit cannot be {limit}.")
    for field, operator, value in where:
        _check_condition(field, operator, value)


def _check_condition(field: str, operator: str, value: object) -> None:
    if operator not in {"==", "<", "<=", ">", ">="}:
        raise ValueError(f"{field} cannot be compared with {operator!a}: write ==, <, <=, > or >=.")
    if isinstance(value, list | tuple | dict) or (value is None and operator != "=="):
        raise ValueError(f"{field} cannot be compared with {value!a} by {operator}.")
    _size(value, field, 0)


def _check_name(name: str, where: str) -> None:
    size = _text_size(name, where)
    if not 1 < size <= NAME_BYTES + 1 or "/" in name or RESERVED.fullmatch(name):
        raise ValueError(f"{where}: {name[:40]!a} is no name: 1 to {NAME_BYTES} bytes, no slash, not __so__.")


def _map_size(data: Mapping[str, object], where: str, depth: int) -> int:
    if depth > DEPTH:
        raise ValueError(f"{where} lies deeper than the {DEPTH} levels a document may have.")
    return sum(_field_size(name, value, f"{where}.{name}", depth) for name, value in data.items())


def _field_size(name: object, value: object, where: str, depth: int) -> int:
    if not isinstance(name, str):
        raise ValueError(f"{where!a}: a field's name is a text, not {type(name).__name__}.")  # noqa: TRY004 - one kind
    size = _text_size(name, "field")
    if not 1 < size <= NAME_BYTES + 1 or RESERVED.fullmatch(name):
        raise ValueError(f"{where[:80]!a}: a field's name has 1 to {NAME_BYTES} bytes and is not __so__.")
    return size + _size(value, where, depth)


def _size(value: object, where: str, depth: int) -> int:
    """Give the bytes Firestore counts (cloud.google.com/firestore/docs/storage-size); refuse what it cannot hold."""
    match value:
        case None | bool():
            return 1
        case str():
            return _text_size(value, where)
        case int() | float() | datetime():
            _check_scalar(value, where)
            return 8
        case list() | tuple():
            return _list_size(value, where, depth + 1)
        case dict():
            return _map_size(value, where, depth + 1)
    raise ValueError(f"{where} holds {type(value).__name__}, which a document cannot.")


def _list_size(values: list[object] | tuple[object, ...], where: str, depth: int) -> int:
    if depth > DEPTH:
        raise ValueError(f"{where} lies deeper than the {DEPTH} levels a document may have.")
    if any(isinstance(value, list | tuple) for value in values):
        raise ValueError(f"{where} holds a list in a list, which a document cannot.")
    return sum(_size(value, f"{where}[{position}]", depth) for position, value in enumerate(values))


def _check_scalar(value: float | datetime, where: str) -> None:
    match value:
        case datetime():
            _check_time(value, where)
        case int() if not -(2**63) <= value < 2**63:
            raise ValueError(f"{where} is too large: an integer has 64 bits.")
        case float() if not math.isfinite(value):
            raise ValueError(f"{where} is {value}, and a number must be finite.")


def _check_time(value: datetime, where: str) -> None:
    if value.utcoffset() is None:
        raise ValueError(f"{where} is {value.isoformat()} without a time zone; give it one.")
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{where} is {value.isoformat()}, which is outside the years 1 to 9999 in UTC.") from None


def _text_size(text: str, where: str) -> int:
    try:
        return len(text.encode()) + 1
    except UnicodeEncodeError as error:
        raise ValueError(f"{where!a} holds half a character (a lone surrogate) at {error.start}.") from None

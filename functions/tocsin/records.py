"""Values to documents and back: a document holds what the dataclass says, times as times."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from tocsin.errors import Malformed

T = TypeVar("T")


def to_document(value: object) -> dict[str, Any]:
    """Give a dataclass as the dict a store keeps."""
    document: dict[str, Any] = msgspec.to_builtins(value, builtin_types=(datetime,))
    return document


def from_document(kind: type[T], data: dict[str, Any]) -> T:
    """Give the dataclass back; a field this version does not know is left out, a missing one has its default."""
    return msgspec.convert(data, kind, builtin_types=(datetime,))


def to_json(value: object) -> bytes:
    """Give any value as JSON."""
    return msgspec.json.encode(value)


def from_json(kind: type[T], body: bytes | str) -> T:
    """Give the dataclass back; raises Malformed for anything else."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"this is no {kind.__name__}: {error}") from error

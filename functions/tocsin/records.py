"""Values to documents and back: a document holds what the dataclass says, times as times."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from tocsin.errors import Malformed, Unavailable

T = TypeVar("T")

SCHEMA = dict.fromkeys(
    (
        *(
            "Incident",
            "Notification",
            "Event",
            "Marker",
            "Config",
            "Phone",
            "Code",
            "Sent",
            "Breaker",
            "Inbound",
            "Secret",
        ),
        *("Pointer", "Group", "Count", "Circle", "Heartbeat", "Flight", "Telling", "Spending", "Spill", "Quarantine"),
        *("Sweep", "Entry", "Head"),
    ),
    1,
)
"""The version of the shape of each document, by class, or by a word where a document is no dataclass. It rises when one
would mean something else to a program that does not know the new shape, and not when a field is added that such a
program may leave out. What has no number is of before there were any, 0; the program after that reads what the one
before has written."""

MARK = "schema_version"


def to_document(value: object) -> dict[str, Any]:
    """Give a dataclass as the dict a store keeps; if it is a document, it says which version of its shape it has."""
    document: dict[str, Any] = msgspec.to_builtins(value, builtin_types=(datetime,))
    version = SCHEMA.get(type(value).__name__)
    return {**document, MARK: version} if version else document


def versioned(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """Give a document that is no dataclass as a store keeps it: it says which version of its shape it has."""
    return {**document, MARK: SCHEMA[kind]}


def from_document(kind: type[T], data: dict[str, Any]) -> T:
    """Give the dataclass back; a field this version does not know is left out, a missing one has its default.

    Raises Unavailable for what a newer version has written.
    """
    check_version(kind.__name__, data)
    return msgspec.convert(data, kind, builtin_types=(datetime,))


def check_version(kind: str, data: Mapping[str, Any]) -> None:
    """Raise Unavailable for a document of a newer version: whatever needs it waits for a program that can read it."""
    if is_newer(kind, data):
        found, known = data[MARK], SCHEMA[kind]
        raise Unavailable(
            f"this {kind} was written by a newer Tocsin (schema {found}; this one reads up to {known}): deploy that "
            "version again, nothing is lost until then"
        )


def is_newer(kind: str, data: Mapping[str, Any]) -> bool:
    """Say whether a newer version has written it: for what goes on without it, and leaves it alone."""
    return kind in SCHEMA and data.get(MARK, 0) > SCHEMA[kind]


def to_json(value: object) -> bytes:
    """Give any value as JSON."""
    return msgspec.json.encode(value)


def from_json(kind: type[T], body: bytes | str) -> T:
    """Give the dataclass back; raises Malformed for anything else."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"this is no {kind.__name__}: {error}") from error


def split(body: bytes | str) -> list[bytes]:
    """Give the parts of a list in JSON as they stand there; none of what is no list."""
    try:
        return [bytes(part) for part in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []

"""Which request a line of the log belongs to: Cloud Logging shows the lines of one request together.

Each request begins its own, so that neither threads nor tasks that serve several at once mix them up.
"""

import os
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Protocol

_W3C = re.compile(r"[0-9a-f]{2}-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})(?P<span>[0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_GOOGLE = re.compile(r"(?P<trace>[0-9a-f]{32})(/(?P<number>[0-9]{1,19}))?(;.*)?")
_request: ContextVar[Mapping[str, str]] = ContextVar("request", default={})  # noqa: B039 - never written to


class Headers(Protocol):
    """What a framework gives as headers, as far as it is asked here."""

    def get(self, key: str, default: str, /) -> str:
        """Give the value of a header."""


def begin(headers: Headers, environment: Mapping[str, str] = os.environ) -> None:
    """Begin a request: what is logged from here on in this thread or task is of its trace, or of none.

    Headers are looked up in lower case; one that is neither W3C's nor Google's counts as missing.
    """
    found = _W3C.fullmatch(headers.get("traceparent", "")) or _GOOGLE.fullmatch(
        headers.get("x-cloud-trace-context", "")
    )
    _request.set(_fields(found.groupdict(), environment.get("GOOGLE_CLOUD_PROJECT", "")) if found else {})


def fields() -> Mapping[str, str]:
    """Give the fields by which Cloud Logging knows the request; none outside of one."""
    return _request.get()


def _fields(found: Mapping[str, str | None], project: str) -> Mapping[str, str]:
    number, span = found.get("number"), found.get("span")
    span = f"{int(number):016x}" if number else span
    trace = {"logging.googleapis.com/trace": f"projects/{project}/traces/{found['trace']}"}
    return trace | ({"logging.googleapis.com/spanId": span} if span else {})

"""Publishes accepted alerts to one Pub/Sub topic and returns only when Pub/Sub has confirmed them."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import Any, cast
from urllib.parse import quote

import grpc
import grpc.aio
from google.auth import default
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.grpc import AuthMetadataPlugin
from google.auth.transport.requests import Request

from tocsin.errors import Unavailable, Uncertain

PUBLISH = "/google.pubsub.v1.Publisher/Publish"
HOST = "pubsub.googleapis.com"
SCOPES = ("https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/pubsub")
URGENT = b"urgent"
TIMEOUT = 5.0  # seconds for a publish with its second try

# With any other code the messages may have been taken although the answer says otherwise.
REFUSED = frozenset(
    {
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)

# A function may sleep for hours between two alerts while its connection dies unnoticed; gRPC's own pause between
# attempts to connect grows to two minutes, which is two minutes of refused alerts after Pub/Sub is back.
CHANNEL: list[tuple[str, int]] = [
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 2_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
]


class Topic:
    """One topic, one channel per event loop; PUBSUB_EMULATOR_HOST leads to the emulator instead of Google."""

    def __init__(self, path: str, timeout: float = TIMEOUT) -> None:
        """Keep `path` (projects/P/topics/T); nothing is connected before the first message."""
        self._path = path
        self._timeout = timeout
        self._metadata = (("x-goog-request-params", f"topic={quote(path, safe='')}"),)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stub: Callable[..., Awaitable[bytes]]

    async def publish(self, bodies: Sequence[bytes], urgent: Sequence[bytes] = ()) -> None:
        """Return when Pub/Sub has confirmed all; raises Unavailable (refused) or Uncertain (the answer was lost).

        One request holds 1,000 messages and 10 MB at most. What is urgent has an attribute that says so, by which a
        subscription of its own takes it.
        """
        request = request_of(self._path, bodies, urgent)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout
        try:
            await self._call(request, self._timeout)
        except Unavailable as first:
            if not _is_broken_connection(first.__cause__):
                raise
            await self._repeat(request, deadline - loop.time(), first)

    def publish_now(self, *bodies: bytes, urgent: bool = True) -> None:
        """Do the same without an event loop, with urgent messages unless said otherwise."""
        request = request_of(self._path, (), bodies) if urgent else request_of(self._path, bodies)
        try:
            self._stub_now(request, timeout=self._timeout, metadata=self._metadata)
        except (grpc.RpcError, GoogleAuthError) as error:
            raise self._failure(error) from error

    async def _repeat(self, request: bytes, seconds: float, first: Unavailable) -> None:
        """Send again after a connection broke: one that died during a pause shows only when it is used."""
        try:
            await self._call(request, seconds)
        except Unavailable as second:
            raise (first if isinstance(first, Uncertain) else second) from second.__cause__

    async def _call(self, request: bytes, seconds: float) -> None:
        try:
            await self._connected()(request, timeout=seconds, metadata=self._metadata)
        except (grpc.RpcError, GoogleAuthError) as error:
            raise self._failure(error) from error

    def _connected(self) -> Callable[..., Awaitable[bytes]]:
        """Give the stub of this event loop; a channel of grpc.aio belongs to the loop it was made in."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._stub = cast("Callable[..., Awaitable[bytes]]", _async_channel().unary_unary(PUBLISH))
            self._loop = loop
        return self._stub

    @cached_property
    def _stub_now(self) -> Callable[..., bytes]:
        return cast("Callable[..., bytes]", _channel().unary_unary(PUBLISH))

    def _failure(self, error: Exception) -> Unavailable:
        if isinstance(error, GoogleAuthError):
            return Unavailable(f"Google's credentials for publishing to {self._path} do not work: {error}")
        code, details = _code(error), _details(error)
        said = f"{code.name}: {details}"
        if code in REFUSED or "failed to connect" in details:
            return Unavailable(f"Pub/Sub took nothing for {self._path} ({said}).")
        return Uncertain(f"Pub/Sub may or may not have taken what was published to {self._path} ({said}).")


def request_of(topic: str, bodies: Sequence[bytes], urgent: Sequence[bytes] = ()) -> bytes:
    """Give a google.pubsub.v1.PublishRequest on the wire: field 1 is the topic, 2 a message.

    Of a message field 1 is its data and 2 an attribute, of which 1 is the key and 2 the value. Loading the library's
    own messages, and with them the whole of its clients, would take a third of a cold start.
    """
    mark = _field(2, _field(1, URGENT) + _field(2, b"1"))
    messages = *(_field(1, body) + mark for body in urgent), *(_field(1, body) for body in bodies)
    return _field(1, topic.encode()) + b"".join(_field(2, message) for message in messages)


def _field(number: int, content: bytes) -> bytes:
    """Give a field of bytes: key, length in groups of seven bits with the lowest first, content."""
    length, groups = len(content), bytearray()
    while length > 0x7F:  # noqa: PLR2004 - all that seven bits hold
        groups.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes((number << 3 | 2, *groups, length)) + content


def _async_channel() -> Any:
    if host := os.environ.get("PUBSUB_EMULATOR_HOST"):
        return grpc.aio.insecure_channel(host, CHANNEL)
    return grpc.aio.secure_channel(f"{HOST}:443", _credentials(), CHANNEL)


def _channel() -> Any:
    if host := os.environ.get("PUBSUB_EMULATOR_HOST"):
        return grpc.insecure_channel(host, CHANNEL)
    return grpc.secure_channel(f"{HOST}:443", _credentials(), CHANNEL)


def _credentials() -> grpc.ChannelCredentials:
    """Give TLS, and a token of the account we run as with every call.

    The library's own maker of channels does the same, and would load its core and protobuf: 20 ms of a cold start.
    """
    return grpc.composite_channel_credentials(grpc.ssl_channel_credentials(), grpc.metadata_call_credentials(token()))


def token() -> grpc.AuthMetadataPlugin:
    """Give what adds a token of the account we run as to a call."""
    account, _ = default(default_scopes=SCOPES)
    return cast("grpc.AuthMetadataPlugin", AuthMetadataPlugin(account, Request(), default_host=HOST))  # type: ignore[no-untyped-call]


def _is_broken_connection(error: BaseException | None) -> bool:
    return isinstance(error, grpc.RpcError) and _code(error) is grpc.StatusCode.UNAVAILABLE


def _code(error: Any) -> grpc.StatusCode:
    return cast("grpc.StatusCode", error.code())


def _details(error: Any) -> str:
    return error.details() or ""

"""Publishes accepted alerts to one Pub/Sub topic and returns only when Pub/Sub has confirmed them."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import Any, cast
from urllib.parse import quote

import grpc
import grpc.aio
from google.auth.exceptions import GoogleAuthError
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.publisher.transports.grpc_asyncio import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.types import PublishRequest, PublishResponse, PubsubMessage

from tocsin.errors import Unavailable, Uncertain

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
        self._stub: Callable[..., Awaitable[PublishResponse]]

    async def publish(self, bodies: Sequence[bytes]) -> None:
        """Return when Pub/Sub has confirmed all; raises Unavailable (refused) or Uncertain (the answer was lost).

        One request holds 1,000 messages and 10 MB at most.
        """
        request = self._request(bodies)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout
        try:
            await self._call(request, self._timeout)
        except Unavailable as first:
            if not _is_broken_connection(first.__cause__):
                raise
            await self._repeat(request, deadline - loop.time(), first)

    def publish_now(self, body: bytes) -> None:
        """Do the same with one message and without an event loop."""
        try:
            self._stub_now(self._request([body]), timeout=self._timeout, metadata=self._metadata)
        except (grpc.RpcError, GoogleAuthError) as error:
            raise self._failure(error) from error

    async def _repeat(self, request: PublishRequest, seconds: float, first: Unavailable) -> None:
        """Send again after a connection broke: one that died during a pause shows only when it is used."""
        try:
            await self._call(request, seconds)
        except Unavailable as second:
            raise (first if isinstance(first, Uncertain) else second) from second.__cause__

    async def _call(self, request: PublishRequest, seconds: float) -> None:
        try:
            await self._connected()(request, timeout=seconds, metadata=self._metadata)
        except (grpc.RpcError, GoogleAuthError) as error:
            raise self._failure(error) from error

    def _request(self, bodies: Sequence[bytes]) -> PublishRequest:
        """Give the request; built from the raw messages, a third of the cost of the wrapped ones."""
        message, request = PubsubMessage.pb(), PublishRequest.pb()
        raw = request(topic=self._path, messages=[message(data=body) for body in bodies])
        return cast("PublishRequest", PublishRequest.wrap(raw))

    def _connected(self) -> Callable[..., Awaitable[PublishResponse]]:
        """Give the stub of this event loop; a channel of grpc.aio belongs to the loop it was made in."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._stub = cast("Callable[..., Awaitable[PublishResponse]]", _async_transport().publish)
            self._loop = loop
        return self._stub

    @cached_property
    def _stub_now(self) -> Callable[..., PublishResponse]:
        return cast("Callable[..., PublishResponse]", _transport().publish)

    def _failure(self, error: Exception) -> Unavailable:
        if isinstance(error, GoogleAuthError):
            return Unavailable(f"Google's credentials for publishing to {self._path} do not work: {error}")
        code, details = _code(error), _details(error)
        said = f"{code.name}: {details}"
        if code in REFUSED or "failed to connect" in details:
            return Unavailable(f"Pub/Sub took nothing for {self._path} ({said}).")
        return Uncertain(f"Pub/Sub may or may not have taken what was published to {self._path} ({said}).")


def _async_transport() -> PublisherGrpcAsyncIOTransport:
    if host := os.environ.get("PUBSUB_EMULATOR_HOST"):
        return PublisherGrpcAsyncIOTransport(channel=grpc.aio.insecure_channel(host, CHANNEL))
    return PublisherGrpcAsyncIOTransport(channel=PublisherGrpcAsyncIOTransport.create_channel(options=CHANNEL))


def _transport() -> PublisherGrpcTransport:
    if host := os.environ.get("PUBSUB_EMULATOR_HOST"):
        return PublisherGrpcTransport(channel=grpc.insecure_channel(host, CHANNEL))
    return PublisherGrpcTransport(channel=PublisherGrpcTransport.create_channel(options=CHANNEL))


def _is_broken_connection(error: BaseException | None) -> bool:
    return isinstance(error, grpc.RpcError) and _code(error) is grpc.StatusCode.UNAVAILABLE


def _code(error: Any) -> grpc.StatusCode:
    return cast("grpc.StatusCode", error.code())


def _details(error: Any) -> str:
    return error.details() or ""

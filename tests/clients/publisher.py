"""Stands where Pub/Sub is, on the wire: takes each Publish and answers as it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from google.pubsub_v1.types import PublishRequest, PublishResponse

PATH = "projects/tocsin-test/topics/alerts"
PATIENCE = 30  # seconds before a test that waits for something is given up
Answer = Callable[["Publisher", Any, Any], Awaitable[Any]]


class Publisher:
    """Pub/Sub's Publisher service as gRPC sees it; `answer` decides what each Publish gets."""

    def __init__(self, answer: Answer) -> None:
        self.batches: list[list[bytes]] = []
        self.urgent: list[list[bytes]] = []
        self.arrived = asyncio.Event()
        self.may_answer = asyncio.Event()
        self._answer = answer

    async def publish(self, request: Any, context: Any) -> Any:
        self.batches.append([message.data for message in request.messages])
        self.urgent.append([message.data for message in request.messages if "urgent" in message.attributes])
        self.arrived.set()
        return await self._answer(self, request, context)


async def confirms(_publisher: Publisher, request: Any, _context: Any) -> Any:
    return PublishResponse(message_ids=[str(number) for number, _ in enumerate(request.messages)])


async def confirms_when_told(publisher: Publisher, request: Any, context: Any) -> Any:
    await publisher.may_answer.wait()
    return await confirms(publisher, request, context)


async def confirms_first(publisher: Publisher, request: Any, context: Any) -> Any:
    if len(publisher.batches) > 1:
        await context.abort(grpc.StatusCode.NOT_FOUND, "said the wire")
    return await confirms(publisher, request, context)


def refuses_first(code: grpc.StatusCode, *, times: int = 1) -> Answer:
    async def answer(publisher: Publisher, request: Any, context: Any) -> Any:
        if len(publisher.batches) <= times:
            await publisher.may_answer.wait()
            await context.abort(code, "said the wire")
        return await confirms(publisher, request, context)

    return answer


@asynccontextmanager
async def publisher(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> AsyncIterator[Publisher]:
    service = Publisher(answer)
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1)])
    method = grpc.unary_unary_rpc_method_handler(service.publish, PublishRequest.deserialize, PublishResponse.serialize)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("google.pubsub.v1.Publisher", {"Publish": method}),)
    )
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
    await server.start()
    try:
        async with asyncio.timeout(PATIENCE):
            yield service
    finally:
        await server.stop(grace=None)

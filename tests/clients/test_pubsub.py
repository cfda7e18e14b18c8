"""Proves that a publish is confirmed before it returns, shares calls, and fails in the right word."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import PublishRequest, PublishResponse

from infra.local import emulators
from tocsin.clients.batches import Batches
from tocsin.clients.pubsub import Topic
from tocsin.errors import Unavailable, Uncertain

PATH = "projects/tocsin-test/topics/alerts"
PATIENCE = 30  # seconds before a test that waits for something is given up
Answer = Callable[["Wire", Any, Any], Awaitable[Any]]


class Wire:
    """Pub/Sub's Publisher service as gRPC sees it; `answer` decides what each Publish gets."""

    def __init__(self, answer: Answer) -> None:
        self.batches: list[list[bytes]] = []
        self.arrived = asyncio.Event()
        self.may_answer = asyncio.Event()
        self._answer = answer

    async def publish(self, request: Any, context: Any) -> Any:
        self.batches.append([message.data for message in request.messages])
        self.arrived.set()
        return await self._answer(self, request, context)


async def confirms(_wire: Wire, request: Any, _context: Any) -> Any:
    return PublishResponse(message_ids=[str(number) for number, _ in enumerate(request.messages)])


async def confirms_when_told(wire: Wire, request: Any, context: Any) -> Any:
    await wire.may_answer.wait()
    return await confirms(wire, request, context)


def refuses_first(code: grpc.StatusCode, *, times: int = 1) -> Answer:
    async def answer(wire: Wire, request: Any, context: Any) -> Any:
        if len(wire.batches) <= times:
            await wire.may_answer.wait()
            await context.abort(code, "said the wire")
        return await confirms(wire, request, context)

    return answer


@asynccontextmanager
async def wire(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> AsyncIterator[Wire]:
    service = Wire(answer)
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


async def outcomes(calls: list[asyncio.Task[None]]) -> list[BaseException | None]:
    return await asyncio.gather(*calls, return_exceptions=True)


def test_a_publish_returns_only_after_the_confirmation(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wire(monkeypatch, confirms_when_told) as service:
            call = asyncio.create_task(Topic(PATH).publish(b"fire"))
            await service.arrived.wait()
            assert not call.done()
            service.may_answer.set()
            await call
            assert service.batches == [[b"fire"]]

    asyncio.run(story())


def test_what_arrives_during_a_publish_goes_out_together_as_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wire(monkeypatch, confirms_when_told) as service:
            topic = Topic(PATH)
            calls = [asyncio.create_task(topic.publish(b"first"))]
            await service.arrived.wait()
            bodies = [b"%d" % number for number in range(150)]
            calls += [asyncio.create_task(topic.publish(body)) for body in bodies]
            service.may_answer.set()
            assert await outcomes(calls) == [None] * 151
            assert [len(batch) for batch in service.batches] == [1, 100, 50]
            assert sorted(itertools.chain(*service.batches)) == sorted(
                [b"first", *(b"%d" % number for number in range(150))]
            )

    asyncio.run(story())


def test_a_batch_stays_below_the_size_google_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wire(monkeypatch, confirms) as service:
            topic = Topic(PATH)
            await asyncio.gather(*(topic.publish(b"x" * 2_000_000) for _ in range(3)), topic.publish(b"y" * 6_000_000))
            assert [len(batch) for batch in service.batches] == [2, 1, 1]

    asyncio.run(story())


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.NOT_FOUND, grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.RESOURCE_EXHAUSTED]
)
def test_a_refused_publish_is_unavailable_and_surely_not_done(
    monkeypatch: pytest.MonkeyPatch, code: grpc.StatusCode
) -> None:
    async def story() -> None:
        async with wire(monkeypatch, refuses_first(code)) as service:
            service.may_answer.set()
            with pytest.raises(Unavailable, match=f"{PATH}.*{code.name}") as caught:
                await Topic(PATH).publish(b"fire")
            assert not isinstance(caught.value, Uncertain)
            assert len(service.batches) == 1

    asyncio.run(story())


def test_an_internal_error_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wire(monkeypatch, refuses_first(grpc.StatusCode.INTERNAL)) as service:
            service.may_answer.set()
            with pytest.raises(Uncertain):
                await Topic(PATH).publish(b"fire")

    asyncio.run(story())


def test_an_answer_that_never_comes_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wire(monkeypatch, confirms_when_told):
            topic = Topic(PATH, timeout=0.2)
            calls = [asyncio.create_task(topic.publish(b"fire")) for _ in range(5)]
            assert [type(error) for error in await outcomes(calls)] == [Uncertain] * 5

    asyncio.run(story())


def test_a_connection_that_broke_is_tried_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wire(monkeypatch, refuses_first(grpc.StatusCode.UNAVAILABLE)) as service:
            service.may_answer.set()
            await Topic(PATH).publish(b"fire")
            assert service.batches == [[b"fire"]] * 2

    asyncio.run(story())


def test_a_connection_that_breaks_twice_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wire(monkeypatch, refuses_first(grpc.StatusCode.UNAVAILABLE, times=2)) as service:
            service.may_answer.set()
            with pytest.raises(Uncertain):
                await Topic(PATH).publish(b"fire")

    asyncio.run(story())


def test_a_failing_batch_fails_only_those_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wire(monkeypatch, refuses_first(grpc.StatusCode.NOT_FOUND)) as service:
            topic = Topic(PATH)
            unlucky = [asyncio.create_task(topic.publish(b"unlucky")) for _ in range(2)]
            await service.arrived.wait()
            lucky = [asyncio.create_task(topic.publish(b"lucky")) for _ in range(3)]
            service.may_answer.set()
            errors = await outcomes(unlucky)
            assert [type(error) for error in errors] == [Unavailable] * 2
            assert errors[0] is not errors[1]
            assert await outcomes(lucky) == [None] * 3

    asyncio.run(story())


def test_a_caller_who_goes_away_takes_nobody_along(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wire(monkeypatch, confirms_when_told) as service:
            topic = Topic(PATH)
            calls = [asyncio.create_task(topic.publish(b"%d" % number)) for number in range(3)]
            await service.arrived.wait()
            waiting = [asyncio.create_task(topic.publish(b"%d" % number)) for number in range(3, 6)]
            await asyncio.sleep(0)  # lets them join the line
            calls[1].cancel()
            waiting[1].cancel()
            service.may_answer.set()
            results = await outcomes(calls + waiting)
            assert [type(result) for result in results].count(asyncio.CancelledError) == 2
            assert results.count(None) == 4

    asyncio.run(story())


def test_a_line_that_stands_still_says_that_nothing_was_sent() -> None:
    async def story() -> None:
        sent: list[list[bytes]] = []
        go = asyncio.Event()

        async def send(bodies: list[bytes]) -> None:
            sent.append(bodies)
            await go.wait()

        batches = Batches(send, patience=0)
        first = asyncio.create_task(batches.add(b"first"))
        second = asyncio.create_task(batches.add(b"second"))
        await asyncio.sleep(0)
        go.set()
        with pytest.raises(Unavailable, match="nothing was sent"):
            await asyncio.gather(first, second)
        assert [b"second"] not in sent

    asyncio.run(story())


def test_a_topic_works_anew_in_another_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    topic = Topic(PATH)

    async def story() -> list[list[bytes]]:
        async with wire(monkeypatch, confirms) as service:
            await topic.publish(b"fire")
            return service.batches

    assert asyncio.run(story()) == [[b"fire"]]
    assert asyncio.run(story()) == [[b"fire"]]


def test_when_nobody_listens_every_caller_hears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{emulators.free_port()}")
        topic = Topic(PATH)
        calls = [asyncio.create_task(topic.publish(b"fire")) for _ in range(150)]
        assert {type(error) for error in await outcomes(calls)} == {Unavailable}

    asyncio.run(story())


def test_without_an_event_loop_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wire(monkeypatch, refuses_first(grpc.StatusCode.NOT_FOUND)) as service:
            service.may_answer.set()
            topic = Topic(PATH)
            with pytest.raises(Unavailable, match="NOT_FOUND"):
                await asyncio.to_thread(topic.publish_now, b"fire")
            await asyncio.to_thread(topic.publish_now, b"fire")
            assert service.batches == [[b"fire"]] * 2

    asyncio.run(story())


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """Give the address of Google's Pub/Sub emulator; without one the tests are skipped, but never in CI."""
    try:
        started = emulators.find().start_pubsub(emulators.free_port())
    except emulators.EmulatorMissing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    yield started.host
    started.stop()


@pytest.fixture
def subscription(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], list[bytes]]]:
    """Give what pulls so many messages of PATH, and whatever there is beyond them."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", emulator)
    emulators.prepare_pubsub("tocsin-test", "alerts", "pulled", "")
    with grpc.insecure_channel(emulator) as channel:
        client = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        name = "projects/tocsin-test/subscriptions/pulled"

        def receive() -> list[bytes]:
            received = client.pull(subscription=name, max_messages=1000, timeout=PATIENCE).received_messages
            client.acknowledge(subscription=name, ack_ids=[message.ack_id for message in received])
            return [message.message.data for message in received]

        def pull(count: int) -> list[bytes]:
            bodies: list[bytes] = []
            while len(bodies) < count:
                bodies += receive()
            monkeypatch.setenv("PUBSUB_EMULATOR_HOST", emulator)  # not the wire of the test
            Topic(PATH).publish_now(b"end")  # whatever there is too much of comes before or with it
            while b"end" not in bodies:
                bodies += receive()
            bodies.remove(b"end")
            return sorted(bodies)

        yield pull


def test_two_hundred_at_once_arrive_once_each_in_few_calls(
    emulator: str, subscription: Callable[[int], list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def relays(_wire: Wire, request: Any, _context: Any) -> Any:
        async with grpc.aio.insecure_channel(emulator) as channel:
            publish = channel.unary_unary(
                "/google.pubsub.v1.Publisher/Publish", PublishRequest.serialize, PublishResponse.deserialize
            )
            return await publish(request)

    async def story() -> int:
        async with wire(monkeypatch, relays) as service:
            topic = Topic(PATH)
            await asyncio.gather(*(topic.publish(b"%d" % number) for number in range(200)))
            return len(service.batches)

    assert asyncio.run(story()) < 20
    assert subscription(200) == sorted(b"%d" % number for number in range(200))


def test_the_emulator_takes_a_message_directly(subscription: Callable[[int], list[bytes]]) -> None:
    asyncio.run(Topic(PATH).publish(b"\x00\xff"))
    Topic(PATH).publish_now(b"now")
    assert subscription(2) == [b"\x00\xff", b"now"]


@pytest.mark.usefixtures("subscription")
def test_a_missing_topic_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="NOT_FOUND"):
        asyncio.run(Topic("projects/tocsin-test/topics/missing").publish(b"fire"))


def test_preparing_again_points_the_subscription_elsewhere_and_keeps_its_messages(
    subscription: Callable[[int], list[bytes]],
) -> None:
    asyncio.run(Topic(PATH).publish(b"kept"))
    emulators.prepare_pubsub("tocsin-test", "alerts", "pulled", f"http://127.0.0.1:{emulators.free_port()}/route")
    emulators.prepare_pubsub("tocsin-test", "alerts", "pulled", "")
    assert subscription(1) == [b"kept"]

"""Proves that a publish is confirmed before it returns, shares calls, and fails in the right word."""

import asyncio
import itertools

import grpc
import pytest

from infra.local import emulators
from tests.clients.publisher import PATH, confirms, confirms_when_told, publisher, refuses_first
from tocsin.clients.batches import Batches
from tocsin.clients.pubsub import Topic
from tocsin.errors import Unavailable, Uncertain


async def outcomes(calls: list[asyncio.Task[None]]) -> list[BaseException | None]:
    return await asyncio.gather(*calls, return_exceptions=True)


def test_a_publish_returns_only_after_the_confirmation(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms_when_told) as service:
            call = asyncio.create_task(Topic(PATH).publish(b"fire"))
            await service.arrived.wait()
            assert not call.done()
            service.may_answer.set()
            await call
            assert service.batches == [[b"fire"]]

    asyncio.run(story())


def test_what_arrives_during_a_publish_goes_out_together_as_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms_when_told) as service:
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
        async with publisher(monkeypatch, confirms) as service:
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
        async with publisher(monkeypatch, refuses_first(code)) as service:
            service.may_answer.set()
            with pytest.raises(Unavailable, match=f"{PATH}.*{code.name}") as caught:
                await Topic(PATH).publish(b"fire")
            assert not isinstance(caught.value, Uncertain)
            assert len(service.batches) == 1

    asyncio.run(story())


def test_an_internal_error_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.INTERNAL)) as service:
            service.may_answer.set()
            with pytest.raises(Uncertain):
                await Topic(PATH).publish(b"fire")

    asyncio.run(story())


def test_an_answer_that_never_comes_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms_when_told):
            topic = Topic(PATH, timeout=0.2)
            calls = [asyncio.create_task(topic.publish(b"fire")) for _ in range(5)]
            assert [type(error) for error in await outcomes(calls)] == [Uncertain] * 5

    asyncio.run(story())


def test_a_connection_that_broke_is_tried_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.UNAVAILABLE)) as service:
            service.may_answer.set()
            await Topic(PATH).publish(b"fire")
            assert service.batches == [[b"fire"]] * 2

    asyncio.run(story())


def test_a_connection_that_breaks_twice_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.UNAVAILABLE, times=2)) as service:
            service.may_answer.set()
            with pytest.raises(Uncertain):
                await Topic(PATH).publish(b"fire")

    asyncio.run(story())


def test_a_failing_batch_fails_only_those_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.NOT_FOUND)) as service:
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
        async with publisher(monkeypatch, confirms_when_told) as service:
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
        async with publisher(monkeypatch, confirms) as service:
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
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.NOT_FOUND)) as service:
            service.may_answer.set()
            topic = Topic(PATH)
            with pytest.raises(Unavailable, match="NOT_FOUND"):
                await asyncio.to_thread(topic.publish_now, b"fire")
            await asyncio.to_thread(topic.publish_now, b"fire")
            assert service.batches == [[b"fire"]] * 2

    asyncio.run(story())

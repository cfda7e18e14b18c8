"""Proves that a publish is confirmed before it returns, and fails in the right word."""

import asyncio

import grpc
import pytest
from google.pubsub_v1.types import PublishRequest

from infra.local import emulators
from tests.clients.publisher import PATH, confirms, confirms_when_told, publisher, refuses_first
from tocsin.clients.pubsub import Topic, request_of
from tocsin.errors import Unavailable, Uncertain


def test_a_publish_returns_only_after_the_confirmation(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms_when_told) as service:
            call = asyncio.create_task(Topic(PATH).publish([b"fire"]))
            await service.arrived.wait()
            assert not call.done()
            service.may_answer.set()
            await call
            assert service.batches == [[b"fire"]]

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
                await Topic(PATH).publish([b"fire"])
            assert not isinstance(caught.value, Uncertain)
            assert len(service.batches) == 1

    asyncio.run(story())


def test_an_internal_error_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.INTERNAL)) as service:
            service.may_answer.set()
            with pytest.raises(Uncertain):
                await Topic(PATH).publish([b"fire"])

    asyncio.run(story())


def test_an_answer_that_never_comes_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms_when_told):
            with pytest.raises(Uncertain):
                await Topic(PATH, timeout=0.2).publish([b"fire"])

    asyncio.run(story())


def test_a_connection_that_broke_is_tried_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.UNAVAILABLE)) as service:
            service.may_answer.set()
            await Topic(PATH).publish([b"fire"])
            assert service.batches == [[b"fire"]] * 2

    asyncio.run(story())


def test_a_connection_that_breaks_twice_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.UNAVAILABLE, times=2)) as service:
            service.may_answer.set()
            with pytest.raises(Uncertain):
                await Topic(PATH).publish([b"fire"])

    asyncio.run(story())


def test_a_topic_works_anew_in_another_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    topic = Topic(PATH)

    async def story() -> list[list[bytes]]:
        async with publisher(monkeypatch, confirms) as service:
            await topic.publish([b"fire"])
            return service.batches

    assert asyncio.run(story()) == [[b"fire"]]
    assert asyncio.run(story()) == [[b"fire"]]


def test_when_nobody_listens_nothing_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{emulators.free_port()}")
        with pytest.raises(Unavailable) as caught:
            await Topic(PATH).publish([b"fire"])
        assert not isinstance(caught.value, Uncertain)

    asyncio.run(story())


def test_without_an_event_loop_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.NOT_FOUND)) as service:
            service.may_answer.set()
            topic = Topic(PATH)
            with pytest.raises(Unavailable, match="NOT_FOUND"):
                await asyncio.to_thread(topic.publish_now, b"fire")
            await asyncio.to_thread(topic.publish_now, b"fire")
            assert service.batches == service.urgent == [[b"fire"]] * 2
            await asyncio.to_thread(lambda: topic.publish_now(b"smoke", urgent=False))
            assert service.batches[2:] == [[b"smoke"]]
            assert [b"smoke"] not in service.urgent

    asyncio.run(story())


@pytest.mark.parametrize("sizes", [[0], [1], [127, 128], [16_383, 16_384], [2_097_151, 2_097_152], [7] * 1000, []])
def test_a_request_is_what_the_library_reads(sizes: list[int]) -> None:
    bodies = [bytes([size % 251]) * size for size in sizes]
    read = PublishRequest.deserialize(request_of(f"{PATH}-é", bodies, bodies[:2]))
    urgent = [{"data": body, "attributes": {"urgent": "1"}} for body in bodies[:2]]
    assert read == PublishRequest(topic=f"{PATH}-é", messages=[*urgent, *({"data": body} for body in bodies)])

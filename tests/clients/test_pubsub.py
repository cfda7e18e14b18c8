"""Proves that a publish is confirmed before it returns, and fails in the right word."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import grpc
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.pubsub_v1.types import PublishRequest

from infra.local import emulators
from tests.clients.publisher import PATH, confirms, confirms_when_told, publisher, refuses_first
from tocsin.clients.pubsub import HOST, Topic, request_of, token
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


def test_in_the_cloud_a_call_carries_a_token_of_the_account_it_runs_as(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {"type": "service_account", "client_email": "ingest@pager.example", "private_key": pem}
    file = tmp_path / "account.json"
    file.write_text(json.dumps({**account, "token_uri": "https://pager.example/token"}))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    given: list[Any] = []

    def told(metadata: Any, error: Any) -> None:
        given.extend([dict(metadata), error])

    url = f"https://{HOST}/google.pubsub.v1.Publisher"
    call: Any = SimpleNamespace(service_url=url, method_name="Publish")
    token()(call, cast("grpc.AuthMetadataPluginCallback", told))
    headers, error = given
    assert error is None
    bearer = headers["authorization"]
    claims = jwt.decode(bearer.removeprefix("Bearer "), key.public_key(), ["RS256"], audience=f"https://{HOST}/")
    assert claims["iss"] == "ingest@pager.example"

"""Proves on Google's own emulator that what was published is there, once."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import grpc.aio
import pytest
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from infra.local import emulators
from tests.clients.publisher import PATH, PATIENCE
from tocsin.clients.pubsub import Topic
from tocsin.errors import Unavailable


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


def test_a_thousand_at_once_arrive_once_each(subscription: Callable[[int], list[bytes]]) -> None:
    bodies = sorted(b"%d" % number for number in range(1000))
    asyncio.run(Topic(PATH).publish(bodies))
    assert subscription(1000) == bodies


def test_the_emulator_takes_a_message_directly(subscription: Callable[[int], list[bytes]]) -> None:
    asyncio.run(Topic(PATH).publish([b"\x00\xff"]))
    Topic(PATH).publish_now(b"now")
    assert subscription(2) == [b"\x00\xff", b"now"]


@pytest.mark.usefixtures("subscription")
def test_a_missing_topic_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="NOT_FOUND"):
        asyncio.run(Topic("projects/tocsin-test/topics/missing").publish([b"fire"]))


def test_preparing_again_points_the_subscription_elsewhere_and_keeps_its_messages(
    subscription: Callable[[int], list[bytes]],
) -> None:
    asyncio.run(Topic(PATH).publish([b"kept"]))
    emulators.prepare_pubsub("tocsin-test", "alerts", "pulled", f"http://127.0.0.1:{emulators.free_port()}/route")
    emulators.prepare_pubsub("tocsin-test", "alerts", "pulled", "")
    assert subscription(1) == [b"kept"]


def test_where_no_emulator_is_installed_one_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.delenv("PUBSUB_EMULATOR_HOST", raising=False)
    with pytest.raises(emulators.EmulatorMissing, match="gcloud components install"):
        emulators.find()


def test_emulators_the_environment_names_are_taken_and_left_running(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:2")
    found = emulators.find()
    assert found.start_firestore(3) == emulators.Emulator("127.0.0.1:1", None)
    assert found.start_pubsub(4) == emulators.Emulator("127.0.0.1:2", None)

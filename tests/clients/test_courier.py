"""Proves that what is in the embedded queue arrives as Pub/Sub would bring it, and that nothing gets lost."""

import asyncio
import base64
import json
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local import emulators
from infra.local.courier import IN_FLIGHT, Courier
from tests.clients.receiver import PATIENCE, Clock, Receiver, receiver, running
from tocsin.clients.embedded_queue import EmbeddedQueue
from tocsin.errors import Unavailable

FAR = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tocsin.sqlite"


@asynccontextmanager
async def delivering(queue: EmbeddedQueue, function: Receiver, clock: Clock) -> AsyncIterator[None]:
    async with running(asyncio.create_task(Courier(queue, function.url, clock).run())):
        yield


def test_a_published_message_arrives_as_pubsub_pushes_it(path: Path) -> None:
    async def story() -> None:
        clock = Clock()
        queue = EmbeddedQueue(path, lambda: clock.now)
        async with receiver() as function, delivering(queue, function, clock):
            await queue.publish([b"\x00\xff not text"])
            delivery = await function.next()
            message = json.loads(delivery.body)["message"]
            assert delivery.path == "/route"
            assert base64.b64decode(message["data"]) == b"\x00\xff not text"
            assert message["messageId"] == message["message_id"]
            assert message["attributes"] == {}
            assert datetime.fromisoformat(message["publishTime"]) == clock.now
            assert message["publishTime"] == message["publish_time"]
            assert "X-CloudTasks-TaskName" not in delivery.headers

    asyncio.run(story())


@pytest.mark.parametrize(("status", "taken"), [(200, True), (202, True), (204, True), (206, False), (400, False)])
def test_pubsub_takes_five_answers_for_delivered_and_no_other(path: Path, status: int, *, taken: bool) -> None:
    async def story() -> None:
        clock = Clock()
        queue = EmbeddedQueue(path, lambda: clock.now)
        queue.publish_now(b"fire")
        async with receiver() as function, delivering(queue, function, clock):
            function.answers.append(status)
            await function.next()
            while (due := queue.next_due()) == clock.now:
                await clock.is_looked_at()
            assert due == (None if taken else clock.now + timedelta(seconds=1))

    asyncio.run(story())


def test_the_pause_between_attempts_ends_at_thirty_seconds(path: Path) -> None:
    async def story() -> None:
        clock = Clock()
        queue = EmbeddedQueue(path, lambda: clock.now)
        queue.publish_now(b"fire")
        pauses = []
        async with receiver() as function, delivering(queue, function, clock):
            function.answers.extend([500] * 7)
            for _ in range(7):
                await function.next()
                while (due := queue.next_due()) == clock.now:
                    await clock.is_looked_at()
                assert due is not None
                pauses.append((due - clock.now).total_seconds())
                clock.now = due
        assert pauses == [1, 2, 4, 8, 16, 30, 30]

    asyncio.run(story())


def test_while_nobody_listens_it_is_tried_every_second_at_least(path: Path) -> None:
    async def story() -> None:
        clock = Clock()
        queue = EmbeddedQueue(path, lambda: clock.now)
        queue.publish_now(b"fire")
        function = Receiver()
        function.url = f"http://127.0.0.1:{emulators.free_port()}"
        pauses = []
        async with asyncio.timeout(PATIENCE), delivering(queue, function, clock):
            for _ in range(6):
                while (due := queue.next_due()) == clock.now:
                    await clock.is_looked_at()
                assert due is not None
                pauses.append((due - clock.now).total_seconds())
                clock.now = due
        assert pauses == [0.1, 0.2, 0.4, 0.8, 1, 1]
        assert queue.due(clock.now)[0].answers == 0

    asyncio.run(story())


def test_what_was_under_way_in_a_crash_is_delivered_again_by_the_next_process(path: Path) -> None:
    async def story() -> None:
        clock = Clock()
        queue = EmbeddedQueue(path, lambda: clock.now)
        queue.publish_now(b"fire")
        queue.create("escalate", {"level": 2}, clock.now + timedelta(minutes=5))
        async with receiver() as function:
            function.open.clear()
            async with delivering(queue, function, clock):
                before = await function.next()
            function.open.set()
            again = EmbeddedQueue(path, lambda: clock.now)
            async with delivering(again, function, clock):
                assert await function.next() == before
                clock.passes(minutes=5)
                assert json.loads((await function.next()).body) == {"level": 2}

    asyncio.run(story())


def test_the_longest_due_goes_first_and_at_most_eighty_at_once(path: Path) -> None:
    async def story() -> None:
        clock = Clock()
        queue = EmbeddedQueue(path, lambda: clock.now)
        for number in range(IN_FLIGHT + 20):
            queue.create("notify", {"number": number}, clock.now + timedelta(seconds=IN_FLIGHT + 20 - number))
        clock.passes(hours=1)
        async with receiver() as function:
            function.open.clear()
            async with delivering(queue, function, clock):
                first = [await function.next() for _ in range(IN_FLIGHT)]
                assert {json.loads(delivery.body)["number"] for delivery in first} == set(range(20, IN_FLIGHT + 20))
                function.open.set()
                for _ in range(20):
                    await function.next()
                assert function.most_at_once == IN_FLIGHT

    asyncio.run(story())


def test_what_is_urgent_is_routed_beside_a_storm_of_what_is_not(path: Path) -> None:
    asyncio.run(EmbeddedQueue(path).publish([b"storm"], [b"quiet"]))
    assert [(item.target, item.body, item.urgent) for item in EmbeddedQueue(path).due(FAR)] == [
        ("route", b"quiet", True),
        ("route", b"storm", False),
    ]


def test_what_is_urgent_passes_a_storm_of_what_is_not(path: Path) -> None:
    async def story() -> None:
        clock = Clock()
        queue = EmbeddedQueue(path, lambda: clock.now)
        for number in range(2 * IN_FLIGHT):
            queue.create("notify", {"number": number})
        async with receiver() as function:
            function.open.clear()  # nobody gets an answer: the storm fills its lane
            async with delivering(queue, function, clock):
                for _ in range(IN_FLIGHT):
                    await function.next()
                queue.create("notify", {"number": "first"}, urgent=True)
                urgent = await function.next()
                assert json.loads(urgent.body) == {"number": "first"}
                assert urgent.headers["X-CloudTasks-QueueName"] == "embedded-urgent"
                function.open.set()
                for _ in range(IN_FLIGHT):
                    await function.next()
            assert len(function.deliveries) == 2 * IN_FLIGHT + 1

    asyncio.run(story())


def test_a_file_of_an_earlier_version_is_taken_on_with_what_is_in_it(path: Path) -> None:
    with closing(sqlite3.connect(path)) as earlier:
        earlier.execute(
            "CREATE TABLE queue (id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, body BLOB NOT NULL,"
            " made INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,"
            " answers INTEGER NOT NULL DEFAULT 0)"
        )
        earlier.execute("INSERT INTO queue (target, body, made, due) VALUES ('notify', x'7b7d', 0, 0)")
        earlier.commit()
    queue = EmbeddedQueue(path)
    queue.create("notify", {}, urgent=True)
    assert [item.urgent for item in EmbeddedQueue(path).due(FAR)] == [False, True]
    assert [item.body for item in queue.due(FAR, urgent=False)] == [b"{}"]


def test_messages_published_at_once_are_all_kept_and_all_different(path: Path) -> None:
    async def story() -> None:
        queue = EmbeddedQueue(path)
        await queue.publish([b"%d" % number for number in range(500)])

    asyncio.run(story())
    kept = EmbeddedQueue(path).due(FAR, 1000)
    assert sorted(item.body for item in kept) == sorted(b"%d" % number for number in range(500))


def test_a_message_is_in_the_file_when_publish_returns(path: Path) -> None:
    asyncio.run(EmbeddedQueue(path).publish([b"fire"]))
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT target, body FROM queue").fetchall() == [("route", b"fire")]
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_several_queues_may_open_and_write_one_new_file_at_the_same_time(path: Path) -> None:
    start = threading.Barrier(8)
    errors = []

    def write(writer: int) -> None:
        queue = EmbeddedQueue(path)
        start.wait()
        try:
            for number in range(10):
                queue.create("notify", {"writer": writer, "number": number})
        except Unavailable as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    items = EmbeddedQueue(path).due(FAR, 1000)
    assert errors == []
    assert len({item.body for item in items}) == len(items) == 80


def test_a_file_that_stays_busy_is_unavailable_and_holds_nothing(path: Path) -> None:
    queue = EmbeddedQueue(path, busy=0.01)
    assert queue.next_due() is None
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            asyncio.run(queue.publish([b"fire"]))
        with pytest.raises(Unavailable, match="locked"):
            queue.create("notify", {})
        other.execute("ROLLBACK")
    assert queue.next_due() is None


def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="missing"):
        EmbeddedQueue(tmp_path / "missing" / "tocsin.sqlite").publish_now(b"fire")


def test_a_courier_outlives_a_file_that_is_busy_for_a_while(path: Path) -> None:
    async def story() -> None:
        clock = Clock()
        queue = EmbeddedQueue(path, lambda: clock.now, busy=0.01)
        queue.publish_now(b"fire")
        async with receiver() as function, delivering(queue, function, clock):
            function.open.clear()
            await function.next()
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                function.open.set()
                await clock.is_looked_at()
            while queue.next_due() is not None:
                await clock.is_looked_at()
            assert len(function.deliveries) == 1

    asyncio.run(story())

"""Proves of both queues what the functions rely on: the embedded one, and Cloud Tasks through Google's own client."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.courier import Courier
from infra.local.task_queue import Limits
from infra.local.tasks import serve
from tests.clients.receiver import Clock, Receiver, receiver, running
from tocsin.clients.embedded_queue import EmbeddedQueue
from tocsin.clients.tasks import Tasks

QUEUE = "projects/tocsin-test/locations/here/queues/pages"
BODY = {"incident": "Ωmega", "level": 2, "text": 'quote " and \\ and \n', "none": None}


@dataclass(frozen=True)
class Night:
    """A queue, whoever delivers it, the function that is called, and the time."""

    create: Callable[..., None]
    next_due: Callable[[], datetime | None]
    function: Receiver
    clock: Clock

    async def asks(self, body: dict[str, Any], at: datetime | None = None) -> None:
        await asyncio.to_thread(self.create, "escalate", body, at)

    async def pauses(self) -> timedelta:
        """Give how long the queue means to wait, once it has taken note of the last answer."""
        while (due := self.next_due()) is None or due <= self.clock.now:
            await self.clock.is_looked_at()
        return due - self.clock.now

    async def is_done(self) -> None:
        while self.next_due() is not None:
            await self.clock.is_looked_at()


@asynccontextmanager
async def embedded(path: Path) -> AsyncIterator[Night]:
    async with receiver() as function:
        clock = Clock()
        queue = EmbeddedQueue(path / "tocsin.sqlite", lambda: clock.now)
        async with running(asyncio.create_task(Courier(queue, function.url, clock).run())):
            yield Night(queue.create, queue.next_due, function, clock)


@asynccontextmanager
async def tasks(_path: Path) -> AsyncIterator[Night]:
    async with receiver() as function:
        clock = Clock()
        async with serve(0, [QUEUE], clock) as cloud:
            queue = cloud.queues[QUEUE]
            queue.limits = Limits(min_backoff=timedelta(seconds=1), max_backoff=timedelta(seconds=30))
            client = Tasks(QUEUE, lambda name: f"{function.url}/{name}", endpoint=f"127.0.0.1:{cloud.port}")

            def next_due() -> datetime | None:
                return min((task.due for task in queue.tasks()), default=None)

            yield Night(client.create, next_due, function, clock)


@pytest.fixture(params=[embedded, tasks])
def night(request: pytest.FixtureRequest, tmp_path: Path) -> AbstractAsyncContextManager[Night]:
    """Both queues, one after the other: whoever takes this tests the contract."""
    opened: AbstractAsyncContextManager[Night] = request.param(tmp_path)
    return opened


def test_a_task_without_a_time_is_delivered_at_once_and_once(night: AbstractAsyncContextManager[Night]) -> None:
    async def story() -> None:
        async with night as queue:
            await queue.asks(BODY)
            delivery = await queue.function.next()
            assert delivery.path == "/escalate"
            assert json.loads(delivery.body) == BODY
            assert delivery.headers["Content-Type"] == "application/json"
            await queue.is_done()
            await queue.clock.is_looked_at()
            assert len(queue.function.deliveries) == 1

    asyncio.run(story())


def test_a_task_is_not_delivered_before_its_time(night: AbstractAsyncContextManager[Night]) -> None:
    async def story() -> None:
        async with night as queue:
            await queue.asks({"timer": 1}, queue.clock.now + timedelta(minutes=5))
            queue.clock.passes(minutes=4, seconds=59.999)
            await queue.asks({"timer": 2})
            assert json.loads((await queue.function.next()).body) == {"timer": 2}
            await queue.clock.is_looked_at()
            assert len(queue.function.deliveries) == 1
            queue.clock.passes(seconds=0.001)
            assert json.loads((await queue.function.next()).body) == {"timer": 1}

    asyncio.run(story())


def test_a_time_in_the_past_is_now(night: AbstractAsyncContextManager[Night]) -> None:
    async def story() -> None:
        async with night as queue:
            await queue.asks(BODY, queue.clock.now - timedelta(hours=1))
            assert json.loads((await queue.function.next()).body) == BODY

    asyncio.run(story())


def test_a_failure_is_repeated_ever_later_until_a_success_ends_it(night: AbstractAsyncContextManager[Night]) -> None:
    async def story() -> None:
        async with night as queue:
            queue.function.answers.extend([500, 503, 404, 204])
            await queue.asks(BODY)
            headers = [(await queue.function.next()).headers]
            for seconds in (1, 2, 4):
                assert await queue.pauses() == timedelta(seconds=seconds)
                queue.clock.passes(seconds=seconds)
                headers.append((await queue.function.next()).headers)
            await queue.is_done()
            assert [header["X-CloudTasks-TaskRetryCount"] for header in headers] == ["0", "1", "2", "3"]
            assert [header["X-CloudTasks-TaskExecutionCount"] for header in headers] == ["0", "1", "2", "3"]
            assert len({header["X-CloudTasks-TaskName"] for header in headers}) == 1
            assert len({delivery.body for delivery in queue.function.deliveries}) == 1

    asyncio.run(story())


def test_a_redirect_is_no_success(night: AbstractAsyncContextManager[Night]) -> None:
    async def story() -> None:
        async with night as queue:
            queue.function.answers.append(302)
            await queue.asks(BODY)
            await queue.function.next()
            assert await queue.pauses() > timedelta(0)

    asyncio.run(story())


def test_a_failing_task_does_not_hold_up_its_neighbours(night: AbstractAsyncContextManager[Night]) -> None:
    async def story() -> None:
        async with night as queue:
            queue.function.answers.append(500)
            await queue.asks({"task": "poison"})
            await queue.function.next()
            await queue.asks({"task": "page"})
            assert json.loads((await queue.function.next()).body) == {"task": "page"}

    asyncio.run(story())


def test_the_headers_say_which_task_of_which_queue_was_due_when(night: AbstractAsyncContextManager[Night]) -> None:
    async def story() -> None:
        async with night as queue:
            at = queue.clock.now + timedelta(seconds=90)
            await queue.asks(BODY, at)
            queue.clock.passes(minutes=2)
            headers = (await queue.function.next()).headers
            assert float(headers["X-CloudTasks-TaskETA"]) == at.timestamp()
            assert headers["X-CloudTasks-QueueName"] in {"pages", "embedded"}
            assert headers["X-CloudTasks-TaskName"].isdigit()

    asyncio.run(story())

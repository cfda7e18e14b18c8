"""Proves that Google's own client finds Cloud Tasks in the stand-in, and what ours does when it gets no answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import grpc
import grpc.aio
import jwt
import pytest
from google.api_core.exceptions import AlreadyExists, InvalidArgument, NotFound
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from infra.local import emulators
from infra.local.tasks import CloudTasks, serve
from tests.clients.receiver import PATIENCE, Clock, Receiver, receiver
from tocsin.clients.tasks import Tasks
from tocsin.errors import Unavailable

LOCATION = "projects/tocsin-test/locations/here"
QUEUE = f"{LOCATION}/queues/pages"


class Standing:
    """The stand-in, Google's client connected to it, and the function it calls."""

    def __init__(self, cloud: CloudTasks, channel: grpc.Channel, function: Receiver, clock: Clock) -> None:
        self.cloud, self.function, self.clock = cloud, function, clock
        self.client: Any = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))

    async def asks(self, method: str, **arguments: Any) -> Any:
        """Call Google's client, which blocks, in a thread: the stand-in lives in this one."""
        return await asyncio.to_thread(getattr(self.client, method), **arguments, timeout=PATIENCE)

    async def creates(self, name: str = "", **fields: Any) -> Any:
        request = {"url": f"{self.function.url}/escalate", "body": b"secret", **fields.pop("http_request", {})}
        full_name = f"{QUEUE}/tasks/{name}" if name else ""
        return await self.asks("create_task", parent=QUEUE, task={"name": full_name, "http_request": request, **fields})


@asynccontextmanager
async def standing() -> AsyncIterator[Standing]:
    clock = Clock()
    async with receiver() as function, serve(0, [QUEUE], clock) as cloud:
        with grpc.insecure_channel(f"127.0.0.1:{cloud.port}") as channel:
            yield Standing(cloud, channel, function, clock)


def test_googles_client_creates_shows_lists_and_deletes_tasks() -> None:
    async def story() -> None:
        async with standing() as cloud:
            at = cloud.clock.now + timedelta(hours=1)
            for name in ("a", "b", "c"):
                created = await cloud.creates(name, schedule_time=at)
                assert created.schedule_time == at
                assert created.http_request.body == b""
            full = tasks_v2.GetTaskRequest(name=f"{QUEUE}/tasks/a", response_view=tasks_v2.Task.View.FULL)
            assert (await cloud.asks("get_task", request=full)).http_request.body == b"secret"
            pages = await cloud.asks("list_tasks", request=tasks_v2.ListTasksRequest(parent=QUEUE, page_size=2))
            names = await asyncio.to_thread(lambda: [each.name[-1] for each in pages])
            assert names == ["a", "b", "c"]
            await cloud.asks("delete_task", name=f"{QUEUE}/tasks/a")
            with pytest.raises(NotFound):
                await cloud.asks("get_task", name=f"{QUEUE}/tasks/a")
            with pytest.raises(AlreadyExists):
                await cloud.creates("a")

    asyncio.run(story())


def test_googles_client_hears_why_a_task_was_refused() -> None:
    async def story() -> None:
        async with standing() as cloud:
            with pytest.raises(InvalidArgument, match="30 days"):
                await cloud.creates(schedule_time=cloud.clock.now + timedelta(days=31))
            with pytest.raises(InvalidArgument, match="1 MiB"):
                await cloud.creates(http_request={"body": b"x" * 1024 * 1024})
            with pytest.raises(InvalidArgument, match="http"):
                await cloud.creates(http_request={"url": "ftp://127.0.0.1"})
            with pytest.raises(NotFound, match="missing"):
                await cloud.asks("create_task", parent=f"{LOCATION}/queues/missing", task={})

    asyncio.run(story())


def test_googles_client_pauses_runs_resumes_and_purges() -> None:
    async def story() -> None:
        async with standing() as cloud:
            paused = await cloud.asks("pause_queue", name=QUEUE)
            assert paused.state is tasks_v2.Queue.State.PAUSED
            for name in ("a", "b"):
                await cloud.creates(name)
            await cloud.asks("run_task", name=f"{QUEUE}/tasks/b")
            assert (await cloud.function.next()).headers["X-CloudTasks-TaskName"] == "b"
            await cloud.asks("resume_queue", name=QUEUE)
            assert (await cloud.function.next()).headers["X-CloudTasks-TaskName"] == "a"
            await cloud.creates("c", schedule_time=cloud.clock.now + timedelta(hours=1))
            assert (await cloud.asks("purge_queue", name=QUEUE)).purge_time == cloud.clock.now
            with pytest.raises(NotFound):
                await cloud.asks("get_task", name=f"{QUEUE}/tasks/c")

    asyncio.run(story())


def test_googles_client_makes_a_queue_and_changes_only_what_it_names() -> None:
    async def story() -> None:
        async with standing() as cloud:
            name = f"{LOCATION}/queues/timers"
            wanted = {"name": name, "retry_config": {"max_attempts": 5, "min_backoff": timedelta(seconds=10)}}
            made = await cloud.asks("create_queue", parent=LOCATION, queue=wanted)
            assert made.retry_config.min_backoff == timedelta(seconds=10)
            assert made.retry_config.max_backoff == timedelta(hours=1)
            with pytest.raises(AlreadyExists):
                await cloud.asks("create_queue", parent=LOCATION, queue=wanted)
            change = {"name": name, "retry_config": {"max_attempts": 7}}
            mask = {"paths": ["retry_config.max_attempts"]}
            await cloud.asks("update_queue", queue=change, update_mask=mask)
            changed = await cloud.asks("get_queue", name=name)
            assert (changed.retry_config.max_attempts, changed.retry_config.min_backoff) == (7, timedelta(seconds=10))

    asyncio.run(story())


def test_a_function_that_is_not_there_is_called_again_without_counting_an_answer() -> None:
    async def story() -> None:
        async with standing() as cloud:
            queue = cloud.cloud.queues[QUEUE]
            address = f"http://127.0.0.1:{emulators.free_port()}"
            await cloud.creates("a", http_request={"url": address})
            while queue.get(f"{QUEUE}/tasks/a").due == cloud.clock.now:
                await cloud.clock.is_looked_at()
            kept = queue.get(f"{QUEUE}/tasks/a")
            assert (kept.attempts, kept.answers) == (1, 0)

    asyncio.run(story())


def test_our_tasks_carry_an_identity_token_a_deadline_and_no_name_of_ours() -> None:
    async def story() -> None:
        async with standing() as cloud:
            url = f"{cloud.function.url}/notify"
            account = "pager@tocsin-test.iam.gserviceaccount.com"
            ours = Tasks(QUEUE, lambda _: url, account, endpoint=f"127.0.0.1:{cloud.cloud.port}")
            cloud.function.answers.append(500)
            await asyncio.to_thread(ours.create, "notify", {"id": "n1"})
            delivery = await cloud.function.next()
            scheme, _, token = delivery.headers["Authorization"].partition(" ")
            claims = jwt.decode(token, options={"verify_signature": False})
            assert scheme == "Bearer"
            assert (claims["aud"], claims["email"], claims["email_verified"]) == (url, account, True)
            assert json.loads(delivery.body) == {"id": "n1"}
            (kept,) = cloud.cloud.queues[QUEUE].tasks()
            assert kept.deadline == timedelta(seconds=30)

    asyncio.run(story())


def test_a_task_for_a_time_that_is_too_far_ahead_comes_early() -> None:
    async def story() -> None:
        async with standing() as cloud:
            now, url, host = cloud.clock.now, f"{cloud.function.url}/escalate", f"127.0.0.1:{cloud.cloud.port}"
            ours = Tasks(QUEUE, lambda _: url, None, host, now=lambda: now)
            for days in (28, 31):
                await asyncio.to_thread(ours.create, "escalate", {"incident": "a"}, now + timedelta(days=days))
            assert {(one.due - now).days for one in cloud.cloud.queues[QUEUE].tasks()} == {28, 29}

    asyncio.run(story())


def test_a_missing_queue_is_unavailable_and_names_the_queue() -> None:
    async def story() -> None:
        async with standing() as cloud:
            ours = Tasks(f"{LOCATION}/queues/missing", str, endpoint=f"127.0.0.1:{cloud.cloud.port}")
            with pytest.raises(Unavailable, match="queues/missing does not exist"):
                await asyncio.to_thread(ours.create, "notify", {})

    asyncio.run(story())


def test_what_is_urgent_goes_to_a_queue_of_its_own() -> None:
    async def story() -> None:
        rest, urgent = f"{LOCATION}/queues/tocsin", f"{LOCATION}/queues/tocsin-urgent"
        clock = Clock()
        async with receiver() as function, serve(0, [rest, urgent], clock) as cloud:
            ours = Tasks(rest, lambda name: f"{function.url}/{name}", None, f"127.0.0.1:{cloud.port}", urgent)
            cloud.queues[rest].paused = True
            await asyncio.to_thread(ours.create, "notify", {"page": "low"})
            await asyncio.to_thread(ours.create, "notify", {"page": "high"}, urgent=True)
            assert json.loads((await function.next()).body) == {"page": "high"}
            assert len(cloud.queues[rest].tasks()) == 1

    asyncio.run(story())


def test_whoever_was_asked_a_moment_ago_lets_others_pass() -> None:
    async def story() -> None:
        rest, urgent = f"{LOCATION}/queues/tocsin", f"{LOCATION}/queues/tocsin-urgent"
        clock = Clock()
        async with receiver() as function, serve(0, [rest, urgent], clock) as cloud:
            host = f"127.0.0.1:{cloud.port}"
            ours = Tasks(rest, lambda name: f"{function.url}/{name}", None, host, urgent, now=lambda: clock.now)
            for queue in (rest, urgent):
                cloud.queues[queue].paused = True

            async def asked(*ids: str) -> tuple[int, int]:
                for one in ids:
                    await asyncio.to_thread(ours.create, "notify", {"notification": one}, urgent=True)
                return len(cloud.queues[urgent].tasks()), len(cloud.queues[rest].tasks())

            assert await asked("a-1-1-ada-1", "a-1-1-ada-2", "b-1-1-bram-1") == (3, 0)
            assert await asked("c-1-1-ada-1", "d-2-1-ada-1", "e-1-2-ada-bram-1") == (4, 2)
            clock.passes(seconds=60)
            assert await asked("f-1-1-ada-1", "g-1-1-ada-1") == (5, 3)
            await asyncio.to_thread(ours.create, "escalate", {"incident": "a"}, urgent=True)
            assert len(cloud.queues[urgent].tasks()) == 6

    asyncio.run(story())


def test_whoever_could_not_be_asked_was_not_asked() -> None:
    async def story() -> None:
        rest, urgent = f"{LOCATION}/queues/tocsin", f"{LOCATION}/queues/tocsin-urgent"
        async with receiver() as function, serve(0, [rest], Clock()) as cloud:
            ours = Tasks(rest, lambda name: f"{function.url}/{name}", None, f"127.0.0.1:{cloud.port}", urgent)
            for _ in range(2):
                with pytest.raises(Unavailable, match="tocsin-urgent"):
                    await asyncio.to_thread(ours.create, "notify", {"notification": "a-1-1-ada-1"}, urgent=True)

    asyncio.run(story())


def test_when_nobody_listens_a_task_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="notify"):
        Tasks(QUEUE, str, endpoint=f"127.0.0.1:{emulators.free_port()}").create("notify", {})


@pytest.mark.parametrize(
    ("code", "tries"),
    [
        (grpc.StatusCode.UNAVAILABLE, 2),
        (grpc.StatusCode.DEADLINE_EXCEEDED, 2),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, 2),
        (grpc.StatusCode.PERMISSION_DENIED, 1),
    ],
)
def test_what_may_pass_is_tried_twice_and_what_does_not_once(code: grpc.StatusCode, tries: int) -> None:
    async def story() -> None:
        calls = []

        async def refuse(request: Any, context: Any) -> None:
            calls.append(request)
            await context.abort(code, "said the wire")

        server = grpc.aio.server()
        method: Any = {"CreateTask": grpc.unary_unary_rpc_method_handler(refuse)}
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("google.cloud.tasks.v2.CloudTasks", method),)
        )
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            with pytest.raises(Unavailable, match="said the wire"):
                await asyncio.to_thread(
                    Tasks(QUEUE, lambda _: "http://x", endpoint=f"127.0.0.1:{port}").create, "n", {}
                )
        finally:
            await server.stop(grace=None)
        assert len(calls) == tries

    asyncio.run(story())

"""Stands in for Cloud Tasks: the official client talks to it over gRPC, and it calls the functions over HTTP.

Tasks live in memory and end with the process, as in Google's emulators; the sweep finds what they stood for.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import grpc
import grpc.aio
from google.cloud import tasks_v2
from google.protobuf.empty_pb2 import Empty

from infra.local.task_queue import Limits, RefusedError, Task, TaskQueue
from infra.local.task_wire import headers, merge_queue, read_limits, read_task, write_queue, write_task

SERVICE = "google.cloud.tasks.v2.CloudTasks"
POLL = 0.02  # seconds between two looks at what is due
PAGE = 1000  # tasks in an answer of ListTasks

log = logging.getLogger(__name__)

AS_DEPLOYED = Limits(
    # No more of both queues than notify has threads here (infra/gcp/tasks.tf: than its instances take). A task that
    # waits for a thread is given up by its queue and comes again, which takes the threads from what could be done.
    max_concurrent_dispatches=16,
    min_backoff=timedelta(seconds=1),
    max_backoff=timedelta(seconds=30),
    max_doublings=5,
)
"""How each of the two queues repeats, and how much it hands out at once."""


class CloudTasks:
    """Queues by name, the calls of the client as methods, and the dispatching to the functions."""

    def __init__(self, queues: Iterable[str], clock: Callable[[], datetime], limits: Limits | None = None) -> None:
        """Start with empty queues of these names; without limits they have Google's defaults."""
        self.queues = {name: TaskQueue(name, limits) for name in queues}
        self.port = 0
        self._clock = clock

    def create_task(self, request: Any) -> tasks_v2.Task:
        """Take a task; the answer shows as much of it as the client asked to see."""
        now = self._clock()
        return write_task(self._queue(request.parent).create(read_task(request.task, now), now), request.response_view)

    def get_task(self, request: Any) -> tasks_v2.Task:
        """Show a task."""
        return write_task(self._queue_of(request.name).get(request.name), request.response_view)

    def list_tasks(self, request: Any) -> tasks_v2.ListTasksResponse:
        """Show a page of tasks; the token of a page is the last name of the one before."""
        tasks = [task for task in self._queue(request.parent).tasks() if task.name > request.page_token]
        size = min(request.page_size or PAGE, PAGE)
        page = [write_task(task, request.response_view) for task in tasks[:size]]
        return tasks_v2.ListTasksResponse(tasks=page, next_page_token=page[-1].name if len(tasks) > size else "")

    def delete_task(self, request: Any) -> Empty:
        """Delete a task."""
        self._queue_of(request.name).delete(request.name, self._clock())
        return Empty()

    def run_task(self, request: Any) -> tasks_v2.Task:
        """Dispatch a task now, whatever its time and whatever the state of its queue."""
        return write_task(self._queue_of(request.name).run(request.name, self._clock()), request.response_view)

    def create_queue(self, request: Any) -> tasks_v2.Queue:
        """Make a queue."""
        name = request.queue.name
        if name in self.queues:
            raise RefusedError(grpc.StatusCode.ALREADY_EXISTS, f"The queue {name} exists already.")
        if not name.startswith(f"{request.parent}/queues/"):
            raise RefusedError(grpc.StatusCode.INVALID_ARGUMENT, f"{name} is no name of a queue in {request.parent}.")
        self.queues[name] = TaskQueue(name, read_limits(request.queue))
        return write_queue(self.queues[name])

    def update_queue(self, request: Any) -> tasks_v2.Queue:
        """Change what the mask names, or everything without one; a queue that is not there is made, as Google does."""
        queue = self.queues.setdefault(request.queue.name, TaskQueue(request.queue.name))
        queue.limits = read_limits(merge_queue(queue, request.queue, request.update_mask))
        return write_queue(queue)

    def get_queue(self, request: Any) -> tasks_v2.Queue:
        """Show a queue."""
        return write_queue(self._queue(request.name))

    def pause_queue(self, request: Any) -> tasks_v2.Queue:
        """Take tasks, but dispatch none."""
        self._queue(request.name).paused = True
        return self.get_queue(request)

    def resume_queue(self, request: Any) -> tasks_v2.Queue:
        """Dispatch again, first what has become due meanwhile."""
        self._queue(request.name).paused = False
        return self.get_queue(request)

    def purge_queue(self, request: Any) -> tasks_v2.Queue:
        """Delete every task."""
        self._queue(request.name).purge(self._clock())
        return self.get_queue(request)

    async def dispatch(self) -> None:
        """Call the functions for what is due, until cancelled."""
        connector = aiohttp.TCPConnector(limit=0)  # the queues say how much at once
        async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as calls:
            while True:
                for queue in list(self.queues.values()):
                    for task in queue.due(self._clock()):
                        calls.create_task(self._call(session, queue, task))
                await asyncio.sleep(POLL)

    async def _call(self, session: aiohttp.ClientSession, queue: TaskQueue, task: Task) -> None:
        call, now = task.call, self._clock()
        timeout = aiohttp.ClientTimeout(total=task.deadline.total_seconds())
        request = session.request(
            call.method, call.url, data=call.body, headers=headers(task, now), timeout=timeout, allow_redirects=False
        )
        status = None
        try:
            async with request as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("%s gave no answer to a task: %r", call.url, error)
        queue.answered(task.name, status, self._clock())

    def _queue(self, name: str) -> TaskQueue:
        if name not in self.queues:
            raise RefusedError(grpc.StatusCode.NOT_FOUND, f"The queue {name} does not exist.")
        return self.queues[name]

    def _queue_of(self, task: str) -> TaskQueue:
        return self._queue(task.partition("/tasks/")[0])


@asynccontextmanager
async def serve(
    port: int,
    queues: Iterable[str],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    limits: Limits | None = None,
) -> AsyncIterator[CloudTasks]:
    """Serve on 127.0.0.1:`port` (0: one of the machine's choice, see `.port`) while the block runs.

    Raises RuntimeError when the port is taken.
    """
    cloud = CloudTasks(queues, clock, limits)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])  # two of us on one port would share the calls
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, _handlers(cloud)),))
    cloud.port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        async with asyncio.TaskGroup() as group:
            dispatching = group.create_task(cloud.dispatch())
            yield cloud
            dispatching.cancel()
    finally:
        await server.stop(grace=None)


def _handlers(cloud: CloudTasks) -> dict[str, "grpc.RpcMethodHandler[Any, Any]"]:
    shows_task, shows_queue = tasks_v2.Task.serialize, tasks_v2.Queue.serialize
    calls: list[tuple[str, Callable[[Any], Any], Any, Any]] = [
        ("CreateTask", cloud.create_task, tasks_v2.CreateTaskRequest, shows_task),
        ("GetTask", cloud.get_task, tasks_v2.GetTaskRequest, shows_task),
        ("ListTasks", cloud.list_tasks, tasks_v2.ListTasksRequest, tasks_v2.ListTasksResponse.serialize),
        ("DeleteTask", cloud.delete_task, tasks_v2.DeleteTaskRequest, Empty.SerializeToString),
        ("RunTask", cloud.run_task, tasks_v2.RunTaskRequest, shows_task),
        ("CreateQueue", cloud.create_queue, tasks_v2.CreateQueueRequest, shows_queue),
        ("UpdateQueue", cloud.update_queue, tasks_v2.UpdateQueueRequest, shows_queue),
        ("GetQueue", cloud.get_queue, tasks_v2.GetQueueRequest, shows_queue),
        ("PauseQueue", cloud.pause_queue, tasks_v2.PauseQueueRequest, shows_queue),
        ("ResumeQueue", cloud.resume_queue, tasks_v2.ResumeQueueRequest, shows_queue),
        ("PurgeQueue", cloud.purge_queue, tasks_v2.PurgeQueueRequest, shows_queue),
    ]
    return {name: _handler(call, request, serializer) for name, call, request, serializer in calls}


def _handler(call: Callable[[Any], Any], request: Any, serializer: Any) -> "grpc.RpcMethodHandler[Any, Any]":
    async def answer(asked: Any, context: "grpc.aio.ServicerContext[Any, Any]") -> Any:
        try:
            return call(asked)
        except RefusedError as refusal:
            await context.abort(refusal.code, str(refusal))

    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.deserialize, response_serializer=serializer
    )

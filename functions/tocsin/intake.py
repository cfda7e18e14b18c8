"""Makes accepted events safe: those at the door at the same time share one publish, and in it one message if alike.

What arrives while a publish is under way goes out together as the next. Neighbours that say the same of one trouble are
merged: nothing that was said between them is overtaken, and each keeps its id.
"""

from __future__ import annotations

import asyncio
import copy
from collections import deque
from contextvars import Context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin import log, spill
from tocsin.errors import Unavailable
from tocsin.records import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tocsin.clients.queue import Topic
    from tocsin.clients.store import Store
    from tocsin.domain.alert import Event

MOST_MESSAGES = 1_000  # Pub/Sub takes no more in one request
MOST_BYTES = 5_000_000  # nor one of 10 MB; half leaves room for what surrounds the bodies
MOST_MERGED, MOST_MERGED_BYTES = 500, 200_000  # what becomes of a message has to fit into documents of 1 MiB
PATIENCE = 5.0  # seconds in the line; what waits longer is kept aside before any of it is sent


@dataclass(slots=True)
class _Request:
    """Whoever waits until all of his events are safe: so many are left, and `failure` is why one may be lost."""

    safe: asyncio.Future[None]
    left: int
    failure: Exception | None = None

    def settle(self, failure: Exception | None) -> None:
        """Take one off; the last one answers."""
        self.left -= 1
        self.failure = self.failure or failure
        if self.left or self.safe.done():  # its caller was cancelled
            return
        if self.failure:  # a copy: raised in many callers, one exception would gather all their tracebacks
            self.safe.set_exception(copy.copy(self.failure))
        else:
            self.safe.set_result(None)


@dataclass(slots=True)
class _Waiting:
    event: Event
    body: bytes
    request: _Request
    since: float
    by_itself: bool


@dataclass(slots=True)
class _Message:
    """Events of one trouble that say the same, in their order."""

    waiting: list[_Waiting] = field(default_factory=list)
    size: int = 0

    def takes(self, one: _Waiting) -> bool:
        first, event = self.waiting[0].event, one.event
        alike = event.alert.action is first.alert.action and event.service == first.service
        fits = len(self.waiting) < MOST_MERGED and self.size + len(one.body) <= MOST_MERGED_BYTES
        return alike and fits and not (one.by_itself or self.waiting[0].by_itself)

    def add(self, one: _Waiting) -> None:
        self.waiting.append(one)
        self.size += len(one.body) + 1

    @property
    def body(self) -> bytes:
        """Give the event, or a list of them."""
        bodies = [one.body for one in self.waiting]
        return bodies[0] if len(bodies) == 1 else b"[" + b",".join(bodies) + b"]"

    def settle(self, failure: Exception | None) -> None:
        for one in self.waiting:
            one.request.settle(failure)


class Intake:
    """One per process. An idle line publishes at once, so a quiet alert waits for nobody."""

    def __init__(self, topic: Topic, store: Callable[[], Store], patience: float = PATIENCE) -> None:
        """Publish to `topic`; `store` is called only when that fails, and keeps what the sweep routes later."""
        self._topic = topic
        self._store = store
        self._patience = patience
        self._loop: asyncio.AbstractEventLoop | None = None
        self._line: deque[_Waiting] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._keeping: set[asyncio.Task[None]] = set()

    async def accept(self, events: Sequence[Event], *, by_themselves: bool = False) -> None:
        """Return when every event is safe, in the topic or in the store; raises Unavailable if one may not be.

        Those whose ids the sender gives go out `by_themselves`: sent again, they must meet a marker of their own.
        A cancelled caller takes nothing back: his events may go out, and nobody else notices.
        """
        if not events:
            return
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._line, self._sender = loop, deque(), None
        request, now = _Request(loop.create_future(), len(events)), loop.time()
        self._line.extend(_Waiting(event, to_json(event), request, now, by_themselves) for event in events)
        if self._sender is None or self._sender.done():
            # In a context of its own: what it logs is of no single request.
            self._sender = loop.create_task(self._publish_line(self._line), context=Context())
        await request.safe

    async def _publish_line(self, line: deque[_Waiting]) -> None:
        while line:
            before = asyncio.get_running_loop().time() - self._patience
            if line[0].since < before:
                failure = Unavailable("The line for publishing stands still: nothing was sent.")
                self._keep(_messages(line, before), failure)
            else:
                await self._publish(_messages(line))

    async def _publish(self, messages: list[_Message]) -> None:
        try:
            await self._topic.publish([message.body for message in messages])
        except Unavailable as failure:
            self._keep(messages, failure)
        except Exception as failure:  # noqa: BLE001 - each caller raises it where it is handled
            _settle(messages, failure)
        except BaseException:  # the loop is closing
            _leave(messages)
            raise
        else:
            _settle(messages, None)

    def _keep(self, messages: list[_Message], failure: Unavailable) -> None:
        """Keep aside what was not published while the next of the line are."""
        for message in messages:
            task = asyncio.get_running_loop().create_task(self._keep_aside(message, failure))
            self._keeping.add(task)
            task.add_done_callback(self._keeping.discard)

    async def _keep_aside(self, message: _Message, failure: Unavailable) -> None:
        events = [one.event for one in message.waiting]
        log.event(f"kept aside for the sweep: {failure}", "ERROR", event=events[0].id, events=len(events))
        try:
            await asyncio.to_thread(lambda: spill.put_by(events, message.body, self._store()))
        except Exception as error:  # noqa: BLE001 - as above
            message.settle(error)
        except BaseException:
            _leave([message])
            raise
        else:
            message.settle(None)


def _messages(line: deque[_Waiting], before: float = float("inf")) -> list[_Message]:
    """Take the next messages from the line, as many as one publish may hold, of what has waited since `before`."""
    messages: list[_Message] = []
    latest: dict[tuple[str, str], _Message] = {}
    size = 0
    while line and line[0].since < before:
        one = line[0]
        size += len(one.body) + 1
        if messages and size > MOST_BYTES:
            break
        trouble = (one.event.integration, one.event.alert.dedup_key)
        last = latest.get(trouble)
        if not last or not last.takes(one):
            if len(messages) == MOST_MESSAGES:
                break
            last = latest[trouble] = _Message()
            messages.append(last)
        last.add(line.popleft())
    return messages


def _settle(messages: list[_Message], failure: Exception | None) -> None:
    for message in messages:
        message.settle(failure)


def _leave(messages: list[_Message]) -> None:
    for message in messages:
        for one in message.waiting:
            one.request.safe.cancel()

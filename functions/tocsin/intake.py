"""Makes accepted events safe: those at the door at the same time share one publish, and in it one message if alike.

What arrives while a publish is under way goes out together as the next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context
from typing import TYPE_CHECKING

from tocsin import log, spill
from tocsin.batching import Recent, Request, Waiting, batch, bodies
from tocsin.errors import Unavailable
from tocsin.records import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tocsin.batching import Message
    from tocsin.clients.queue import Topic
    from tocsin.clients.store import Store
    from tocsin.domain.alert import Event

PATIENCE = 5.0  # seconds in the line; what waits longer is kept aside before any of it is sent
RECENT = 60.0  # seconds for which a trouble that fires is known to


class Intake:
    """One per process. An idle line publishes at once, so a quiet alert waits for nobody."""

    def __init__(
        self, topic: Topic, store: Callable[[], Store], patience: float = PATIENCE, recent: float = RECENT
    ) -> None:
        """Publish to `topic`; `store` is called only when that fails, and keeps what the sweep routes later.

        What waits in the line for longer than `patience` is not sent; what was said `recent` seconds ago is repeated.
        """
        self._topic = topic
        self._store = store
        self._patience = patience
        self._loop: asyncio.AbstractEventLoop | None = None
        self._line: deque[Waiting] = deque()
        self._recent = Recent(recent)
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
        request, now = Request(loop.create_future(), len(events)), loop.time()
        self._line.extend(Waiting(event, to_json(event), request, now, by_themselves) for event in events)
        if self._sender is None or self._sender.done():
            # In a context of its own: what it logs is of no single request.
            self._sender = loop.create_task(self._publish_line(self._line), context=Context())
        await request.safe

    async def _publish_line(self, line: deque[Waiting]) -> None:
        while line:
            before = asyncio.get_running_loop().time() - self._patience
            if line[0].since < before:
                failure = Unavailable("The line for publishing stands still: nothing was sent.")
                self._keep(batch(line, self._recent, before), failure)
            else:
                await self._publish(batch(line, self._recent))

    async def _publish(self, messages: list[Message]) -> None:
        try:
            await self._topic.publish(bodies(messages))
        except Unavailable as failure:
            self._keep(messages, failure)
        except Exception as failure:  # noqa: BLE001 - each caller raises it where it is handled
            _settle(messages, failure)
        except BaseException:  # the loop is closing
            _leave(messages)
            raise
        else:
            _settle(messages, None)

    def _keep(self, messages: list[Message], failure: Unavailable) -> None:
        """Keep aside what was not published while the next of the line are."""
        for message in messages:
            task = asyncio.get_running_loop().create_task(self._keep_aside(message, failure))
            self._keeping.add(task)
            task.add_done_callback(self._keeping.discard)

    async def _keep_aside(self, message: Message, failure: Unavailable) -> None:
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


def _settle(messages: list[Message], failure: Exception | None) -> None:
    for message in messages:
        message.settle(failure)


def _leave(messages: list[Message]) -> None:
    for message in messages:
        for one in message.waiting:
            one.request.safe.cancel()

"""Makes accepted events safe: those at the door at the same time share one publish, and in it one message if alike.

What arrives while a publish is under way goes out together as the next. What can wait has a line of its own, in which
it waits for others in a storm: so much of it as may be is then routed at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin import log, spill
from tocsin.batching import Heard, Request, Waiting, batch, bodies
from tocsin.errors import Unavailable
from tocsin.records import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tocsin.batching import Message
    from tocsin.clients.queue import Topic
    from tocsin.clients.store import Store
    from tocsin.domain.alert import Event

PATIENCE = 5.0  # seconds in the line; what waits longer is kept aside before any of it is sent
QUIET = 10.0  # seconds
ENOUGH = 20  # events for which no others are waited for
GAP = 0.003  # seconds in which one more must come: senders who all wait for their answers send nothing
LINGER, LULL = 0.1, 1.0  # seconds for which what can wait does, unless nothing such has come for so long


@dataclass
class _Line:
    """What waits for a publish; it is in no hurry if it may `linger`, for so many seconds."""

    linger: float = 0.0
    waiting: deque[Waiting] = field(default_factory=deque)
    sender: asyncio.Task[None] | None = None
    left_at: float = float("-inf")

    def is_quiet(self, now: float) -> bool:
        """Say whether nothing waits, nor has gone out lately."""
        is_busy = self.waiting or (self.sender and not self.sender.done())
        return not is_busy and now >= self.left_at + LULL

    async def gather(self, clock: Callable[[], float]) -> None:
        """Wait for more, unless it was quiet, or one is alone, or there is enough; as long as more comes."""
        began, known = clock(), 1
        if began >= self.left_at + LULL:
            return
        while known < len(self.waiting) < ENOUGH and clock() < began + self.linger:
            known = len(self.waiting)
            await asyncio.sleep(GAP)


class Intake:
    """One per process. An idle line publishes at once, so a quiet alert waits for nobody."""

    def __init__(
        self,
        topic: Topic,
        store: Callable[[], Store],
        *,
        patience: float = PATIENCE,
        quiet: float = QUIET,
        linger: float = LINGER,
    ) -> None:
        """Publish to `topic`; `store` is called only when that fails, and keeps what the sweep routes later.

        What waits in the line for longer than `patience` is not sent. What is said after `quiet` seconds of silence
        is urgent; the rest may wait for others for `linger` seconds.
        """
        self._topic = topic
        self._store = store
        self._patience = patience
        self._heard = Heard(quiet)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._linger = linger
        self._first, self._rest = _Line(), _Line(linger)
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
            self._loop, self._first, self._rest = loop, _Line(), _Line(self._linger)
        request, now = Request(loop.create_future(), len(events)), loop.time()
        self._first.waiting.extend(Waiting(event, to_json(event), request, now, by_themselves) for event in events)
        self._send(self._first)
        await request.safe

    def _send(self, line: _Line) -> None:
        if line.sender is None or line.sender.done():
            # In a context of its own: what it logs is of no single request.
            line.sender = asyncio.get_running_loop().create_task(self._publish_line(line), context=Context())

    async def _publish_line(self, line: _Line) -> None:
        clock = asyncio.get_running_loop().time
        while line.waiting:
            await line.gather(clock)
            before = clock() - self._patience
            if line.waiting[0].since < before:
                failure = Unavailable("The line for publishing stands still: nothing was sent.")
                self._keep(batch(line.waiting, before), failure)
                continue
            messages = batch(line.waiting)
            alone, shared = self._sorted(messages, clock()) if line is self._first else ([], messages)
            if alone or shared:
                await self._publish(alone, shared)
            if shared:
                self._rest.left_at = clock()
            if self._rest.waiting:
                self._send(self._rest)

    def _sorted(self, messages: list[Message], now: float) -> tuple[list[Message], list[Message]]:
        """Give what goes out alone, and what shares a message: nothing in a storm, where it waits for more."""
        alone: list[Message] = []
        patient: list[Message] = []
        for message in messages:
            (patient if self._heard.can_wait(message.waiting[0]) else alone).append(message)
        if self._rest.is_quiet(now):
            return alone, patient
        for message in patient:
            self._rest.waiting.extend(message.waiting)
        return alone, []

    async def _publish(self, alone: list[Message], shared: list[Message]) -> None:
        messages = [*alone, *shared]
        try:
            await self._topic.publish(*bodies(alone, shared))
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

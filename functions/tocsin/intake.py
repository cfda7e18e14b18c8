"""Makes accepted events safe: those at the door at the same time share one publish, and in it one message if alike.

What arrives while a publish is under way goes out together as the next. What only repeats has a line of its own, in
which it waits for others in a storm: so much of it as may be is then routed at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin import log, spill
from tocsin.batching import MOST_TOGETHER, Recent, Request, Waiting, apart, batch, together
from tocsin.errors import Unavailable
from tocsin.records import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tocsin.batching import Bodies, Message
    from tocsin.clients.queue import Topic
    from tocsin.clients.store import Store
    from tocsin.domain.alert import Event

PATIENCE = 5.0  # seconds in the line; what waits longer is kept aside before any of it is sent
RECENT = 60.0  # seconds for which a trouble that fires is known to
QUIET = 10.0  # seconds
LINGER, LULL = 0.1, 1.0  # seconds for which repeats wait for others, unless none has come for so long


@dataclass
class _Line:
    """What waits for a publish: `share` gives its bodies, and it is in no hurry if it may `linger`."""

    share: Callable[[list[Message]], Bodies]
    linger: float = 0.0
    waiting: deque[Waiting] = field(default_factory=deque)
    sender: asyncio.Task[None] | None = None
    left_at: float = float("-inf")

    def pause(self, now: float) -> float:
        """Give the seconds to wait for more: none where it is quiet, for one alone, or if there is enough already."""
        is_quiet = now >= self.left_at + LULL
        return self.linger if not is_quiet and 1 < len(self.waiting) < MOST_TOGETHER else 0.0


class Intake:
    """One per process. An idle line publishes at once, so a quiet alert waits for nobody."""

    def __init__(
        self,
        topic: Topic,
        store: Callable[[], Store],
        *,
        patience: float = PATIENCE,
        recent: float = RECENT,
        quiet: float = QUIET,
        linger: float = LINGER,
    ) -> None:
        """Publish to `topic`; `store` is called only when that fails, and keeps what the sweep routes later.

        What waits in the line for longer than `patience` is not sent. What was said up to `recent` seconds ago is
        repeated, and may wait for others for `linger` seconds; after `quiet` seconds of silence all is urgent.
        """
        self._topic = topic
        self._store = store
        self._patience = patience
        self._recent = Recent(recent, quiet)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._linger = linger
        self._new, self._again = _Line(apart), _Line(together, linger)
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
            self._loop, self._new, self._again = loop, _Line(apart), _Line(together, self._linger)
        request, now = Request(loop.create_future(), len(events)), loop.time()
        self._new.waiting.extend(Waiting(event, to_json(event), request, now, by_themselves) for event in events)
        self._send(self._new)
        await request.safe

    def _send(self, line: _Line) -> None:
        if line.sender is None or line.sender.done():
            # In a context of its own: what it logs is of no single request.
            line.sender = asyncio.get_running_loop().create_task(self._publish_line(line), context=Context())

    async def _publish_line(self, line: _Line) -> None:
        clock = asyncio.get_running_loop().time
        while line.waiting:
            if pause := line.pause(clock()):
                await asyncio.sleep(pause)
            before = clock() - self._patience
            if line.waiting[0].since < before:
                failure = Unavailable("The line for publishing stands still: nothing was sent.")
                self._keep(batch(line.waiting, before), failure)
                continue
            messages = batch(line.waiting)
            if line is self._new:
                messages = [message for message in messages if not self._moved(message)]
            if messages:
                await self._publish(messages, line)
                line.left_at = clock()
            if self._again.waiting:
                self._send(self._again)

    def _moved(self, message: Message) -> bool:
        """Let what only repeats wait for others; it goes out after what is new."""
        if not self._recent.is_repeated(message.waiting[0]):
            return False
        self._again.waiting.extend(message.waiting)
        return True

    async def _publish(self, messages: list[Message], line: _Line) -> None:
        try:
            await self._topic.publish(*line.share(messages))
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

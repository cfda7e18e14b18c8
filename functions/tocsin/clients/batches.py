"""Callers at the same time share one call: what arrives while a batch is under way goes out together as the next."""

import asyncio
import copy
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tocsin.errors import Unavailable

MOST_MESSAGES = 100
MOST_BYTES = 5_000_000  # Pub/Sub refuses a request of 10 MB; half leaves room for what surrounds the bodies
PATIENCE = 5.0  # seconds in the line; whoever waits longer is told so before anything of his is sent


@dataclass(frozen=True)
class _Waiting:
    body: bytes
    confirmed: asyncio.Future[None]
    since: float


class Batches:
    """Hands bodies to `send`, one batch at a time; an idle line sends at once, so a quiet alert waits for nobody."""

    def __init__(self, send: Callable[[list[bytes]], Awaitable[None]], patience: float = PATIENCE) -> None:
        """Keep `send`, which returns once all it was given is safe and raises if it may not be."""
        self._send = send
        self._patience = patience
        self._loop: asyncio.AbstractEventLoop | None = None
        self._line: deque[_Waiting] = deque()
        self._sender: asyncio.Task[None] | None = None

    async def add(self, body: bytes) -> None:
        """Return once the batch with `body` is safe, or raise what its `send` raised.

        A cancelled caller takes nothing back: his body may go out, and nobody else notices. Raises Unavailable
        when the line stood still for longer than `patience` seconds.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._line, self._sender = loop, deque(), None
        waiting = _Waiting(body, loop.create_future(), loop.time())
        self._line.append(waiting)
        if self._sender is None or self._sender.done():
            self._sender = loop.create_task(self._send_line(self._line))
        await waiting.confirmed

    async def _send_line(self, line: deque[_Waiting]) -> None:
        while line:
            _dismiss_impatient(line, asyncio.get_running_loop().time() - self._patience)
            if batch := _next_batch(line):
                await self._send_batch(batch)

    async def _send_batch(self, batch: list[_Waiting]) -> None:
        try:
            await self._send([waiting.body for waiting in batch])
        except Exception as error:  # noqa: BLE001 - each waiter raises it where it is handled
            _answer(batch, error)
        else:
            _answer(batch, None)
        finally:
            for waiting in batch:  # the sender itself was cancelled: the loop is closing
                waiting.confirmed.cancel()


def _answer(batch: list[_Waiting], error: Exception | None) -> None:
    for waiting in batch:
        if waiting.confirmed.done():  # its caller was cancelled
            continue
        if error is None:
            waiting.confirmed.set_result(None)
        else:  # a copy each: raised in many callers, one exception would gather all their tracebacks
            waiting.confirmed.set_exception(copy.copy(error))


def _dismiss_impatient(line: deque[_Waiting], before: float) -> None:
    while line and line[0].since < before:
        _answer([line.popleft()], Unavailable("The line for publishing stands still: nothing was sent, send it again."))


def _next_batch(line: deque[_Waiting]) -> list[_Waiting]:
    batch: list[_Waiting] = []
    room = MOST_BYTES
    while line and len(batch) < MOST_MESSAGES and (not batch or len(line[0].body) <= room):
        room -= len(line[0].body)
        batch.append(line.popleft())
    return batch

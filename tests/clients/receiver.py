"""Stands where the functions are: takes what is delivered and answers what it is told to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web

PATIENCE = 30  # seconds before a test that waits for something is given up


class Clock:
    """The time as the test moves it; it knows when it was looked at, which is when whoever delivers looks for work."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
        self._looked = asyncio.Event()

    def __call__(self) -> datetime:
        self._looked.set()
        return self.now

    def passes(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    async def is_looked_at(self, times: int = 2) -> None:
        for _ in range(times):
            self._looked.clear()
            await self._looked.wait()


@dataclass(frozen=True)
class Delivery:
    """One request, as it came."""

    path: str
    body: bytes
    headers: Mapping[str, str]


class Receiver:
    """Answers 200, or what is in `answers`; while `open` is cleared it holds its answers back."""

    def __init__(self) -> None:
        self.url = ""
        self.deliveries: list[Delivery] = []
        self.answers: deque[int] = deque()
        self.open = asyncio.Event()
        self.open.set()
        self.at_once = self.most_at_once = 0
        self._unread: asyncio.Queue[Delivery] = asyncio.Queue()

    async def next(self) -> Delivery:
        """Wait for the next delivery nobody has asked for yet."""
        return await self._unread.get()

    async def answer(self, request: web.Request) -> web.Response:
        delivery = Delivery(request.path, await request.read(), request.headers)
        self.deliveries.append(delivery)
        self._unread.put_nowait(delivery)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.open.wait()
        self.at_once -= 1
        return web.Response(status=self.answers.popleft() if self.answers else 200)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Listen on a port of the machine's choice while the block runs."""
    ours = Receiver()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", ours.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    ours.url = f"http://{host}:{port}"
    try:
        async with asyncio.timeout(PATIENCE):
            yield ours
    finally:
        ours.open.set()
        await runner.cleanup()


@asynccontextmanager
async def running(work: "asyncio.Task[None]") -> AsyncIterator[None]:
    """Have `work` going on while the block runs."""
    try:
        yield
    finally:
        work.cancel()
        await asyncio.wait([work])
    if not work.cancelled():
        work.result()

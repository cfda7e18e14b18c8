"""Runs the parts of the local cloud: they start in order, and stop in the opposite one."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from infra.cli import snapshot
from infra.local import clouds, settings, telephones, welcome
from infra.local.front import Front, Proxy
from infra.local.instance import Instance, NotStarted
from infra.local.server import Server, configure
from tocsin import wiring
from tocsin.clients.store import Store
from tocsin.domain.config import Config
from tocsin.errors import Unavailable

GRACE_SECONDS = 1
PATIENCE = 6  # tries of up to five seconds each
CLOCK_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Order:
    """What was asked for: a configuration and the file it was read from, a folder, a socket that listens already."""

    config: Config
    file: Path
    data: Path
    listener: socket.socket
    emulators: bool


def run(order: Order) -> int:
    """Run the pager until Ctrl-C or SIGTERM; give the exit code."""
    try:
        uvloop.run(_until_stopped(order))
    except (NotStarted, clouds.Missing) as reason:
        print(reason, file=sys.stderr)
        return 1
    except ExceptionGroup as several:  # the same, out of a part that runs tasks of its own
        reasons = several.subgroup((NotStarted, clouds.Missing))
        if reasons is None:
            raise
        print(*reasons.exceptions, sep="\n", file=sys.stderr)
        return 1
    return 0


async def _until_stopped(order: Order) -> None:
    """Cancel the pager at the first signal; the next ones come from somebody impatient, and change nothing."""
    pager = asyncio.create_task(_pager(order))
    stopping = asyncio.Event()

    def stop() -> None:
        if not stopping.is_set():
            stopping.set()
            pager.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await pager
    except asyncio.CancelledError:
        if not stopping.is_set():
            raise


async def _apply(store: Store, config: Config) -> None:
    """Store the configuration; an emulator that has just started may be too busy for the first question."""
    for _ in range(PATIENCE):
        with contextlib.suppress(Unavailable):
            snapshot.apply(store, config, "infra/local/up", datetime.now(UTC))
            return
        await asyncio.sleep(1)
    raise NotStarted("The configuration could not be stored: the documents did not answer. Is the machine very busy?")


async def _pager(order: Order) -> None:
    environment = settings.compute(order.listener.getsockname()[1], order.data, os.environ)
    sweep_every = seconds("TOCSIN_SWEEP_EVERY", "60s")
    async with AsyncExitStack() as parts:
        where = clouds.choose(order.data, environment["FUNCTIONS_URL"], emulators=order.emulators)
        cloud = await parts.enter_async_context(where)
        environment |= settings.found_first(cloud.settings, os.environ)
        settings.save(order.data, environment)
        os.environ.update(environment)
        store = wiring.store()
        await _apply(store, order.config)

        instance = Instance(order.data, environment, say)
        proxy = Proxy(instance)
        parts.push_async_callback(proxy.close)
        url = environment["PUBLIC_URL"]
        phones = telephones.connect(order.data, environment, store, welcome.curl(url, order.file))
        await parts.enter_async_context(phones.running())
        await parts.enter_async_context(_serving(Front(proxy, phones.routes), order.listener))
        parts.push_async_callback(instance.stop)
        await instance.start()

        jobs = (instance.keep(), cloud.deliver(), _clock(instance, sweep_every))
        tasks = [await parts.enter_async_context(_running(job)) for job in jobs]
        say(welcome.text(url, order.file, order.data))
        # None of them ends by itself: whichever fails ends the pager with its reason.
        await asyncio.gather(*tasks)


@asynccontextmanager
async def _running(part: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Run a part until the end of the block, and wait for its end."""
    task = asyncio.create_task(part)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


@asynccontextmanager
async def _serving(front: Front, listener: socket.socket) -> AsyncIterator[None]:
    server = Server(configure(front, GRACE_SECONDS))
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait({task})


async def _clock(instance: Instance, period: float) -> None:
    """Call the sweep as Cloud Scheduler does, at the start and every `period` seconds, whatever it answers."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=period)) as session:
        while True:
            await instance.ready.wait()
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.post(f"{instance.url}/sweep") as answer:
                    await answer.read()
            await asyncio.sleep(period)


def seconds(variable: str, usual: str) -> float:
    """Give the seconds of a duration in the environment, written like `5s` or `1m`; raises NotStarted."""
    duration = os.environ.get(variable) or usual
    if not (found := re.fullmatch(r"([1-9]\d{0,4})([smh])", duration)):
        raise NotStarted(f"{variable} is {duration!r}: write it like 5s, 1m or 1h.")
    return int(found[1]) * CLOCK_UNITS[found[2]]


def say(words: str) -> None:
    """Print at once: whoever reads a pipe is as impatient as somebody at a terminal."""
    print(words, flush=True)

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
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from infra.cli.options import is_damaged
from infra.local import clouds, settings, telephones, welcome
from infra.local.configuration import InForce, Wanted, settle
from infra.local.front import Front, Proxy
from infra.local.instance import Instance, NotStarted
from infra.local.server import Server, configure
from tocsin import wiring
from tocsin.clients.store import Store
from tocsin.errors import Malformed, Unavailable

GRACE_SECONDS = 1
PATIENCE = 6  # tries of up to five seconds each
MOVE_IT = "Move that file away, or choose another folder with --data DIR."
CLOCK_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Order:
    """What was asked for: a configuration, a folder, a socket that listens already."""

    wanted: Wanted
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


def _store() -> Store:
    """Open the documents; raises NotStarted when they are damaged, which no second try would change."""
    try:
        return wiring.store()
    except Unavailable as error:
        raise NotStarted(f"{error} {MOVE_IT}") from None


async def _settle(store: Store, wanted: Wanted) -> InForce:
    """Agree on the configuration; an emulator that has just started may be too busy for the first question."""
    reason = ""
    for _ in range(PATIENCE):
        try:
            return settle(store, wanted)
        except Unavailable as error:
            if is_damaged(error):
                raise NotStarted(f"{error} {MOVE_IT}") from None
            reason = str(error)
        except Malformed as error:
            raise NotStarted(f"What was applied before cannot be read ({error}): name a file with --config.") from None
        await asyncio.sleep(1)
    raise NotStarted(f"The configuration could not be stored: {reason} Is the machine very busy?")


async def _pager(order: Order) -> None:
    found = dict(os.environ)
    port = order.listener.getsockname()[1]
    environment = settings.compute(port, order.data, found)
    sweep_every = seconds("TOCSIN_SWEEP_EVERY", "60s")
    async with AsyncExitStack() as parts:
        where = clouds.choose(order.data, environment["FUNCTIONS_URL"], emulators=order.emulators)
        cloud = await parts.enter_async_context(where)
        environment |= settings.found_first(cloud.settings, os.environ)
        settings.save(order.data, environment)
        os.environ.update(environment)
        store = _store()
        in_force = await _settle(store, order.wanted)
        shown = welcome.Welcome(f"http://127.0.0.1:{port}", order.data, in_force, found)

        instance = Instance(order.data, environment, say)
        proxy = Proxy(instance)
        parts.push_async_callback(proxy.close)
        phones = telephones.connect(order.data, environment, store, shown.alert())
        await parts.enter_async_context(phones.running())
        await parts.enter_async_context(_serving(Front(proxy, phones.routes), order.listener))
        parts.push_async_callback(instance.stop)
        await instance.start()

        jobs = (instance.keep(), cloud.deliver(), _clock(instance, sweep_every))
        tasks = [await parts.enter_async_context(_running(job)) for job in jobs]
        say(shown.text())
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

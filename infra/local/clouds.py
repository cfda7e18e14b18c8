"""Chooses what stands in for Firestore, Pub/Sub and Cloud Tasks: one SQLite file, or Google's emulators."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.courier import Courier
from infra.local.emulators import Emulator, EmulatorMissing, find, free_port, prepare_pubsub
from infra.local.settings import PROJECT
from tocsin.clients.embedded_queue import EmbeddedQueue
from tocsin.settings import from_environment

SUBSCRIPTION = "route"


class Missing(Exception):
    """What was asked for is not installed here; the message says how to get it."""


@dataclass(frozen=True)
class Cloud:
    """Where documents, messages and tasks are; `deliver` carries what is queued to the functions, for ever."""

    settings: Mapping[str, str]
    deliver: Callable[[], Coroutine[Any, Any, None]]


def choose(data: Path, url: str, *, emulators: bool) -> AbstractAsyncContextManager[Cloud]:
    """Give the cloud that was asked for, for functions below `url`; the emulators' raises Missing."""
    return _emulated(url) if emulators else _embedded(data, url)


@asynccontextmanager
async def _embedded(data: Path, url: str) -> AsyncIterator[Cloud]:
    path = Path(os.environ.get("TOCSIN_EMBEDDED") or data / "tocsin.sqlite")
    yield Cloud({"TOCSIN_EMBEDDED": str(path)}, Courier(EmbeddedQueue(path), url).run)


@asynccontextmanager
async def _emulated(url: str) -> AsyncIterator[Cloud]:
    # gRPC says at every start of a process that it was not prepared for one; ours start another program and need none.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    from infra.local.tasks import AS_DEPLOYED, serve

    os.environ.pop("TOCSIN_EMBEDDED", None)  # what was asked for now counts
    names = from_environment({"GOOGLE_CLOUD_PROJECT": PROJECT, **os.environ})
    with ExitStack() as started:
        firestore, pubsub = await _start_both(started)
        os.environ["PUBSUB_EMULATOR_HOST"] = pubsub.host
        topic = names.topic.rpartition("/")[2]
        await asyncio.to_thread(prepare_pubsub, names.project, topic, SUBSCRIPTION, f"{url}/route")
        async with serve(0, [names.queue, names.urgent_queue], limits=AS_DEPLOYED) as tasks:
            hosts = {"FIRESTORE_EMULATOR_HOST": firestore.host, "PUBSUB_EMULATOR_HOST": pubsub.host}
            # The emulator and the stand-in deliver by themselves.
            yield Cloud({**hosts, "TOCSIN_TASKS_HOST": f"127.0.0.1:{tasks.port}"}, _for_ever)


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()


async def _start_both(started: ExitStack) -> tuple[Emulator, Emulator]:
    try:
        found = find()
        both = [_start(started, start) for start in (found.start_firestore, found.start_pubsub)]
        firestore, pubsub = await asyncio.gather(*both, return_exceptions=True)
        for each in (firestore, pubsub):
            if isinstance(each, BaseException):
                raise each
    except EmulatorMissing as missing:
        raise Missing(str(missing)) from None
    return firestore, pubsub  # type: ignore[return-value]  # exceptions were raised above


async def _start(started: ExitStack, start: Callable[[int], Emulator]) -> Emulator:
    """Start one in a thread, for it takes seconds; whoever gives up meanwhile leaves nothing running."""
    starting = asyncio.get_running_loop().run_in_executor(None, start, free_port())
    try:
        emulator = await asyncio.shield(starting)
    except asyncio.CancelledError:
        (await starting).stop()
        raise
    started.callback(emulator.stop)
    if emulator.process:
        started.callback(_guard(emulator.process.pid))
    return emulator


def _guard(pid: int) -> Callable[[], None]:
    """Have the process ended when this one is gone, even killed: a shell waits for the end of a pipe only we hold."""
    guard = subprocess.Popen(["/bin/sh", "-c", f"read -r _; kill {pid}"], stdin=subprocess.PIPE, start_new_session=True)

    def dismiss() -> None:
        guard.kill()
        guard.communicate()

    return dismiss

"""The whole pager on Google's emulators, each function a process of its own on the framework's server, as deployed."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.emulators import free_port, prepare_pubsub
from infra.local.tasks import AS_DEPLOYED, serve
from tests.bench import team
from tests.bench.phones import Twilio
from tests.bench.programs import MAIN, PROJECT, emulators, function, running
from tests.bench.relay import Relay
from tocsin import wiring
from tocsin.clients.store import Store
from tocsin.domain.config import Config
from tocsin.settings import from_environment

THREADS = "32"  # of a function that is not on the ASGI mode; the framework's own default depends on the processors
SUBSCRIPTION = "bench"


@dataclass(frozen=True)
class Pager:
    """Where alerts are posted, what is kept, and the two stand-ins that see what comes out; no relay: Google pushes."""

    port: int
    store: Store
    twilio: Twilio
    relay: Relay | None


@asynccontextmanager
async def pager(config: Config, *, relay: bool = True, source: Path = MAIN) -> AsyncIterator[Pager]:
    """Run it, or what has functions of the same names in `source`, until the end of the block."""
    async with contextlib.AsyncExitStack() as stack:
        hosts = await asyncio.to_thread(stack.enter_context, emulators())
        stack.enter_context(_set(hosts))
        twilio, ports = Twilio(), {name: free_port() for name in ("ingest", "route", "notify")}
        stack.push_async_callback((await twilio.start()).cleanup)
        names = from_environment()
        tasks = await stack.enter_async_context(serve(0, [names.queue, names.urgent_queue], limits=AS_DEPLOYED))
        environment = _settings(ports["notify"], twilio.port, tasks.port)
        url = f"http://127.0.0.1:{ports['route']}/"
        await asyncio.to_thread(
            prepare_pubsub, PROJECT, names.topic.rpartition("/")[2], SUBSCRIPTION, "" if relay else url
        )
        store = wiring.store()
        team.apply(config, store)
        for name, port in ports.items():
            starts = running(function(source, name, port), port, environment, "/warm")
            await asyncio.to_thread(stack.enter_context, starts)
        made = Relay(os.environ["PUBSUB_EMULATOR_HOST"], f"projects/{PROJECT}/subscriptions/{SUBSCRIPTION}", url)
        if relay:
            running_relay = asyncio.create_task(made.run())
            stack.callback(running_relay.cancel)
        yield Pager(ports["ingest"], store, twilio, made if relay else None)


@contextmanager
def _set(settings: Mapping[str, str]) -> Iterator[None]:
    """Set variables until the end of the block, so that the next pager starts emulators of its own."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    wiring.settings.cache_clear()
    wiring.store.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _settings(notify: int, twilio: int, tasks: int) -> dict[str, str]:
    # The only tasks that come due while this runs are those for `notify`.
    return {
        "FUNCTIONS_URL": f"http://127.0.0.1:{notify}",
        "PUBLIC_URL": "https://pager.example",
        "TOCSIN_TASKS_HOST": f"127.0.0.1:{tasks}",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0" * 32,
        "TWILIO_FROM_NUMBER": "+15550100100",
        "TWILIO_API_URL": f"http://127.0.0.1:{twilio}",
        "THREADS": THREADS,
        "PYTHONPATH": str(MAIN.parent),
    }

"""The deployed functions, each started as it is deployed, asked one thing, and looked at: time, processor, memory."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import secrets
import subprocess
import time
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from infra.local.emulators import free_port, prepare_pubsub, stop
from infra.local.tasks import serve
from tests.bench import team
from tests.bench.programs import BARE, MAIN, PATIENCE, PROJECT, NotStarted, emulators, function
from tocsin.clients.firestore import connect
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.records import to_json
from tocsin.settings import from_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from tocsin.settings import Settings

URL, ACCOUNT, TOKEN = "https://pager.example", "AC" + "0" * 32, "0" * 32
PAUSE = 0.005  # seconds between two tries to connect
LIBRARIES = "BENCH_LIBRARIES"
QUIET = f"{PROJECT}-quiet"
"""The project of the sweep, which would otherwise see to what the others' first requests have left."""


@dataclass(frozen=True)
class Asked:
    """A request whose answer, one of `statuses`, says that a function is there and has used its clients."""

    path: str = "/"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "POST"
    statuses: tuple[int, ...] = (200,)


@dataclass(frozen=True)
class Deployed:
    """A function of a file; the `libraries` are those that it cannot do without, beside the framework."""

    name: str
    source: Path
    target: str
    ask: Callable[[], Asked]
    libraries: tuple[str, ...] = ()
    project: str = PROJECT

    @property
    def least(self) -> Deployed:
        """Give a function on the same server that imports the libraries and does nothing."""
        source = BARE / ("libraries_asgi.py" if self.name == "ingest" else "libraries.py")
        return Deployed(f"libraries of {self.name}", source, "nothing", _anything, self.libraries)


@dataclass(frozen=True)
class Started:
    """A function that has given its first answer: `seconds` after its process began, with so much of a processor.

    `again` asks it once more and gives the seconds which that takes.
    """

    seconds: float
    processor: float
    pids: tuple[int, ...]
    again: Callable[[], float]

    def memory(self, kind: str) -> int:
        """Give the bytes of its processes, "Pss" or "Rss"."""
        return sum(kilobytes(Path(f"/proc/{pid}/smaps_rollup").read_text(), kind) << 10 for pid in self.pids)


def kilobytes(rollup: str, kind: str) -> int:
    """Give a figure of /proc/PID/smaps_rollup."""
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(f"{kind}:"))


def _anything() -> Asked:
    return Asked(statuses=(202,))


def _alert() -> Asked:
    event = {
        "routing_key": team.key(team.name(0)),
        "event_action": "trigger",
        "dedup_key": secrets.token_hex(8),
        "payload": {"summary": "checkout is down", "source": "web-1", "severity": "critical"},
    }
    return Asked("/v2/enqueue", json.dumps(event).encode(), JSON, statuses=(202,))


def _push() -> Asked:
    alert = Alert(Action.TRIGGER, secrets.token_hex(8), "checkout is down", Severity.CRITICAL)
    event = Event(secrets.token_hex(16), datetime.now(UTC), team.name(0), team.name(0), alert)
    data = base64.b64encode(to_json(event)).decode()
    return Asked(body=json.dumps({"message": {"data": data, "messageId": "1"}}).encode(), headers=JSON)


def _task(**fields: object) -> Asked:
    return Asked(body=json.dumps(fields).encode(), headers=JSON)


def _text() -> Asked:
    number, sid = team.phone(0), "SM" + secrets.token_hex(16)
    form = {"AccountSid": ACCOUNT, "MessageSid": sid, "From": number, "To": "+15550100100", "Body": "status"}
    signature = RequestValidator(TOKEN).compute_signature(f"{URL}/reply/sms", form)
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    return Asked("/sms", urlencode(form).encode(), (kind, ("X-Twilio-Signature", signature)))


JSON = (("Content-Type", "application/json"),)
STORE = ("msgspec", "google.cloud.firestore_v1.services.firestore")
QUEUE = ("google.cloud.tasks_v2",)
PHONE = ("twilio.rest",)
_NOBODY = "0" * 32

BARE_PLAIN = Deployed("bare function", BARE / "plain.py", "nothing", _anything)
BARE_ASGI = Deployed("bare ASGI function", BARE / "asgi.py", "nothing", _anything)
FUNCTIONS = tuple(
    Deployed(name, MAIN, name, ask, libraries, QUIET if name == "sweep" else PROJECT)
    for name, ask, libraries in (
        ("ingest", _alert, ("msgspec", "grpc.aio", "google.auth.transport.requests")),
        ("route", _push, (*STORE, *QUEUE)),
        ("notify", partial(_task, notification=f"{_NOBODY}-1-1-nobody-1"), (*STORE, *PHONE)),
        ("escalate", partial(_task, incident=_NOBODY, generation=1, level=1), STORE),
        ("reply", _text, (*STORE, "twilio.request_validator", "twilio.twiml.voice_response")),
        ("sweep", Asked, (*STORE, *PHONE)),
        ("calendar", partial(Asked, "/0/schedule/none.ics", method="GET", statuses=(404,)), STORE),
    )
)


@asynccontextmanager
async def cloud() -> AsyncIterator[dict[str, str]]:
    """Run Google's emulators and the stand-in of Cloud Tasks, a pager applied; gives the functions' settings."""
    with emulators() as hosts:
        names = from_environment(hosts)
        logging.getLogger("infra.local.tasks").setLevel(
            logging.CRITICAL
        )  # that nobody takes the tasks is as it should be
        async with serve(0, [names.queue, names.urgent_queue]) as tasks:
            settings = {
                **hosts,
                "FUNCTIONS_URL": "http://127.0.0.1:9",  # the discard port: what is asked for is not wanted here
                "PUBLIC_URL": URL,
                "TOCSIN_TASKS_HOST": f"127.0.0.1:{tasks.port}",
                "TWILIO_ACCOUNT_SID": ACCOUNT,
                "TWILIO_AUTH_TOKEN": TOKEN,
                "TWILIO_FROM_NUMBER": "+15550100100",
                "TWILIO_API_URL": "http://127.0.0.1:9",
                "PYTHONPATH": str(MAIN.parent),
            }
            os.environ.update(settings)
            await asyncio.to_thread(_prepare, names)
            yield settings


def _prepare(names: Settings) -> None:
    prepare_pubsub(PROJECT, names.topic.rpartition("/")[2], "kept", "")
    for project in (PROJECT, QUIET):
        team.apply(team.team(1), connect(project))


@contextmanager
def started(what: Deployed, settings: Mapping[str, str]) -> Iterator[Started]:
    """Run a function until the end of the block, from its first answer on; raises NotStarted without one."""
    port = free_port()
    mine = {LIBRARIES: " ".join(what.libraries), "GOOGLE_CLOUD_PROJECT": what.project}
    named = {**os.environ, **settings, **mine}
    named.pop("PYTHONDONTWRITEBYTECODE", None)  # where it is deployed, the build has written it
    begun = time.perf_counter()
    process = subprocess.Popen(
        function(what.source, what.target, port), env=named, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        seconds = _answered(what, process, port, begun)
        pids = tuple(_family(process.pid))
        yield Started(
            seconds, sum(map(_processor, pids)), pids, lambda: _answered(what, process, port, time.perf_counter())
        )
    finally:
        stop(process)


def _answered(what: Deployed, process: subprocess.Popen[bytes], port: int, since: float) -> float:
    """Ask it, and give the seconds until it answered; raises NotStarted unless that was the right answer."""
    asked = what.ask()
    status, at = _answer(process, port, asked), time.perf_counter()
    if status not in asked.statuses:
        raise NotStarted(f"{what.name} answered {status} to a request.")
    return at - since


def _answer(process: subprocess.Popen[bytes], port: int, asked: Asked) -> int:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with closing(connection), suppress(OSError, HTTPException):
            connection.request(asked.method, asked.path, asked.body, dict(asked.headers))
            return connection.getresponse().status
        time.sleep(PAUSE)
    raise NotStarted(f"{process.args!r} does not answer on port {port}.")


def _family(pid: int) -> Iterator[int]:
    """Give a process and its children: the framework's server is one that watches and one that works."""
    yield pid
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in listed.read_text().split():
            yield from _family(int(child))


def _processor(pid: int) -> float:
    """Give the seconds that a process has run on any processor; its first figure is nanoseconds."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

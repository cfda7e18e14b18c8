"""The six functions at work: each run is a request to an instance, which may die in the middle of it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

from tests.simulation import vigilance
from tests.simulation.telephones import PUBLIC_URL, Unwordable
from tests.simulation.trouble import Death, Run
from tocsin import escalate, notify, reply, route, sweep
from tocsin.current import Current
from tocsin.errors import Malformed, Unavailable
from tocsin.ingest import Incoming, ingest
from tocsin.intake import Intake
from tocsin.moment import Moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from concurrent.futures import Executor

    from tests.simulation.faults import Fault
    from tests.simulation.queue import Job
    from tests.simulation.world import World

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

DEEPEST = 3
"""How many functions may be at work at the same time."""

AFTER = timedelta(milliseconds=1)
"""How long after one body the next of those that are posted at the same time is taken."""

DIED, UNEXPECTED = 598, 599
"""What the caller of an instance sees in place of an HTTP status when it died, and when nobody caught its error."""


class Inline(asyncio.SelectorEventLoop):
    """Runs what is meant for another thread at once and here."""

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        del executor
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except BaseException as error:  # noqa: BLE001 - handed on, deaths too
            future.set_exception(error)
        return future


@cache
def loop() -> Inline:
    """Give the one event loop of this process."""
    made = Inline()
    made.set_exception_handler(lambda _loop, _context: None)  # a death inside a task is no news
    return made


async def _chunks(raw: bytes) -> AsyncIterator[bytes]:
    yield raw


class Instances:
    """`ingest` alone, as it is deployed, and the other five; what runs at the same time runs in different processes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ids = 0
        self.jobs: list[Job] = []
        self.skews: dict[str, list[float]] = {}
        self.restart()

    def restart(self) -> None:
        """Forget everything that was only in memory."""
        self.front = [Current(self.world.store.get) for _ in range(DEEPEST + 1)]
        self.back = [Current(self.world.store.get) for _ in range(DEEPEST + 1)]
        self.intakes = [Intake(self.world.queue, lambda: self.world.store, linger=0) for _ in range(DEEPEST + 1)]

    def new_id(self) -> str:
        self.ids += 1
        return f"{self.ids:032x}"

    def moment(self) -> Moment:
        run = self.world.trouble.runs[-1]
        now = self.world.now + timedelta(seconds=run.skew)
        return Moment(now, self.back[len(self.world.trouble.runs) - 1].config(now), self.new_id)

    def job(self, job: Job) -> int:
        """Deliver a message or a task; gives the HTTP status."""
        world = self.world
        again = f" for the {job.attempts + 1}. time" if job.attempts else ""
        world.tell("queue", f"delivers {job.function} #{job.number}{job.copy}{again}")
        self.jobs.append(job)
        status, said = self._perform(job.function, lambda: self._work(job))
        self.jobs.pop()
        if status >= 300:
            world.tell(job.function, f"#{job.number}: {said}")
        return status

    def _work(self, job: Job) -> str:
        world = self.world
        if job.function == "route":
            return route.arrived(job.body, world.store, world.queue, self.moment())
        task = json.loads(job.body)
        if job.function == "notify":
            return notify.due(task, world.store, world.queue, world.telephones, self.moment())  # type: ignore[arg-type]
        return escalate.escalate(escalate.Timer.of(task), world.store, world.queue, self.moment())

    def sweep(self) -> int:
        """Let the scheduler call the sweep; nobody repeats it before the next minute."""
        world = self.world
        world.tell("scheduler", "calls the sweep")
        status, said = self._perform("sweep", self._swept)
        if status >= 300:
            world.tell("sweep", said)
        return status

    def _swept(self) -> str:
        world = self.world
        run = world.trouble.runs[-1]
        run.slow, world.outages.slow = world.outages.slow, 0.0
        swept = sweep.sweep(
            world.store,
            world.queue,
            world.telephones,  # type: ignore[arg-type]
            self.moment,
            world.queue,
            world.watcher,  # type: ignore[arg-type]
        )
        vigilance.check_sweep(world.observed, swept, run.beats)
        return str(swept)

    def webhook(self, path: str, form: dict[str, str], notification: str) -> tuple[int, str]:
        """Let Twilio call the function `reply`; gives the HTTP status and the TwiML."""
        world = self.world
        world.tell("twilio", f"posts /reply/{path} {form}")
        status, said = self._perform(
            "reply",
            lambda: reply.webhook(
                reply.Webhook(path, form, notification, PUBLIC_URL), world.store, world.queue, self.moment()
            ),
        )
        if status >= 300:
            world.tell("reply", said)
        return status, said

    def ingest(self, path: str, *raws: bytes) -> int:
        """Post to the function `ingest`, all bodies at the same time; gives the HTTP status, 598 without an answer."""
        world = self.world

        async def accept(number: int, raw: bytes) -> int:
            incoming = Incoming("POST", path, {"content-type": "application/json"}, _chunks(raw))
            deep, now = len(world.trouble.runs) - 1, world.now + number * AFTER
            front, intake = self.front[deep], self.intakes[deep]
            return (await ingest(incoming, intake, front, now, self.new_id)).status

        async def accept_all() -> int:
            try:
                return max(await asyncio.gather(*map(accept, range(len(raws)), raws)))
            except asyncio.CancelledError:  # whoever publishes for them has died, and with it all that it has begun
                left = asyncio.all_tasks() - {asyncio.current_task()}
                for task in left:
                    task.cancel()
                await asyncio.gather(*left, return_exceptions=True)
                raise Death from None

        statuses: list[int] = []
        before = len(world.observed.publishing)
        status, _ = self._perform("ingest", lambda: statuses.append(loop().run_until_complete(accept_all())))
        world.observed.answered(before, statuses[0] if status < 300 and statuses else status)
        return statuses[0] if status < 300 and statuses else status

    def _perform(self, verb: str, work: Callable[[], object]) -> tuple[int, str]:
        """Run a function as its door does; what no door expects is a violation."""
        world = self.world
        skews = self.skews.get(verb)
        runs = world.trouble.runs
        runs.append(Run(verb, skew=skews.pop() if skews else 0.0))
        try:
            return 200, str(work())
        except Death:
            self.restart()
            return DIED, "died"
        except Unavailable as error:
            return 503, str(error)
        except Malformed as error:
            # Given up, as the door says it to queues; Twilio and monitoring tools hear 4xx from elsewhere.
            return 200, f"given up: {error}"
        except Unwordable as error:
            return UNEXPECTED, f"an unexpected error: {error}"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a violation
            world.observed.violated("I0", f"{verb} raised {type(error).__name__}: {error}")
            return UNEXPECTED, "an unexpected error"
        finally:
            runs.pop()

    def rival(self, run: Run, fault: Fault) -> None:
        """Let the same work be done twice at the same time, or a sweep, or an answer, come between."""
        choice = fault.variant % 3
        if choice == 0 and self.jobs and self.jobs[-1].function == run.verb:
            self.job(self.jobs[-1])
        elif choice <= 1 and self.world.people.pages:
            page = self.world.people.pages[fault.variant % len(self.world.people.pages)]
            self.world.people.text(page, ("ack", "resolve", "escalate", "ack")[fault.variant % 4])
            self.world.run_until(self.world.time + 0.3)
        else:
            self.sweep()

"""One storm from the first alert to the last repair: load and trouble together, then quiet, then the reckoning."""

import asyncio
import json
import random
import time
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.chaos import checks, ledger, trouble
from tests.chaos.diary import Diary
from tests.chaos.phones import People
from tests.chaos.tools import Tool
from tests.chaos.trouble import Lane, Trouble
from tests.system.pager import Pager
from tocsin.clients.store import Store

TOOLS = 4
QUIET_SECONDS = 150  # what a repair may take: sweep 60, lease 45, provider 10, slack 35
LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Plan:
    """How bad it gets: for `seconds`, and until there were `kills` and `pauses`; a pause lasts `longest` seconds.

    Each tool waits `breath` seconds between two statements, on average.
    """

    seed: int
    seconds: float
    kills: int
    pauses: int
    longest: float
    breath: float
    emulators: bool


@dataclass
class Reckoning:
    """What came of it: `wrong` is empty if every promise was kept, `figures` are what the table shows."""

    wrong: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)


class Storm:
    """A running pager in bad weather."""

    def __init__(self, plan: Plan, pager: Pager, say: Callable[[str], None]) -> None:
        """Take the pager, just started; `say` shows a line of progress."""
        self._plan = plan
        self._pager = pager
        self._say = say
        self._began = time.monotonic()
        self._over = asyncio.Event()
        self._healed = 0.0
        self._settings: dict[str, str] = json.loads((pager.data / "settings.json").read_text())
        self.people = People(pager.url, pager.data / "phones.json", self._random("people"))
        diary = Diary(pager.data.parent / "diary.jsonl")
        self.tools = [
            Tool(f"t{number}", pager.url, self._random(f"tool {number}"), diary, plan.breath) for number in range(TOOLS)
        ]
        self.trouble = Trouble(pager, self._random("trouble"), diary)
        self._open: list[str] = []

    async def run(self) -> Reckoning:
        """Run it and give what came of it."""
        async with aiohttp.ClientSession() as session, _beside(self.people.run(session)), _beside(self._tell()):
            speaking = [asyncio.create_task(tool.run(self._over, session)) for tool in self.tools]
            await self._rage(session)
            self._healed = time.monotonic()
            self._over.set()
            await self.trouble.heal(session)
            _, mute = await asyncio.wait(speaking, timeout=QUIET_SECONDS)
            for task in mute:
                task.cancel()
            reckoning = await self._settle()
        reckoning.wrong += [f"{len(mute)} tools were not heard within {QUIET_SECONDS} s"] if mute else []
        reckoning.wrong += [line for task in speaking if task not in mute and (line := _failure(task))]
        return reckoning

    async def _rage(self, session: aiohttp.ClientSession) -> None:
        """Let everything go wrong at once, until all of it was enough."""
        trouble_ = self.trouble
        deadline = self._began + self._plan.seconds
        stoppable = (
            trouble.emulators(self._pager)
            if self._plan.emulators
            else {"the file": trouble.locked(self._pager.data / "tocsin.sqlite")}
        )

        def late() -> bool:
            return time.monotonic() > deadline

        def killed() -> bool:
            return late() and trouble_.kills >= self._plan.kills

        def paused() -> bool:
            return late() and trouble_.pauses >= self._plan.pauses

        async with asyncio.TaskGroup() as raging:
            raging.create_task(trouble_.kill(killed, session))
            for name, stop in stoppable.items():
                lane = Lane(name, stop, self._random(name))
                raging.create_task(trouble_.pause(lane, paused, self._plan.longest))
            raging.create_task(trouble_.misbehave(lambda: killed() and paused(), session))

    async def _settle(self) -> Reckoning:
        """Wait for the pager to put everything right, and say what it did not, and what it should never have done."""
        store = await asyncio.to_thread(ledger.connect, self._settings)
        while True:
            found, seen = await asyncio.to_thread(self._look, store)
            self._open = list(checks.unfinished(found, seen, datetime.now(UTC)))
            took = time.monotonic() - self._healed
            if not self._open or took > QUIET_SECONDS:
                break
            await asyncio.sleep(LOOK_SECONDS)
        refused = [line for tool in self.tools for line in tool.refusals]
        log = self._pager.data / "functions.log"
        thrown = [f"{count} times not foreseen: {line}" for line, count in ledger.tracebacks(log).items()]
        wrong = [*self._open, *checks.broken(found, seen), *refused, *thrown]
        return Reckoning(wrong, self._figures(found, seen) | {"quiet until all was right, s": round(took)})

    def _look(self, store: Store) -> tuple[ledger.Ledger, checks.Storm]:
        """Take the outside first: what is read of the inside afterwards can only know more. Pages are looked at last.

        Reading the inside may take seconds, in which somebody answers and is told so.
        """
        answers = list(self.people.answers)
        statements = [one for tool in self.tools for one in tool.statements]
        self.people.look()
        told = [one for one in self.people.messages.values() if one["direction"] == "outbound-reply"]
        found = ledger.read(store, datetime.now(UTC))
        self.people.look()
        return found, checks.Storm(statements, self.people.sent(), told, answers)

    def _figures(self, found: ledger.Ledger, seen: checks.Storm) -> dict[str, object]:
        outcomes = [event["outcome"] for event in found.events.values()]
        copies = checks.repeated(found, seen)
        known = sum(min(extra, checks.foretold(found.notifications[one])) for one, extra in copies.items())
        repaired = ledger.repairs(self._pager.data / "functions.log")
        return {
            "storm, s": round(self._healed - self._began),
            "kills": self.trouble.kills,
            "pauses": self.trouble.pauses,
            "faults of the network": self.trouble.faults,
            "statements accepted": sum(one.accepted for one in seen.statements),
            "tries they took": sum(one.tries for one in seen.statements),
            "events with an outcome": len(outcomes),
            **{f"  {outcome}": outcomes.count(outcome) for outcome in sorted(set(outcomes))},
            "  of them spilled": found.spilled,
            "texts": sum("body" in one for one in seen.sent),
            "pages told by another one": sum(bool(one.carrier) for one in found.notifications.values()),
            "calls": sum("body" not in one for one in seen.sent),
            "copies the history tells of": known,
            "copies it does not tell of": sum(copies.values()) - known,
            "answers by text": len(seen.answers),
            "repaired by the sweep: events": repaired["spilled"],
            "  pages": repaired["notifications"],
            "  timers": repaired["timers"],
            "  replies": repaired["replies"],
        }

    async def _tell(self) -> None:
        """Show every second how it stands."""
        while True:
            accepted = sum(one.accepted for tool in self.tools for one in tool.statements)
            self._say(
                f"{time.monotonic() - self._began:5.0f} s  {'quiet' if self._healed else 'storm'}  accepted {accepted}"
                f"  paged {len(self.people.sent())}  answered {len(self.people.answers)}  kills {self.trouble.kills}"
                f"  pauses {self.trouble.pauses}  {', '.join(sorted(self.trouble.now))}"
                f"{f'to put right {len(self._open)}' if self._open else ''}"
            )
            await asyncio.sleep(1)

    def _random(self, what: str) -> random.Random:
        return random.Random(f"{self._plan.seed} {what}")


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> Any:
    """Let something run beside the block, and end it with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _failure(task: "asyncio.Task[None]") -> str:
    return f"a tool failed: {task.exception()!r}" if task.exception() else ""

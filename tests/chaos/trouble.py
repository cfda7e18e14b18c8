"""What goes wrong in the storm: functions are killed, what they depend on stands still, and Twilio misbehaves."""

import asyncio
import math
import os
import random
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Coroutine
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.chaos.diary import Diary
from tests.system.pager import Pager

Stop = Callable[[float], Coroutine[Any, Any, None]]

MOMENT = 0.05
IN_START_UP = 0.15  # of the kills, which come before the functions have answered once
LULL = 0.15  # of the kills, before which the functions are left alone for 4 to 12 s
MOST_WAITING = 3  # faults of the network that were ordered and have not happened yet
LOST = aiohttp.ClientTimeout(total=15)
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "lost_after", "seconds": 0},
    {"kind": "lost_after", "seconds": 12},
    {"kind": "lost_before", "seconds": 1},
    {"kind": "broken", "status": 500},
    {"kind": "broken", "status": 503},
    {"kind": "throttled", "seconds": 1},
    {"kind": "callback_missing", "times": 3},
    {"kind": "callback_twice", "times": 3},
    {"kind": "callback_late", "seconds": 4},
    {"kind": "callbacks_reordered"},
    {"kind": "reply_lost"},
)


@dataclass(frozen=True)
class Lane:
    """Something that stands still now and then; it has dice of its own, so that no other lane decides about it."""

    what: str
    stop: Stop
    random: random.Random

    def length(self, longest: float) -> float:
        """Draw seconds from 1 to `longest`, 10 to 20 as often as 20 to 40: most stalls are short, and some last.

        Were they all as long, both emulators would hardly ever run at once, and little would be under way.
        """
        return math.exp(self.random.uniform(0.0, math.log(longest)))


@dataclass
class Trouble:
    """Counts what was done; `now` names what stands still at this moment."""

    pager: Pager
    random: random.Random
    diary: Diary
    kills: int = 0
    pauses: int = 0
    faults: int = 0
    now: set[str] = field(default_factory=set)

    async def kill(self, enough: Callable[[], bool], session: aiohttp.ClientSession) -> None:
        """Kill the functions 0.5 to 3 s after they have come up, now and then before; after some kills they may live.

        Without these lulls little would be under way that a kill could hit.
        """
        while not enough():
            if self.random.random() < LULL:
                await asyncio.sleep(self.random.uniform(4, 12))
            if self.random.random() >= IN_START_UP:
                await self._answered(session)
            await asyncio.sleep(self.random.uniform(0.5, 3))
            victim = self.pager.functions
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                self.kills += 1
                self.diary.write("killed", pid=victim)
            await self._replaced(victim)

    async def pause(self, lane: Lane, enough: Callable[[], bool], longest: float) -> None:
        """Let something stand still for 1 s to `longest`, again and again, whatever else stands still meanwhile."""
        what = lane.what
        while not enough():
            await asyncio.sleep(1 + lane.length(longest))
            seconds = lane.length(longest)
            self.diary.write("paused", what=what, seconds=round(seconds, 2))
            self.pauses += 1
            self.now.add(what)
            await lane.stop(seconds)
            self.now.discard(what)
            self.diary.write("goes on", what=what)

    async def misbehave(self, enough: Callable[[], bool], session: aiohttp.ClientSession) -> None:
        """Order a fault of the telephone network every 0.5 to 2.5 s, unless some wait to happen.

        Each waits for a call of the network. While little is sent they would pile up, every call would then fail, the
        pager would leave the channels alone, and even less would be sent, for the rest of the storm.
        """
        while not enough():
            await asyncio.sleep(self.random.uniform(0.5, 2.5))
            async with session.get(f"{self.pager.url}/phone/state") as answer:
                if len((await answer.json())["faults"]) >= MOST_WAITING:
                    continue
            fault = self.random.choice(FAULTS)
            async with session.post(f"{self.pager.url}/phone/faults", json=fault) as answer:
                answer.raise_for_status()
            self.diary.write("fault", **fault)
            self.faults += 1

    async def heal(self, session: aiohttp.ClientSession) -> None:
        """Take back what was ordered and has not happened yet."""
        async with session.delete(f"{self.pager.url}/phone/faults") as answer:
            answer.raise_for_status()

    async def _replaced(self, victim: int) -> None:
        """Return once there is another process of the functions."""
        while True:
            with suppress(OSError, ValueError):
                if self.pager.functions != victim:
                    return
            await asyncio.sleep(MOMENT)

    async def _answered(self, session: aiohttp.ClientSession) -> None:
        """Return once the functions answer; a GET there does nothing but be refused."""
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(f"{self.pager.url}/ingest/v2/enqueue", timeout=LOST) as answer:
                    if answer.status == 405:
                        return
            await asyncio.sleep(MOMENT)


def emulators(pager: Pager) -> dict[str, Stop]:
    """Give what stops each emulator for so many seconds; only children of the pager we started are looked at."""
    commands = {child: Path(f"/proc/{child}/cmdline").read_text() for child in _children(pager.process.pid)}
    found = {
        name: _stopper(child)
        for name, word in (("Firestore", "cloud-firestore-emulator"), ("Pub/Sub", "pubsub-emulator"))
        for child, command in commands.items()
        if word in command and "java" in command.partition("\0")[0]
    }
    assert len(found) == 2, f"the emulators are not among {commands}"
    return found


def locked(file: Path) -> Stop:
    """Give what keeps everybody else from writing the embedded cloud's file for so many seconds."""

    async def stop(seconds: float) -> None:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=10)) as database:
            database.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)
            database.execute("ROLLBACK")

    return stop


def _stopper(process: int) -> Stop:
    """Stop it from a shell of its own, which lets it go on even if we are killed meanwhile."""

    async def stop(seconds: float) -> None:
        words = 'kill -STOP "$1" && sleep "$2"; kill -CONT "$1"'
        command = ["/bin/sh", "-c", words, "sh", str(process), f"{seconds:.2f}"]
        await asyncio.to_thread(subprocess.run, command, check=True, start_new_session=True)

    return stop


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(status.parent.name))
    return found

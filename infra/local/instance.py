"""Keeps one instance of the functions running: a process that is replaced when it dies."""

import asyncio
import contextlib
import os
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Mapping
from pathlib import Path

import aiohttp

from infra.local.journal import Journal

ROOT = Path(__file__).resolve().parents[2]
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
# A little more than the functions' own patience with the requests they still answer.
STOP_SECONDS = 3


class NotStarted(Exception):
    """The functions ended before they ever answered."""


class Instance:
    """The functions at `url`; `ready` is set while they answer.

    The listening socket is this process's: a connection made while nobody serves waits in it for the next process,
    no port can be lost in between, and nothing is ever refused.
    """

    def __init__(self, data: Path, settings: Mapping[str, str], say: Callable[[str], None]) -> None:
        """Take a port of the machine's choice; nothing is started yet."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._pid_file = data / "functions.pid"
        self._journal = Journal(data / "functions.log", say)
        self._environment = {**os.environ, **settings, "PYTHONUNBUFFERED": "1"}
        self._say = say
        self._process: Process | None = None
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.ready = asyncio.Event()

    async def start(self) -> None:
        """Start the first process; raises NotStarted when it ends before it answers."""
        if not await self._start():
            raise NotStarted(f"The functions do not start; {self._journal.path} says why.")

    async def keep(self) -> None:
        """Start another process whenever one ends, for ever; one that cannot start is tried ever less often."""
        pause = FIRST_PAUSE_SECONDS
        while self._process:
            code = await self._process.wait()
            self.ready.clear()
            self._say(f"The functions ended ({_describe(code)}) and are started again; what was accepted goes on.")
            await asyncio.sleep(pause)
            pause = FIRST_PAUSE_SECONDS if await self._start() else min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def stop(self) -> None:
        """Let the process finish what it is answering, and end it if it does not; `keep` was cancelled before."""
        self.ready.clear()
        process = self._process
        if process and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        self._listener.close()
        self._pid_file.unlink(missing_ok=True)

    async def _start(self) -> bool:
        """Start a process; tell whether it came up."""
        descriptor = self._listener.fileno()
        command = (sys.executable, "-m", "infra.local.functions", "--listener", str(descriptor))
        # The process ends when its standard input does: even a supervisor that was killed leaves nothing behind.
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=STDOUT, cwd=ROOT, env=self._environment, pass_fds=(descriptor,)
        )
        self._pid_file.write_text(f"{self._process.pid}\n", encoding="ascii")
        self._journal.follow(self._process)
        return await self._came_up(self._process)

    async def _came_up(self, process: Process) -> bool:
        """Wait for the first answer, which is given as soon as somebody serves, or for the end of the process."""
        answer = asyncio.create_task(self._answers())
        end = asyncio.create_task(process.wait())
        try:
            await asyncio.wait({answer, end}, return_when=asyncio.FIRST_COMPLETED)
            if answer.done() and answer.result():
                self.ready.set()
            return self.ready.is_set()
        finally:
            answer.cancel()
            end.cancel()

    async def _answers(self) -> bool:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout()) as session:
            try:
                async with session.get(self.url):
                    return True
            except aiohttp.ClientError:
                return False


def _describe(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"

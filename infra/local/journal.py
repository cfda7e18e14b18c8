"""Keeps what the functions write: all of it in a file, and the errors in one line each on the terminal."""

import asyncio
import json
from asyncio.subprocess import Process
from collections.abc import Callable
from pathlib import Path

BIGGEST_FILE_BYTES = 20_000_000
CHUNK_BYTES = 65_536
LOUD = frozenset({"ERROR", "CRITICAL", "ALERT", "EMERGENCY"})
LONGEST_LINE = 400


class Journal:
    """One file for one instance after the other; at the start a big one makes room for a new one."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        """Open the file at its end."""
        if path.exists() and path.stat().st_size > BIGGEST_FILE_BYTES:
            path.replace(path.with_name(path.name + ".1"))
        self.path = path
        self._say = say
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, process: Process) -> None:
        """Write down what this process says until it ends."""
        task = asyncio.create_task(self._copy(process))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _copy(self, process: Process) -> None:
        if process.stdout is None:
            raise RuntimeError("The process was started without a pipe for what it says.")
        errors = Errors()
        with self.path.open("ab", buffering=0) as file:
            while chunk := await process.stdout.read(CHUNK_BYTES):
                file.write(chunk)
                for sentence in errors.read(chunk):
                    self._say(sentence)


class Errors:
    """Finds the errors in a stream: log lines of that severity, and the last line of each traceback."""

    def __init__(self) -> None:
        """Begin at the beginning of a line."""
        self._rest = b""
        self._in_traceback = False

    def read(self, chunk: bytes) -> list[str]:
        """Give a sentence for each error whose line ends in this chunk."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return [found[:LONGEST_LINE] for line in lines if (found := self._error(line.decode("utf-8", "replace")))]

    def _error(self, line: str) -> str | None:
        if line.startswith("{"):
            return _loud_message(line)
        if line.startswith("Traceback (most recent call last)"):
            self._in_traceback = True
        elif self._in_traceback and line and not line.startswith(" "):
            self._in_traceback = False
            return line
        return None


def _loud_message(line: str) -> str | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return str(entry.get("message", "")) if entry.get("severity") in LOUD else None

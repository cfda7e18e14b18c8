"""Starts what is measured, each a process of its own, and ends it: functions on the framework's server, emulators."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from infra.local.emulators import find, free_port, stop

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "functions" / "main.py"
BARE = Path(__file__).parent / "bare"
PATIENCE = 60.0
PROJECT = "tocsin-bench"


class NotStarted(Exception):
    """A program did not answer; the message names it."""


@contextlib.contextmanager
def running(
    command: Sequence[str], port: int, environment: Mapping[str, str] | None = None, path: str = "/"
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the end of the block; it is there once it answers a GET on its port."""
    process = subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(process, port, path)
        yield process
    finally:
        stop(process)


def function(source: Path, target: str, port: int) -> list[str]:
    """Give the command that serves a function as it is deployed: the framework's own server, with its defaults."""
    framework = Path(sys.executable).with_name("functions-framework")
    return [str(framework), f"--source={source}", f"--target={target}", "--host=127.0.0.1", f"--port={port}"]


def _wait(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and process.poll() is None:
        with contextlib.suppress(OSError, HTTPException):
            connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", path)
            connection.getresponse().read()
            return
        time.sleep(0.01)
    raise NotStarted(f"{process.args!r} does not answer on port {port}.")


@contextlib.contextmanager
def emulators() -> Iterator[dict[str, str]]:
    """Run Google's emulators of Firestore and Pub/Sub, and give the settings that lead there."""
    found = find()
    with contextlib.ExitStack() as started:
        hosts = {}
        for name, start in (("FIRESTORE", found.start_firestore), ("PUBSUB", found.start_pubsub)):
            emulator = start(free_port())
            started.callback(emulator.stop)
            hosts[f"{name}_EMULATOR_HOST"] = emulator.host
        yield {**hosts, "GOOGLE_CLOUD_PROJECT": PROJECT}

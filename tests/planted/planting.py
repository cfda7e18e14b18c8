"""Plants a bug into a copy of the functions and asks the tests, the quickest first, whether they catch it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.planted.bugs import Bug

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("tests/domain", "tests/stories")
SIMULATION = "simulation"
_HUNG = 600  # seconds
_FAILED = 1  # of pytest and of the nights: a test failed; any other code means that it could not even run
_BROKEN_NIGHT = re.compile(r"seed \d+: .*|\w+(Error|Exception).*")


@dataclass(frozen=True)
class Found:
    """What caught a bug, by which test or invariant; nothing if it survived."""

    by: str
    how: str
    seconds: float


@contextmanager
def planted(bug: Bug | None) -> Iterator[Path]:
    """Give a folder with the functions and the bug in them, gone afterwards; without a bug, with none."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy = Path(folder) / "functions"
        shutil.copytree(ROOT / "functions", copy, ignore=shutil.ignore_patterns("__pycache__"))
        if bug:
            path = copy / "tocsin" / bug.file
            path.write_text(bug.planted(path.read_text(encoding="utf-8")), encoding="utf-8")
        yield copy


def hunt(bug: Bug | None, nights: int) -> Found:
    """Look for a bug with what is named as catching it, then all quick tests, then simulated nights."""
    began = time.monotonic()
    named = bug.caught if bug else ""
    with planted(bug) as copy:
        if named and named != SIMULATION and (how := failing(copy, f"tests/{named}")):
            return Found(named, how, time.monotonic() - began)
        if named == SIMULATION and (how := lived(copy, nights)):
            return Found(SIMULATION, how, time.monotonic() - began)
        if how := failing(copy, *QUICK):
            return Found(how.partition("::")[0].removeprefix("tests/"), how, time.monotonic() - began)
        how = "" if named == SIMULATION else lived(copy, nights)
        return Found(SIMULATION if how else "", how, time.monotonic() - began)


def failing(copy: Path, *tests: str) -> str:
    """Run tests against a copy and give the first one that fails; raises RuntimeError if they could not be run."""
    settings = ("-x", "-q", "-p", "no:cacheprovider", "-o", f'pythonpath="{ROOT}" "{copy}"', "--no-header", "--tb=no")
    code, said = _run(copy, "pytest", *settings, *tests)
    if code in {0, None}:
        return "" if code == 0 else f"{tests[0]}::hangs"
    failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", said, re.MULTILINE)
    if code != _FAILED or not failed:
        raise RuntimeError(f"the tests could not be run:\n{said[-2000:]}")
    return failed[1]


def lived(copy: Path, nights: int) -> str:
    """Live through nights on a copy and give the first violation, or the error that broke one off."""
    code, said = _run(copy, "tests.planted.nights", str(nights))
    if code in {0, None}:
        return "" if code == 0 else "hangs"
    return next((line for line in reversed(said.splitlines()) if _BROKEN_NIGHT.fullmatch(line)), "a night broke off")


def _run(copy: Path, module: str, *arguments: str) -> tuple[int | None, str]:
    """Run a module against the copy; the code is None if it had to be ended."""
    environment = os.environ | {
        "PYTHONPATH": f"{copy}{os.pathsep}{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(copy.parent / "hypothesis"),
    }
    command = [sys.executable, "-P", "-m", module, *arguments]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_HUNG, check=False
        )
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout + done.stderr

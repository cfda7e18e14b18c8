"""Starts the command line as an operator does: the launcher, in a checkout, in a shell without our settings."""

import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from multiprocessing import forkserver
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["pytest", "infra.cli.commands"])


def project(folder: Path) -> Path:
    """Make a checkout's skeleton whose launcher is the real one."""
    (folder / "infra").mkdir()
    shutil.copy(ROOT / "infra" / "tocsin", folder / "infra" / "tocsin")
    return folder / "infra" / "tocsin"


def with_environment(folder: Path) -> Path:
    """Make a checkout whose environment is the one that runs this test."""
    launcher = project(folder)
    (folder / "infra" / "cli").symlink_to(ROOT / "infra" / "cli")
    (folder / "functions").symlink_to(ROOT / "functions")
    (folder / ".venv" / "bin").mkdir(parents=True)
    python = folder / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return launcher


def run(*words: str | Path, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = _environment(settings)
    return subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def typed(*words: str | Path, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Do what `run` does with the launcher, in a process forked from one that has imported all it needs."""
    with pytest.MonkeyPatch.context() as patch:  # Python 3.11 tells it by no other way where our modules are
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    line = [str(word) for word in words]
    with TemporaryDirectory() as folder:
        told = [Path(folder) / name for name in ("stdout", "stderr")]
        process = _FORKED.Process(target=_type, args=(line, cwd, _environment(settings), told))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(line, PATIENCE)
        return subprocess.CompletedProcess(line, process.exitcode, *(one.read_text() for one in told))


def _type(line: list[str], cwd: Path, environment: dict[str, str], told: list[Path]) -> None:
    from infra.cli.commands import tocsin

    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    for number, file in enumerate(told, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    tocsin(line, prog_name="tocsin")


def _environment(settings: dict[str, str]) -> dict[str, str]:
    ours = ("TOCSIN_", "TWILIO_", "GOOGLE_", "FIRESTORE_", "PUBSUB_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | settings

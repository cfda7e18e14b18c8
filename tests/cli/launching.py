"""Starts the command line as an operator does: the launcher, in a checkout, in a shell without our settings."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


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
    ours = ("TOCSIN_", "TWILIO_", "GOOGLE_", "FIRESTORE_", "PUBSUB_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(words, cwd=cwd, env=kept | settings, capture_output=True, text=True, check=False, timeout=60)

"""Finds the programs that these tests drive: without one its tests are skipped, and with CI=true they fail."""

import os
import shutil

import pytest

from infra.local import emulators


def program(name: str) -> str:
    """Give the path of a program on PATH."""
    found = shutil.which(name)
    if found is None:
        _missing(f"{name} is not installed (on Debian: apt install {name}).")
    return str(found)


def google_emulators() -> emulators.Emulators:
    """Give Google's emulators, installed or named by the environment."""
    try:
        return emulators.find()
    except emulators.EmulatorMissing as missing:
        _missing(str(missing))
        raise


def _missing(sentence: str) -> None:
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(sentence)

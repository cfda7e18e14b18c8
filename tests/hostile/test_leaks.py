"""Whatever is written while tests run is looked through: here it is written on purpose, and the test that did it fails.

Each leak is a test of its own in a run of its own, with nothing but what looks through this one.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.leaks import SECRETS, leaked
from tests.stories.world import LINK_SECRET, TOKEN
from tests.test_architecture import ROOT
from tests.test_door import SECOND_TOKEN

LEAKS = {
    "a number on standard output": 'print("to +15550100101")',
    "an address on standard error": 'sys.stderr.write("from alice.martin@example.com")',
    "a token through a logger": 'logging.getLogger("a library").warning("eyJhbGciOi.eyJlbWFpbCI.c2lnbmF0dXJl")',
    "a secret of the tests": 'print("signed with the-auth-token")',
    "a key of ours": 'print("POST /tocsinbuqkowxjob4e2fcppnjh2rz56b")',
    "a code that the test read itself": 'print("code 4821"); capsys.readouterr()',
    "a number past Python": 'os.write(1, b"to +15550100101")',
    "a number from a process": 'subprocess.run(["echo", "+15550100101"], check=True)',
    "a number in the log of a local cloud": 'at(tmp_path / "data" / "functions.log").write_text("+15550100101")',
    "a number in the log before that": 'at(tmp_path / "functions.log.1").write_text("+15550100101")',
    "a local cloud's token on its terminal": (
        'at(tmp_path / "data" / "twilio-auth-token").write_text("of-this-start");'
        'at(tmp_path / "data" / "functions.log").touch(); (tmp_path / "output").write_text("of-this-start")'
    ),
}
HARMLESS = {
    "a masked number": 'print("to +15***01, code ***, at 2026-11-22T02:14:00+00:00")',
    "what a local cloud shows": (
        'at(tmp_path / "data" / "functions.log").touch(); (tmp_path / "output").write_text("Alice +15550100101")'
    ),
}
SOURCE = """\
import logging, os, subprocess, sys

def at(path):
    path.parent.mkdir(exist_ok=True)
    return path

def test_something({fixtures}):
    {act}
"""


def ended(act: str) -> tuple[int, str]:
    """Run it in a folder of its own: what lies in this run's is looked through too."""
    fixtures = ", ".join(name for name in ("tmp_path", "capsys") if name in act)
    with TemporaryDirectory() as folder:
        Path(folder, "test_it.py").write_text(SOURCE.format(fixtures=fixtures, act=act))
        Path(folder, "empty.ini").touch()
        options = ["-q", "-c", "empty.ini", "-p", "tests.conftest", "-p", "no:cacheprovider", "--basetemp", "temporary"]
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", *options, "test_it.py"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}"},
            capture_output=True,
            text=True,
            check=False,
        )
    return ran.returncode, ran.stdout


@pytest.mark.parametrize("act", LEAKS.values(), ids=LEAKS)
def test_a_test_that_writes_a_secret_fails(act: str) -> None:
    code, said = ended(act)
    assert code == 1, said
    assert re.search(r"is secret:|left\(", said), said


@pytest.mark.parametrize("act", HARMLESS.values(), ids=HARMLESS)
def test_one_that_writes_none_passes(act: str) -> None:
    assert ended(act)[0] == 0


def test_the_secrets_that_are_looked_for_are_those_of_the_tests() -> None:
    assert {TOKEN, SECOND_TOKEN, LINK_SECRET} == set(SECRETS)


def test_of_many_lines_the_ones_that_leak_are_named() -> None:
    log = "at 02:14:00+00:00\nto +15550100101\nfine\nby demo0checkout0pagerduty, +15550100102"
    assert leaked(log) == [
        "a telephone number: to +15550100101",
        "a telephone number: by demo0checkout0pagerduty, +15550100102",
        "a key of the demo's: by demo0checkout0pagerduty, +15550100102",
    ]

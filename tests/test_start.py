"""What a function's process loads before its first answer: no more than that function needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tocsin

FUNCTIONS = Path(str(tocsin.__file__)).parents[1]
LOADED = """
import functions_framework, sys
functions_framework.create_app(sys.argv[1], sys.argv[2])
print(*sys.modules)
"""


@pytest.mark.parametrize(("target", "asynchronous"), [("ingest", True), ("route", False), ("sweep", False)])
def test_only_the_process_of_ingest_loads_the_asgi_mode(target: str, *, asynchronous: bool) -> None:
    command = [sys.executable, "-c", LOADED, target, str(FUNCTIONS / "main.py")]
    environment = {"PATH": os.environ["PATH"]}
    loaded = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
    assert ("starlette" in loaded) is asynchronous

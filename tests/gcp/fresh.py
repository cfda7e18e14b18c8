"""Makes environments that hold what one file names and nothing else: only where packages may be fetched."""

import os
import subprocess
import venv
from pathlib import Path

import pytest


def environment(folder: Path, requirements: Path) -> Path:
    """Give the folder of an environment's programs; but in CI the test is skipped, for this asks the network."""
    if os.environ.get("CI") != "true":
        pytest.skip("A fresh environment is made with CI=true only: that fetches packages.")
    venv.create(folder, with_pip=True)
    pip = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    subprocess.run([*pip, "-r", str(requirements)], check=True)
    return folder / "bin"

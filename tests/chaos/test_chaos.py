"""A short storm: the functions are killed every few seconds and the cloud stands still, and every promise is kept."""

import os
import subprocess
import sys
from pathlib import Path

from tests.system.pager import ROOT, environment
from tests.system.programs import google_emulators

LONGEST_SECONDS = 400


def test_a_storm_over_google_s_emulators_loses_no_alert_and_pages_nobody_twice(tmp_path: Path) -> None:
    google_emulators()
    _survives(tmp_path, "--seconds", "40")


def test_a_storm_over_the_embedded_cloud_loses_no_alert_and_pages_nobody_twice(tmp_path: Path) -> None:
    _survives(tmp_path, "--seconds", "20", "--embedded")


def _survives(folder: Path, *arguments: str) -> None:
    """Run a storm in a process of its own, with a seed that changes from run to run unless CHAOS_SEED says one."""
    seed = ["--seed", os.environ["CHAOS_SEED"]] if "CHAOS_SEED" in os.environ else []
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "tests.chaos", "--folder", str(folder), *arguments, *seed],
        env=environment({}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert "no promises broken" in ran.stdout

"""Checkov, which knows what others were hurt by, finds nothing that is not explained where it stands."""

import json
import re
import subprocess
from pathlib import Path

from tests.gcp.fresh import environment
from tests.gcp.written import GCP, Module


def test_checkov_finds_nothing(tmp_path: Path) -> None:
    """It needs an environment of its own: a library of it and one of ours have the same name."""
    programs = environment(tmp_path / "environment", Path(__file__).with_name("checkov.txt"))
    command = [str(programs / "checkov"), "-d", str(GCP), "--framework", "terraform", "--skip-download", "-o", "json"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = json.loads(said)["results"]
    assert [(one["check_id"], one["resource"]) for one in found["failed_checks"]] == []
    assert len(found["passed_checks"]) > 30
    assert len(found["skipped_checks"]) == len(skipped())


def test_what_checkov_is_to_leave_alone_says_why() -> None:
    assert all(len(reason.split()) > 5 for reason in skipped())


def skipped() -> list[str]:
    return re.findall(r"#checkov:skip=CKV_\w+:(.*)", Module.read().text)

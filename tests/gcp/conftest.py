"""Gives Terraform, where it is installed, and what it plans for a small team and for a large one."""

import json
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gcp.provider import standing_in
from tests.gcp.terraform import COMPANY, TEAM, Plan, Terraform
from tests.gcp.written import SCHEMA


@pytest.fixture(scope="session")
def known() -> dict[str, Any]:
    """What the providers know, by resource."""
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def regions_away() -> set[str]:
    """The regions that answer nothing; whoever adds one takes it out again."""
    return set()


@pytest.fixture(scope="session")
def terraform(
    known: dict[str, Any], regions_away: set[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Terraform]:
    binary = shutil.which("terraform") or shutil.which("tofu")
    if binary is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("Neither terraform nor tofu is installed; what is written is checked all the same.")
    with standing_in(known, regions_away) as environment:
        yield Terraform(binary, environment, tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def team(terraform: Terraform) -> Plan:
    return terraform.plan(TEAM)


@pytest.fixture(scope="session")
def company(terraform: Terraform) -> Plan:
    return terraform.plan(COMPANY)

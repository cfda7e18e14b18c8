"""A region fails: what OPERATIONS.md says is done word for word, by the real Terraform, while that region is away."""

import os
import re
import shlex
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.gcp.terraform import COMPANY, TEAM, Deployed, Plan, Terraform
from tests.gcp.written import GCP, ROOT, Module

FAILED, OTHER = "europe-west1", "europe-west4"
MOVED = {**COMPANY, "region": OTHER, "second_region": FAILED}
HOLDS = re.compile(
    r"google_(firestore_\w+|pubsub_topic|pubsub_subscription|secret_manager_secret|secret_manager_secret_version)\."
)
"""What holds documents, alerts on their way, secrets: to lose one is to lose what is in it."""
QUEUE = "google_cloud_tasks_queue.tocsin"
RENAMED = re.compile(
    r"(_function\.function|\.invoker|_group\.function|_queue\.tocsin|queue_iam_member\.\w+|job\.sweep)\["
)


@pytest.fixture
def deployed(terraform: Terraform, tmp_path: Path) -> Deployed:
    return Deployed(terraform, tmp_path)


@pytest.fixture
def away(regions_away: set[str]) -> Iterator[set[str]]:
    yield regions_away
    regions_away.clear()


def lost(changes: dict[str, list[str]]) -> set[str]:
    return {address for address, actions in changes.items() if "delete" in actions}


def replaced(changes: dict[str, list[str]]) -> list[str]:
    """Gives what would be made under a name that is still taken, or be gone for a while."""
    return [address for address, actions in changes.items() if {"create", "delete"} <= set(actions)]


def kinds(addresses: set[str]) -> set[str]:
    return {address.partition(".")[0].removeprefix("google_") for address in addresses}


def blocks(title: str) -> list[str]:
    """Gives the commands under a heading of the runbook, block by block."""
    page = (GCP / "OPERATIONS.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [textwrap.dedent(block) for block in re.findall(r"(?:^ {8,}\S.*\n)+", section, re.MULTILINE)]


def typed(block: str, environment: Mapping[str, str]) -> str:
    """Types a block into a shell, and gives what it says."""
    shell = ["bash", "-euo", "pipefail", "-c", block]
    ran = subprocess.run(shell, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    return ran.stdout


def test_a_team_that_moves_to_another_region_loses_no_data_and_has_nothing_twice(
    deployed: Deployed, away: set[str]
) -> None:
    deployed.apply(TEAM)
    changes = deployed.changes({**TEAM, "region": OTHER})
    assert replaced(changes) == []
    assert kinds(lost(changes)) == {
        *("cloudfunctions2_function", "cloud_run_v2_service_iam_member", "cloud_scheduler_job"),
        *("cloud_tasks_queue", "cloud_tasks_queue_iam_member", "storage_bucket", "storage_bucket_object"),
    }
    made = {address for address, actions in changes.items() if actions == ["create"]}
    assert {one.replace(OTHER, FAILED) for one in made} == lost(changes)
    # While the old region is away a plain apply fails; else what follows here would rehearse nothing.
    away.add(FAILED)
    with pytest.raises(AssertionError, match="in a region that is away"):
        deployed.apply({**TEAM, "region": OTHER})


def test_the_runbook_moves_the_pager_while_its_region_is_away(deployed: Deployed, away: set[str]) -> None:
    during, after = (block for block in blocks("A region fails") if "terraform apply" in block)
    deployed.apply(COMPANY)
    before = deployed.addresses()
    away.add(FAILED)
    typed(during, deployed.environment(MOVED))
    there = deployed.addresses()
    assert before <= there
    assert {one.rpartition("/")[2] for one in there if f'function.function["{OTHER}/' in one} == {
        f'{name}"]' for name in Module.read("functions.tf").local("functions")
    }
    for name in ("ingest", "notify", "reply", "route", "sweep"):
        [service] = deployed.values(f'google_cloudfunctions2_function.function["{OTHER}/{name}"]')["service_config"]
        assert service["environment_variables"]["TOCSIN_LOCATION"] == OTHER
    for name in Module.read("pubsub.tf").local("subscriptions"):
        [push] = deployed.values(f'google_pubsub_subscription.route["{name}"]')["push_config"]
        assert push["push_endpoint"].endswith(f"route in {OTHER}")
    assert deployed.values(f'google_cloud_scheduler_job.sweep["{OTHER}"]')["region"] == OTHER

    away.clear()
    changes = deployed.changes(MOVED)
    assert replaced(changes) == []
    assert not [one for one in lost(changes) if HOLDS.match(one) or one.startswith(QUEUE)]
    assert all(FAILED in one for one in lost(changes))
    typed(after, deployed.environment(MOVED))
    assert deployed.changes(MOVED) == {}
    assert {one for one in before if HOLDS.match(one) or one.startswith(QUEUE)} <= deployed.addresses()


def test_what_an_older_release_deployed_is_renamed_by_the_runbook(company: Plan) -> None:
    [block] = [one for one in blocks("Upgrade") if "state mv" in one]
    wanted = {one.address for one in company.resources if RENAMED.search(one.address)}
    before = {old(one) for one in wanted if "_queue" not in one or FAILED in one}
    assert len(before) > 30
    listed = shlex.join(["printf", "%s\\n", *sorted(before)])
    stand_in = f'terraform() {{ if [ "$2" = list ]; then {listed}; else printf "%s\\n" "$4"; fi; }}\n'
    renamed = typed(stand_in + block, dict(os.environ)).splitlines()
    assert len(renamed) == len(before)
    # The queues of the second region are new.
    assert wanted - set(renamed) == {one for one in wanted if "_queue" in one and OTHER in one}
    assert set(renamed) <= wanted


def old(address: str) -> str:
    """Gives the address that something had before regions were part of it."""
    if found := re.fullmatch(r'(.*)\["[a-z0-9-]+/(tocsin[a-z-]*)/(.+)"\]', address):
        return f'{found[1]}["{found[3]}-{found[2]}"]'
    again = address.replace(f'["{OTHER}/', '["').replace('"]', '-again"]') if OTHER in address else address
    return again.replace(f'["{FAILED}/', '["').replace(f'["{FAILED}"]', "")

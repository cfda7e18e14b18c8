"""Runs the real Terraform on infra/gcp, with providers that stand in for Google's."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.gcp.written import GCP

TEAM: Mapping[str, Any] = {
    "project": "pager-123",
    "alert_emails": ["ops@example.com"],
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_from_number": "+15550100100",
}
"""What a small team sets: the least there is."""

COMPANY: Mapping[str, Any] = {
    **TEAM,
    "domain": "pager.example.com",
    "firestore_location": "eur3",
    "second_region": "europe-west4",
    "secret_versions": {
        "twilio_auth_token": 3,
        "twilio_auth_token_secondary": 1,
        "heartbeat_url": 1,
        "link_secret": 2,
        "link_secret_secondary": 1,
    },
    "scaling": {
        "ingest": {"min_instances": 2, "max_instances": 100},
        "reply": {"min_instances": 1, "concurrency": 32},
        "notify": {"max_instances": 50},
        "escalate": {"max_instances": 50},
    },
    "queue": {"per_second": 500, "at_once": 400},
    "audit_days": 400,
    "operators": ["group:sre@example.com"],
    "alert_channels": ["projects/pager-123/notificationChannels/7"],
}
"""What a large one may set: everything."""


@dataclass(frozen=True)
class Resource:
    """One resource of a plan; `key` is what it was made for in a `for_each`."""

    kind: str
    name: str
    key: str
    values: dict[str, Any]
    address: str


@dataclass(frozen=True)
class Plan:
    """What Terraform would make of a set of variables."""

    resources: tuple[Resource, ...]
    outputs: dict[str, Any]

    def of(self, kind: str, name: str = "") -> Iterator[Resource]:
        """Give the resources of a kind, or those of one name."""
        return (one for one in self.resources if one.kind == kind and name in ("", one.name))

    def only(self, kind: str, name: str) -> dict[str, Any]:
        """Give the one resource of a kind and name."""
        [found] = self.of(kind, name)
        return found.values


class Terraform:
    """The binary on PATH; `environment` leads it to the stand-ins."""

    def __init__(self, binary: str, environment: Mapping[str, str], scratch: Path) -> None:
        self.binary = binary
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
        self.environment = {**inherited, **environment, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
        self._scratch = scratch

    def run(self, *arguments: str, folder: Path = GCP) -> tuple[int, str]:
        """Give the exit code and everything that was said, on one line."""
        command = [self.binary, f"-chdir={folder}", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        return done.returncode, " ".join((done.stdout + done.stderr).replace("│", " ").split())

    def refusal(self, variables: Mapping[str, Any]) -> str:
        """Give what Terraform objects to in the variables; empty for nothing."""
        code, said = self._planned(variables, self._scratch / "refused")
        return said if code else ""

    def plan(self, variables: Mapping[str, Any]) -> Plan:
        """Give the plan for the variables; a refusal is a failed test."""
        kept = self._scratch / "plan"
        code, said = self._planned(variables, kept)
        assert code == 0, said
        command = [self.binary, f"-chdir={GCP}", "show", "-json", str(kept)]
        shown = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout
        return _plan(json.loads(shown))

    def _planned(self, variables: Mapping[str, Any], kept: Path) -> tuple[int, str]:
        file = self._scratch / "variables.tfvars.json"
        file.write_text(json.dumps(dict(variables)), encoding="utf-8")
        state = f"-state={self._scratch / 'no.tfstate'}"
        return self.run("plan", "-input=false", "-no-color", "-lock=false", state, f"-out={kept}", f"-var-file={file}")


def _plan(shown: dict[str, Any]) -> Plan:
    planned = shown["planned_values"]
    known = shown.get("prior_state", {}).get("values", {}).get("root_module", {}).get("resources", [])
    resources = [
        Resource(
            ("data." if one["mode"] == "data" else "") + one["type"],
            one["name"],
            str(one.get("index", "")),
            one["values"],
            one["address"],
        )
        for one in [*planned["root_module"]["resources"], *known]
    ]
    return Plan(tuple(resources), {name: one.get("value") for name, one in planned["outputs"].items()})


class Deployed:
    """What was applied so far, as Terraform keeps it: a state of its own in `folder`."""

    def __init__(self, terraform: Terraform, folder: Path) -> None:
        self._terraform = terraform
        self._state, self._file = folder / "deployed.tfstate", folder / "deployed.tfvars.json"

    def environment(self, variables: Mapping[str, Any]) -> dict[str, str]:
        """Give the environment in which a plain `terraform` works on this state with these variables."""
        self._file.write_text(json.dumps({**variables, "twilio_auth_token": "0" * 32}), encoding="utf-8")
        state = f"-state={self._state}"
        usual = f"-input=false -no-color -lock=false {state} -var-file={self._file}"
        return {
            **self._terraform.environment,
            "TF_CLI_ARGS_apply": f"-auto-approve {usual}",
            "TF_CLI_ARGS_plan": usual,
            "TF_CLI_ARGS_state_list": state,
            "TF_CLI_ARGS_state_mv": f"-lock=false {state}",
        }

    def apply(self, variables: Mapping[str, Any]) -> None:
        """Make it so; a refusal is a failed test."""
        self._run(variables, "apply")

    def changes(self, variables: Mapping[str, Any]) -> dict[str, list[str]]:
        """Give what would be done, by address: what stays as it is is left out."""
        kept = self._state.with_suffix(".plan")
        self._run(variables, "plan", f"-out={kept}")
        shown = json.loads(self._run(variables, "show", "-json", str(kept)))
        return {
            one["address"]: one["change"]["actions"]
            for one in shown.get("resource_changes", [])
            if one["change"]["actions"] not in (["no-op"], ["read"])
        }

    def addresses(self) -> set[str]:
        """Give the addresses of everything that is there."""
        return set(self._resources())

    def values(self, address: str) -> dict[str, Any]:
        """Give one thing that is there."""
        return self._resources()[address]

    def _resources(self) -> dict[str, dict[str, Any]]:
        shown = json.loads(self._run({}, "show", "-json", str(self._state)))
        return {one["address"]: one["values"] for one in shown["values"]["root_module"]["resources"]}

    def _run(self, variables: Mapping[str, Any], *arguments: str) -> str:
        environment = self.environment(variables)
        command = [self._terraform.binary, f"-chdir={GCP}", *arguments]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
        return ran.stdout

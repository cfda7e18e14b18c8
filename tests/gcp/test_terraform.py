"""Terraform itself finds nothing to object to, and does object to mistakes and to wrong variables."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.gcp.terraform import COMPANY, TEAM, Terraform
from tests.gcp.written import GCP, ROOT

named = pytest.mark.parametrize


def test_terraform_objects_to_nothing(terraform: Terraform) -> None:
    assert terraform.run("validate", "-no-color") == (0, "Success! The configuration is valid.")


def test_the_files_are_formatted(terraform: Terraform) -> None:
    assert terraform.run("fmt", "-check", "-diff", "-recursive") == (0, "")


@named(
    ("file", "written", "misspelt", "objection"),
    [
        ("pubsub.tf", "ack_deadline_seconds", "ack_deadline_second", "Unsupported argument"),
        ("pubsub.tf", "retry_policy {", "retries {", "Unsupported block type"),
        ("functions.tf", "entry_point ", "entrypoint ", "Unsupported argument"),
        ("iam.tf", "build.member\n", "build.membre\n", "Unsupported attribute"),
        ("tasks.tf", "max_attempts  = 100", 'max_attempts  = "many"', "Incorrect attribute value type"),
        ("firestore.tf", "  location_id ", "  # location_id ", "Missing required argument"),
        ("alerts.tf", "local.channels", "local.channel", "Reference to undeclared local value"),
    ],
)
def test_terraform_objects_to_a_mistake(
    terraform: Terraform, tmp_path: Path, file: str, written: str, misspelt: str, objection: str
) -> None:
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    left = shutil.ignore_patterns(".terraform", "*.tfvars")
    spoilt = shutil.copytree(GCP, tmp_path / "infra" / "gcp", ignore=left)
    text = (spoilt / file).read_text(encoding="utf-8")
    assert written in text
    (spoilt / file).write_text(text.replace(written, misspelt, 1), encoding="utf-8")
    code, said = terraform.run("validate", "-no-color", folder=spoilt)
    assert (code, objection in said) == (1, True), said


# Everything at once, as far as each variable can be wrong in one way only: Terraform names them all.
WRONG: list[list[tuple[dict[str, Any], str]]] = [
    [
        ({"project": "No Such Project"}, "A project's id has 6 to 30"),
        ({"alert_emails": []}, "Name at least one of alert_emails or alert_channels"),
        ({"twilio_account_sid": "SK" + "0" * 32}, "one that begins with SK is a key's"),
        ({"twilio_from_number": "555 0100"}, "A telephone number begins with +"),
        ({"secret_versions": {"twilio_auth_token": 0}}, "Nothing works without the auth token"),
        ({"region": "Frankfurt"}, "A region is named like europe-west1"),
        ({"domain": "https://pager.example.com"}, "A domain is given by its name alone"),
        ({"body_limit": 1000}, "The limit lies between 4 MiB"),
        (
            {"scaling": {"ingets": {"min_instances": 1}}},
            "scaling names a function that there is not: they are calendar,",
        ),
        ({"queue": {"per_second": 501}}, "A queue hands out between 1 and 500"),
        ({"twilio_api_url": "http://api"}, "The URL begins with https://"),
        ({"operators": ["ann@example.com"]}, "Each operator is user:, group: or serviceAccount:"),
        ({"runtime": "python310"}, "Tocsin needs Python 3.11 or newer"),
        ({"firestore_location": "Europe"}, "The database's location is a region, or a multi-region"),
        ({"runbook": "https://wiki.example.com"}, "The runbook is the URL or the path of OPERATIONS.md"),
        ({"twilio_auth_token": "a token"}, "An auth token has 32 digits"),
        ({"twilio_auth_token_secondary": "a token"}, "The secondary auth token has 32 digits"),
        ({"heartbeat_url": "http://watch.example.com"}, "The heartbeat's URL begins with https://"),
        ({"least_credit": -1}, "The least credit is an amount of money"),
        ({"access_logs": "some"}, "access_logs is none, people or everybody"),
        ({"audit_days": 7}, "Audit logs are kept for 30 to 3650 days"),
        ({"link_secret": "short"}, "The secret of links has 32 characters"),
        ({"link_secret_secondary": "short"}, "The secret of links before has 32 characters"),
    ],
    [
        ({"alert_emails": ["ops"]}, "Each of alert_emails is one e-mail address"),
        ({"secret_versions": {"heartbeat_url": 1.5}}, "A version is a whole number"),
        ({"second_region": "europe-west1"}, "The second region must be another one"),
        ({"scaling": {"ingest": {"min_instances": 9, "max_instances": 1}}}, "cannot have more instances at least"),
    ],
    [
        ({"second_region": "Frankfurt"}, "A region is named like europe-west4"),
        ({"alert_channels": ["ops"]}, "Each of alert_channels is projects/P/notificationChannels/N"),
        ({"scaling": {"ingest": {"max_instances": 0}}}, "A function has between 1 and 1,000 instances"),
    ],
    [
        ({"scaling": {"ingest": {"concurrency": 0}}}, "An instance takes between 1 and 1,000 requests"),
    ],
    [
        ({"scaling": {"ingest": {"memory": "half"}}}, "Processors are a number such as 1 or 0.583"),
    ],
]


@named("wrong", WRONG, ids=["first", "second", "third", "fourth", "fifth"])
def test_each_wrong_variable_is_refused_in_a_sentence(
    terraform: Terraform, wrong: list[tuple[dict[str, Any], str]]
) -> None:
    said = terraform.refusal({**TEAM, **{name: value for change, _ in wrong for name, value in change.items()}})
    assert [sentence for _, sentence in wrong if sentence not in said] == []


def test_each_variable_says_what_it_is_and_refuses_what_it_cannot_be() -> None:
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', (GCP / "variables.tf").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) > 20
    assert [name for name, block in blocks if "  description = " not in block] == []
    is_a_switch = {name for name, block in blocks if "= bool\n" in block}
    assert [name for name, block in blocks if "  validation {" not in block and name not in is_a_switch] == []


def test_a_queue_that_is_faster_than_what_it_calls_is_refused(terraform: Terraform) -> None:
    said = terraform.refusal({**COMPANY, "scaling": {}})
    assert "queue.at_once is more than notify and escalate can take" in said

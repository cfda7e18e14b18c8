"""What PagerDuty exports is compared page by page with whom this configuration would have paged at that time."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.broken import GOOD
from tests.cli.test_oncall import answered, said, tocsin

SERVICE = {"id": "PSVC", "type": "service_reference", "summary": "Checkout"}


def entry(kind: str, at: str, incident: str, *names: str, agent: str = "service_reference") -> dict[str, Any]:
    return {
        "id": f"{incident}{at}{kind}",
        "type": kind,
        "created_at": at,
        "agent": {"id": "A", "type": agent},
        "incident": {
            "id": incident,
            "type": "incident",
            "title": "it is down",
            "incident_key": "k",
            "urgency": "high",
            "service": SERVICE,
        },
        "assignees": [{"id": name, "type": "user_reference", "summary": name} for name in names],
    }


# Alice has the week of 6 July, Bob the one after.
LOG = [
    entry("trigger_log_entry", "2026-07-10T12:00:00Z", "P1"),
    entry("assign_log_entry", "2026-07-10T12:00:00Z", "P1", "Alice Martin"),
    entry("escalate_log_entry", "2026-07-10T12:05:00Z", "P1", "bob okafor"),
    entry("assign_log_entry", "2026-07-10T12:06:00Z", "P1", "Zoe Somebody", agent="user_reference"),
    entry("assign_log_entry", "2026-07-14T02:00:00Z", "P2", "Alice Martin"),
]


def compare(pager: Path, *more: dict[str, Any]) -> dict[str, Any]:
    (pager / "team.yaml").write_text(GOOD)
    (pager / "log.json").write_text(json.dumps({"log_entries": [*LOG, *more], "more": False}))
    result = tocsin(pager, "shadow", "log.json", "--config", "team.yaml", "--output", "json")
    answer: dict[str, Any] = json.loads(result.stdout)
    assert result.returncode == bool(answer["differences"] or answer["unknown_services"])
    return answer


def test_a_page_that_went_to_somebody_else_is_in_the_table(pager: Path) -> None:
    answer = compare(pager)
    assert (answer["pages"], answer["unknown_services"]) == (3, [])
    assert answer["differences"] == [
        {
            "incident": "P2",
            "title": "it is down",
            "service": "checkout",
            "at": "2026-07-14T02:00:00+00:00",
            "page": 1,
            "pagerduty": ["Alice Martin"],
            "tocsin": ["Bob Okafor"],
        }
    ]
    text = tocsin(pager, "shadow", "log.json", "--config", "team.yaml").stdout.splitlines()
    assert text[0] == "2 of 3 pages went to the same people"
    assert re.split(r"\s{2,}", text[2])[1:] == ["checkout", "1", "Alice Martin", "Bob Okafor"]


def test_a_log_whose_last_page_is_missing_is_only_a_part(pager: Path) -> None:
    (pager / "team.yaml").write_text(GOOD)
    (pager / "1.json").write_text(json.dumps({"log_entries": LOG[:2], "more": True}))
    (pager / "2.json").write_text(json.dumps({"log_entries": LOG[2:], "more": False}))
    part = tocsin(pager, "shadow", "1.json", "--config", "team.yaml")
    assert part.stdout.splitlines() == [
        "1 of 1 pages went to the same people",
        "this is only a part: the API has said that there are more log entries",
    ]
    whole = tocsin(pager, "shadow", "1.json", "2.json", "--config", "team.yaml")
    assert "only a part" not in whole.stdout
    assert whole.stdout.startswith("2 of 3 pages went")


def test_a_file_without_pages_is_no_agreement(pager: Path) -> None:
    (pager / "team.yaml").write_text(GOOD)
    (pager / "log.json").write_text(json.dumps({"users": []}))
    result = tocsin(pager, "shadow", "log.json", "--config", "team.yaml")
    assert (result.returncode, result.stdout) == (1, "")
    assert "there is no page to compare" in result.stderr


def test_a_service_without_a_namesake_is_named(pager: Path) -> None:
    other = entry("assign_log_entry", "2026-07-10T12:00:00Z", "P3", "Alice Martin")
    other["incident"]["service"] = {"id": "X", "summary": "Search"}
    assert compare(pager, other)["unknown_services"] == ["Search"]


def test_incidents_may_stand_in_a_file_of_their_own(pager: Path) -> None:
    agreed = [{**each, "incident": {"id": "P1", "type": "incident_reference"}} for each in LOG[:3]]
    (pager / "team.yaml").write_text(GOOD)
    (pager / "log.json").write_text(json.dumps({"log_entries": agreed}))
    (pager / "incidents.json").write_text(json.dumps({"incidents": [LOG[0]["incident"]]}))
    files = ("shadow", "incidents.json", "log.json", "--config", "team.yaml")
    assert said(pager, *files) == "2 of 2 pages went to the same people\n"
    assert answered(pager, *files)["pages"] == 2


@pytest.mark.parametrize(
    ("text", "sentence"), [("{", "is no JSON"), ('{"log_entries": [{}]}', "no answer of PagerDuty")]
)
def test_what_is_no_export_is_one_sentence(pager: Path, text: str, sentence: str) -> None:
    (pager / "team.yaml").write_text(GOOD)
    (pager / "log.json").write_text(text)
    result = tocsin(pager, "shadow", "log.json", "--config", "team.yaml")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert sentence in result.stderr

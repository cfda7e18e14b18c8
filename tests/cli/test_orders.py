"""The operator orders what a phone can order, and reads what was done or why not."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_incidents import alert, incident, listed


def shown(pager: Path, identity: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(incident(pager, "show", identity, "--output", "json").stdout)
    return found


@pytest.mark.parametrize(
    ("words", "said", "line"),
    [
        (["pass", "Bob Okafor"], "Passed to Bob Okafor, who is paged now: down\n", "Carol Lindqvist passed it to Bob"),
        (
            ["add", "checkout-primary"],
            "Paged as well: Alice Martin: down\n",
            "Carol Lindqvist asked Alice Martin on the",
        ),
        (["note", "Rolling", "back,", "ETA 5m!"], "Noted: down\n", "Carol Lindqvist: Rolling back, ETA 5m!"),
        (["priority", "p2"], "Priority P2: down\n", "Carol Lindqvist set P2 on the command line"),
        (["escalate"], "Escalated: down\n", "Carol Lindqvist escalated on the command line"),
    ],
    ids=lambda one: one[0] if isinstance(one, list) else "",
)
def test_an_order_says_what_was_done_and_is_on_the_timeline(
    pager: Path, words: list[str], said: str, line: str
) -> None:
    alert(pager, "down")
    [known] = listed(pager)
    result = incident(pager, words[0], known["id"][:8], *words[1:], "--by", "carol")
    assert (result.returncode, result.stdout) == (0, said)
    assert any(entry["why"].startswith(line) for entry in shown(pager, known["id"])["timeline"])


def test_a_snooze_is_listed_with_who_did_it_and_shows_when_it_is_over(pager: Path) -> None:
    alert(pager, "down")
    [known] = listed(pager)
    assert incident(pager, "snooze", known["id"], "2h", "--by", "bob").stdout.startswith("Snoozed until ")
    assert "snoozed by Bob Okafor" in incident(pager, "list").stdout
    assert [due["what"] for due in shown(pager, known["id"])["due"]] == ["triggered again"]


def test_whoever_is_passed_a_page_is_due(pager: Path) -> None:
    alert(pager, "down")
    [known] = listed(pager)
    incident(pager, "ack", known["id"])
    incident(pager, "add", known["id"], "bob")
    assert [due["what"] for due in shown(pager, known["id"])["due"]] == ["text to Bob Okafor", "call to Bob Okafor"]
    assert shown(pager, known["id"])["status"] == "acknowledged"


def test_a_merged_incident_has_the_alerts_of_both(pager: Path) -> None:
    alert(pager, "disk full")
    alert(pager, "down")
    down, disk = listed(pager)
    result = incident(pager, "merge", disk["id"], down["id"])
    assert (result.returncode, result.stdout) == (0, "Merged disk full into down\n")
    assert [one["id"] for one in listed(pager)] == [down["id"]]
    assert shown(pager, down["id"])["alerts"] == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["snooze", "ID", "8d"], "A snooze lasts from 1 second to 7 days"),
        (["snooze", "ID", "soon"], "A snooze lasts from 1 second to 7 days"),
        (["pass", "ID", "dora"], 'Nobody here is called "dora"'),
        (["merge", "ID", "ID"], "cannot be merged with itself"),
        (["escalate", "feedbeef"], "there is no incident"),
        (["note", "ID", "x" * 2001], "at most 2000 characters"),
    ],
    ids=lambda one: one[0] if isinstance(one, list) else "",
)
def test_what_cannot_be_done_is_refused_in_a_sentence(pager: Path, words: list[str], sentence: str) -> None:
    alert(pager, "down")
    [known] = listed(pager)
    result = incident(pager, *[known["id"] if word == "ID" else word for word in words])
    assert (result.returncode, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert listed(pager)[0]["status"] == "triggered"

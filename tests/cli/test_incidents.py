"""The operator sees what the pager knows, and answers without a phone."""

import json
import secrets
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.cli.configfile import load
from tests.cli.launching import ROOT, run
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Config
from tocsin.moment import Moment
from tocsin.route import route

DEMO: Config = load(ROOT / "infra" / "local" / "demo.yaml")


class Nothing:
    """A queue that takes everything and delivers nothing."""

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None) -> None:
        """Take it."""


def alert(pager: Path, title: str, action: Action = Action.TRIGGER) -> None:
    now = datetime.now(UTC)
    said = Alert(action, title, title, Severity.CRITICAL)
    event = Event(secrets.token_hex(16), now, "checkout-generic", "checkout", said)
    moment = Moment(now, DEMO, lambda: secrets.token_hex(16))
    route(event, EmbeddedStore(pager / "tocsin.db"), Nothing(), moment)


def incident(pager: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(pager / "infra" / "tocsin", "--data", ".tocsin", "incident", *words, cwd=pager)


def listed(pager: Path, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(incident(pager, "list", "--output", "json", *words).stdout)["incidents"]
    return found


def test_nothing_open_is_said(pager: Path) -> None:
    result = incident(pager, "list")
    assert (result.returncode, result.stdout, result.stderr) == (0, "no incidents\n", "")


def test_the_list_has_what_is_open_newest_first_and_with_all_the_resolved_too(pager: Path) -> None:
    for title in ("disk full", "checkout is down", "slow"):
        alert(pager, title)
    alert(pager, "disk full", Action.RESOLVE)
    assert [each["title"] for each in listed(pager)] == ["slow", "checkout is down"]
    assert {each["status"] for each in listed(pager, "--all")} == {"triggered", "resolved"}
    lines = incident(pager, "list").stdout.splitlines()
    assert lines[0].split() == ["ID", "STATUS", "URGENCY", "OPENED", "SERVICE", "TITLE"]
    assert lines[1].endswith("Checkout  slow")
    assert "\x1b" not in "".join(lines), "colours are for terminals"


def test_show_tells_the_story_and_what_is_due_next(pager: Path) -> None:
    alert(pager, "checkout is down")
    [known] = listed(pager)
    result = incident(pager, "show", known["id"][:8])
    text = result.stdout
    assert not result.stderr
    assert text.startswith("checkout is down\ntriggered, high urgency, Checkout, 1 alert with the dedup key")
    parts = text.split("\n\n")
    assert "checkout-generic says: checkout is down" in parts[1]
    assert "Alice Martin  pending" in parts[2]
    assert "on call in checkout-primary by rotation" in parts[2]
    assert "call to Alice Martin" in parts[3]
    assert "escalation to level 2" in parts[3]
    shown = json.loads(incident(pager, "show", known["id"], "--output", "json").stdout)
    assert {"timeline", "notifications", "due", "events", "status"} <= shown.keys()
    assert datetime.fromisoformat(shown["due"][0]["at"]).tzinfo is not None


def test_an_acknowledged_incident_has_nothing_due_and_a_second_one_hears_who_has_it(pager: Path) -> None:
    alert(pager, "checkout is down")
    [known] = listed(pager)
    first = incident(pager, "ack", known["id"], "--by", "bob")
    assert (first.returncode, first.stdout) == (0, "checkout is down: acknowledged by Bob Okafor\n")
    second = incident(pager, "ack", known["id"], "--by", "alice")
    assert (second.returncode, second.stdout) == (0, "checkout is down: already acknowledged by Bob Okafor\n")
    assert json.loads(incident(pager, "show", known["id"], "--output", "json").stdout)["due"] == []


def test_a_resolved_incident_cannot_be_acknowledged(pager: Path) -> None:
    alert(pager, "checkout is down")
    [known] = listed(pager)
    assert "checkout is down: resolved by" in incident(pager, "resolve", known["id"]).stdout
    assert listed(pager) == []
    result = incident(pager, "ack", known["id"])
    assert (result.returncode, result.stdout) == (1, "")
    assert '"checkout is down" is resolved already by' in result.stderr


@pytest.mark.parametrize("command", ["show", "ack", "resolve"])
@pytest.mark.parametrize(("identity", "sentence"), [("feedbeef", "there is no incident"), ("../x", "is not an id")])
def test_an_id_of_nothing_is_one_sentence(pager: Path, command: str, identity: str, sentence: str) -> None:
    result = incident(pager, command, identity)
    assert (result.returncode, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_only_a_user_of_the_configuration_can_answer(pager: Path) -> None:
    alert(pager, "checkout is down")
    [known] = listed(pager)
    result = incident(pager, "ack", known["id"], "--by", "alcie")
    assert (result.returncode, result.stderr) == (1, 'Error: there is no user "alcie", did you mean alice?\n')
    assert listed(pager)[0]["status"] == "triggered"


def test_a_title_cannot_move_the_cursor(pager: Path) -> None:
    alert(pager, "down\x1b[2J\n\u202ehidden")
    [known] = listed(pager)
    for words in (["list"], ["show", known["id"]], ["ack", known["id"]]):
        said = incident(pager, *words).stdout
        assert "\x1b" not in said
        assert "\u202e" not in said
        assert "down\ufffd[2J\ufffd\ufffdhidden" in said

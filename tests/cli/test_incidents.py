"""The operator sees what the pager knows, and answers without a phone."""

import json
import os
import secrets
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.cli.configfile import load
from tests.cli.launching import ROOT, run, typed
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Config, Rule
from tocsin.moment import Moment
from tocsin.route import route

DEMO: Config = load(ROOT / "infra" / "local" / "demo.yaml")


class Nothing:
    """A queue that takes everything and delivers nothing."""

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None, *, urgent: bool = False) -> None:
        """Take it."""


def alert(pager: Path, title: str, action: Action = Action.TRIGGER, config: Config = DEMO) -> None:
    now = datetime.now(UTC)
    said = Alert(action, title, title, Severity.CRITICAL)
    event = Event(secrets.token_hex(16), now, "checkout-generic", "checkout", said)
    moment = Moment(now, config, lambda: secrets.token_hex(16))
    route(event, EmbeddedStore(pager / "tocsin.db"), Nothing(), moment)


def incident(pager: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return typed("--data", ".tocsin", "incident", *words, cwd=pager, **settings)


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
    lines = incident(pager, "list", TZ="Asia/Kolkata").stdout.splitlines()
    assert lines[0].split() == ["ID", "STATUS", "URGENCY", "OPENED", "(UTC+05:30)", "SERVICE", "TITLE"]
    assert lines[1].endswith("Checkout  slow")
    assert "\x1b" not in "".join(lines), "colours are for terminals"


def test_the_list_says_who_acknowledged_and_times_are_utc_where_the_machine_is(pager: Path) -> None:
    alert(pager, "checkout is down")
    [known] = listed(pager)
    incident(pager, "ack", known["id"], "--by", "bob")
    lines = incident(pager, "list", TZ="UTC").stdout.splitlines()
    assert "OPENED (UTC)" in lines[0]
    assert "acknowledged by Bob Okafor" in lines[1]
    story = incident(pager, "show", known["id"], TZ="UTC").stdout
    assert "Timeline (UTC)\n" in story
    assert "Due next (UTC)\n" in story


def test_the_list_says_what_is_paused(pager: Path) -> None:
    paused = replace(DEMO, rules=(Rule("flaky", pause=timedelta(minutes=5)),))
    alert(pager, "checkout is flaky", config=paused)
    assert "  triggered, paused  " in incident(pager, "list").stdout
    [known] = listed(pager)
    assert datetime.fromisoformat(known["paused_until"]) > datetime.now(UTC)
    incident(pager, "ack", known["id"])
    assert "paused" not in incident(pager, "list").stdout


def test_a_long_title_is_cut_to_the_terminal_and_nowhere_else(pager: Path) -> None:
    title = "the disk is full " * 20
    alert(pager, title)
    assert title.strip() in incident(pager, "list").stdout
    mine, its = os.openpty()
    command = [str(pager / "infra" / "tocsin"), "--data", ".tocsin", "incident", "list"]
    environment = {**os.environ, "COLUMNS": "70"}
    with os.fdopen(mine, "rb", buffering=0) as terminal, os.fdopen(its, "wb") as side:
        subprocess.run(command, cwd=pager, env=environment, stdout=side, check=True, timeout=60)
        lines = terminal.read(10_000).decode().splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) == 70
    assert lines[1].endswith("\N{HORIZONTAL ELLIPSIS}")


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
    assert "infra/tocsin --data .tocsin incident list" in result.stderr, "the remedy is for the same pager"


def test_an_id_may_be_typed_with_a_number_sign(pager: Path) -> None:
    alert(pager, "checkout is down")
    [known] = listed(pager)
    assert incident(pager, "show", f"#{known['id'][:8]}").stdout.startswith("checkout is down\n")


def test_a_reply_code_is_told_from_an_id(pager: Path) -> None:
    hint = "5604 looks like a reply code: answer it from the phone, or use the id from "
    assert incident(pager, "ack", "5604").stderr == f"Error: {hint}infra/tocsin --data .tocsin incident list\n"


def test_a_refusal_is_json_for_who_asked_for_json(pager: Path) -> None:
    result = incident(pager, "show", "feedbeef", "--output", "json")
    assert (result.returncode, result.stderr) == (1, "")
    assert json.loads(result.stdout)["error"].startswith('there is no incident "feedbeef"')
    assert json.loads(incident(pager, "show", "--output", "json").stdout) == {"error": "Missing argument 'ID'."}


def test_a_project_in_the_environment_is_not_taken_for_the_pager_of_this_machine(pager: Path) -> None:
    alert(pager, "checkout is down")
    tocsin = pager / "infra" / "tocsin"
    here = run(tocsin, "incident", "list", cwd=pager)
    assert "checkout is down" in here.stdout
    assert here.stderr == f"(this is the pager of this machine, in {pager / '.tocsin'})\n"
    # Nobody is there: what matters is that it was asked, and not the file.
    there = {"GOOGLE_CLOUD_PROJECT": "my-prod", "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"}
    prod = run(tocsin, "incident", "list", cwd=pager, **there)
    assert (prod.returncode, prod.stdout) == (1, "")
    assert prod.stderr.startswith("(this is the project my-prod; --data .tocsin is the pager of this machine)\n")
    assert "checkout is down" in run(tocsin, "--data", ".tocsin", "incident", "list", cwd=pager, **there).stdout


def test_damaged_documents_have_a_remedy(pager: Path) -> None:
    (pager / "tocsin.db").write_text("junk\n")
    for leftover in pager.glob("tocsin.db-*"):
        leftover.unlink()
    result = incident(pager, "list")
    assert result.returncode == 1
    assert "Move that file away and start infra/local/up --data .tocsin again" in result.stderr


def test_the_summaries_of_the_help_are_whole(pager: Path) -> None:
    for words in ([], ["incident"], ["override"], ["replay"], ["route"]):
        text = typed(*words, "--help", cwd=pager, COLUMNS="80").stdout
        summaries = text.partition("Commands:")[2].strip().splitlines()
        assert summaries
        assert all(line.endswith(".") and not line.endswith("...") for line in summaries), summaries


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

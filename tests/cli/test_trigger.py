"""An operator's alert takes the way of every alert, and is refused when it could page nobody."""

import fcntl
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.launching import typed
from tocsin.clients.embedded_queue import EmbeddedQueue
from tocsin.domain.alert import Action, Event, Severity
from tocsin.records import from_json


def trigger(pager: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("--data", ".tocsin", "trigger", *words, cwd=pager)


def published(pager: Path) -> list[Event]:
    queue = EmbeddedQueue(pager / "tocsin.db")
    return [from_json(Event, item.body) for item in queue.due(datetime.now(UTC))]


def test_a_trigger_is_published_as_an_alert_of_its_service(pager: Path) -> None:
    result = trigger(pager, "checkout", "checkout is down", "--severity", "error", "--dedup-key", "drill")
    assert result.returncode == 0
    assert result.stdout == "accepted for checkout: checkout is down (dedup key drill)\n"
    [event] = published(pager)
    assert (event.service, event.integration) == ("checkout", "checkout/operator")
    alert = event.alert
    assert (alert.action, alert.title, alert.severity) == (Action.TRIGGER, "checkout is down", Severity.ERROR)
    assert alert.dedup_key == "drill"


def test_without_a_key_each_trigger_is_trouble_of_its_own(pager: Path) -> None:
    said = [json.loads(trigger(pager, "checkout", "again", "--output", "json").stdout)["dedup_key"] for _ in range(2)]
    events = published(pager)
    assert [event.alert.dedup_key for event in events] == said
    assert said[0] != said[1]
    assert {event.alert.severity for event in events} == {Severity.CRITICAL}


def test_a_service_that_is_not_there_is_refused_with_the_one_meant(pager: Path) -> None:
    result = trigger(pager, "chekcout", "down")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == 'Error: there is no service "chekcout", did you mean checkout?\n'
    assert published(pager) == []


def test_nobody_delivers_while_no_pager_runs_and_that_is_said(pager: Path) -> None:
    said = "No pager runs on .tocsin: this goes out at the next infra/local/up --data .tocsin.\n"
    assert trigger(pager, "checkout", "down").stderr == said
    as_json = trigger(pager, "checkout", "down", "--output", "json")
    assert as_json.stderr == said
    assert json.loads(as_json.stdout)["title"] == "down"
    with (pager / ".tocsin" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert trigger(pager, "checkout", "down").stderr == ""
    assert len(published(pager)) == 3


@pytest.mark.parametrize("title", ["", "  "])
def test_an_alert_that_says_nothing_is_refused(pager: Path, title: str) -> None:
    result = trigger(pager, "checkout", title)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: the title is empty: ")
    assert published(pager) == []


@pytest.mark.parametrize("words", [["checkout"], ["checkout", "down", "--severity", "loud"], []])
def test_wrong_usage_exits_with_2(pager: Path, words: list[str]) -> None:
    assert trigger(pager, *words).returncode == 2

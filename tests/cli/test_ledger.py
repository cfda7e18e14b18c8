"""The ledger on the command line: the sum, what is not in it, and an exit code that an alarm can be hung on."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.launching import typed
from tests.cli.test_incidents import alert
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.alert import Action


def ledger(pager: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("--data", ".tocsin", "ledger", *words, cwd=pager)


def put(pager: Path, path: str, **fields: Any) -> None:
    EmbeddedStore(pager / "tocsin.db").transact(lambda tx: tx.put(path, {**(tx.get(path) or {}), **fields}))


def test_a_pager_that_has_heard_nothing_balances(pager: Path) -> None:
    result = ledger(pager)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("0 accepted since ")
    assert lines[1:3] == ["0 ended", "0 open: kept aside while Pub/Sub was away, and not routed yet"]
    assert "known to Pub/Sub alone" in lines[3]
    assert lines[-1] == "the books balance"


def test_the_sum_is_by_outcome_as_text_and_as_json(pager: Path) -> None:
    alert(pager, "disk full")
    alert(pager, "disk full")
    alert(pager, "disk full", Action.RESOLVE)
    result = ledger(pager)
    assert result.returncode == 0
    assert "3 ended: 1 opened, 1 joined, 1 resolved\n" in result.stdout
    shown = json.loads(ledger(pager, "--output", "json").stdout)
    assert (shown["accepted"], shown["ended"], shown["open"], shown["differences"], shown["cut"]) == (3, 3, 0, [], [])
    assert shown["accepted"] == sum(shown["outcomes"].values()) + shown["open"]
    assert datetime.fromisoformat(shown["since"]).tzinfo is not None


def test_the_oldest_unsent_page_has_an_age(pager: Path) -> None:
    alert(pager, "checkout is down")
    shown = json.loads(ledger(pager, "--output", "json").stdout)
    assert 0 <= shown["oldest_unsent_seconds"] < 60
    assert (shown["unknown_sends"], shown["quarantined_not_replayed"]) == (0, 0)


def test_each_difference_is_a_sentence_and_the_exit_code_is_1(pager: Path) -> None:
    alert(pager, "checkout\x1b[2J is down")
    [(identity, _)] = EmbeddedStore(pager / "tocsin.db").query("incidents")
    put(pager, f"incidents/{identity}", next_at=datetime.now(UTC) - timedelta(minutes=9))
    result = ledger(pager)
    assert (result.returncode, result.stderr) == (1, "")
    assert "\n1 difference:\n" in result.stdout
    assert "is triggered, and its escalation has been overdue for 54" in result.stdout
    assert f"(incidents/{identity})" in result.stdout
    assert "\x1b" not in result.stdout
    shown = ledger(pager, "--output", "json")
    assert shown.returncode == 1
    [difference] = json.loads(shown.stdout)["differences"]
    assert difference["document"] == f"incidents/{identity}"


def test_what_is_older_is_not_counted(pager: Path) -> None:
    alert(pager, "checkout is down")
    [(identity, _)] = EmbeddedStore(pager / "tocsin.db").query("events")
    put(pager, f"events/{identity}", accepted_at=datetime.now(UTC) - timedelta(hours=3))
    assert json.loads(ledger(pager, "--since", "2h", "--output", "json").stdout)["accepted"] == 0
    assert json.loads(ledger(pager, "--since", "4h", "--output", "json").stdout)["accepted"] == 1


@pytest.mark.parametrize("since", ["yesterday", "24", "h"])
def test_a_time_that_is_no_duration_is_wrong_usage(pager: Path, since: str) -> None:
    result = ledger(pager, "--since", since)
    assert (result.returncode, result.stdout) == (2, "")
    assert "write a number and a unit, as in 30s, 5m, 2h, 1d or 1w" in result.stderr

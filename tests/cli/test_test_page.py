"""A test page from the command line: what it publishes, and what it says while nobody delivers."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.launching import typed
from tocsin.clients.embedded_queue import EmbeddedQueue
from tocsin.domain import testpage
from tocsin.domain.alert import Event
from tocsin.records import from_json


def send(pager: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("--data", ".tocsin", "test-page", *words, cwd=pager)


def published(pager: Path) -> list[Event]:
    queue = EmbeddedQueue(pager / "tocsin.db")
    return [from_json(Event, item.body) for item in queue.due(datetime.now(UTC))]


def test_it_goes_out_when_a_pager_runs_and_nobody_waits_for_it_until_then(pager: Path) -> None:
    result = send(pager, "alice")
    assert (result.returncode, result.stdout) == (0, "accepted: a test page for Alice Martin by sms\n")
    assert result.stderr == "No pager runs on .tocsin: this goes out at the next infra/local/up --data .tocsin.\n"
    said = json.loads(send(pager, "bob", "--channel", "voice", "--output", "json").stdout)
    first, second = published(pager)
    assert (first.integration, second.integration) == ("test/sms/alice", "test/voice/bob")
    assert first.alert.title == "This is a test page for Alice Martin"
    assert {key: said[key] for key in ("user", "channel", "event")} == {
        "user": "bob", "channel": "voice", "event": second.id,
    }  # fmt: skip
    assert testpage.policy(first.integration)


def test_somebody_who_is_not_there_is_refused_with_the_one_meant(pager: Path) -> None:
    result = send(pager, "alicia")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == 'Error: there is no user "alicia", did you mean alice?\n'
    assert published(pager) == []


@pytest.mark.parametrize("words", [[], ["alice", "--channel", "pigeon"]])
def test_wrong_usage_exits_with_2(pager: Path, words: list[str]) -> None:
    assert send(pager, *words).returncode == 2

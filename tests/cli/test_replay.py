"""What could not be routed is routed again by the operator: tried first, done once, and kept when it fails."""

import base64
import json
import secrets
import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.cli.launching import typed
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.embedded_queue import EmbeddedQueue
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.records import to_json

NOW = datetime.now(UTC)
COLLECTIONS = ("quarantine", "events", "incidents", "notifications", "open")


def replay(pager: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("--data", ".tocsin", "replay", *words, "--per-second", "1000", cwd=pager)


def documents(pager: Path, collection: str) -> dict[str, dict[str, Any]]:
    return dict(EmbeddedStore(pager / "tocsin.db").query(collection))


def event(title: str, action: Action = Action.TRIGGER, key: str = "") -> bytes:
    said = Alert(action, key or title, title, Severity.CRITICAL)
    return to_json(Event(secrets.token_hex(16), NOW - timedelta(hours=1), "checkout-generic", "checkout", said))


def quarantine(pager: Path, data: bytes, kept: str = "", minutes: int = 0) -> str:
    """Put a message aside, as a defect would have had it put aside; gives its id."""
    identity = sha256(data).hexdigest()
    at = NOW - timedelta(minutes=minutes)
    document = {"data": kept or data.decode(), "why": "KeyError: defect", "at": at}
    EmbeddedStore(pager / "tocsin.db").transact(lambda tx: tx.put(f"quarantine/{identity}", document))
    return identity


def test_nothing_in_quarantine_is_said(pager: Path) -> None:
    result = replay(pager, "quarantine")
    assert (result.returncode, result.stdout, result.stderr) == (0, "nothing to replay\n", "")


def test_without_go_it_is_said_what_would_happen_and_nothing_is_changed(pager: Path) -> None:
    quarantine(pager, event("disk full"), minutes=9)
    quarantine(pager, event("disk full"), minutes=8)
    quarantine(pager, event("disk full", Action.RESOLVE), minutes=7)
    quarantine(pager, b"no event")
    before = {name: documents(pager, name) for name in COLLECTIONS}
    result = replay(pager, "quarantine")
    assert (result.returncode, result.stderr) == (1, ""), "one of them would fail again"
    first, second, third, fourth, last = result.stdout.splitlines()
    assert '"disk full" of ' in first
    assert first.endswith("would be opened: opened a new incident")
    assert second.endswith("would be joined: joined an incident that is triggered")
    assert third.endswith("would be resolved: resolved by the integration")
    assert "could still not be routed: this is no Event" in fourth
    assert last == "nothing was changed: --go does it"
    assert {name: documents(pager, name) for name in COLLECTIONS} == before
    assert EmbeddedQueue(pager / "tocsin.db").due(NOW + timedelta(days=1)) == []


def test_with_go_each_is_routed_once_and_the_first_page_is_queued(pager: Path) -> None:
    identity = quarantine(pager, event("checkout is down"))
    result = replay(pager, "quarantine", "--go")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith(": opened: opened a new incident\n")
    [incident] = documents(pager, "incidents").values()
    assert incident["title"] == "checkout is down"
    assert [item.target for item in EmbeddedQueue(pager / "tocsin.db").due(datetime.now(UTC))] == ["notify"]
    kept = documents(pager, "quarantine")[identity]
    assert (kept["outcome"], kept["why"]) == ("opened: opened a new incident", "KeyError: defect")
    assert kept["replayed_at"] > NOW
    assert replay(pager, "quarantine", "--go").stdout == "nothing to replay\n"
    assert len(documents(pager, "incidents")) == 1


def test_one_that_fails_again_stays_as_it_came_with_the_new_reason(pager: Path) -> None:
    identity = quarantine(pager, b"no event", minutes=9)
    result = replay(pager, "quarantine", "--go")
    assert (result.returncode, result.stderr) == (1, "")
    assert "still cannot be routed: this is no Event" in result.stdout
    kept = documents(pager, "quarantine")[identity]
    assert kept["why"].startswith("this is no Event")
    assert (kept["at"], kept["data"]) == (NOW - timedelta(minutes=9), "no event")
    assert "replayed_at" not in kept
    assert len(json.loads(replay(pager, "quarantine", "--output", "json").stdout)["messages"]) == 1


def test_one_can_be_chosen_by_how_its_id_begins(pager: Path) -> None:
    chosen, other = (quarantine(pager, event(title)) for title in ("disk full", "slow"))
    result = json.loads(replay(pager, "quarantine", chosen[:10], "--go", "--output", "json").stdout)
    assert [(each["name"], each["outcome"]) for each in result["messages"]] == [(chosen, "opened")]
    assert "replayed_at" not in documents(pager, "quarantine")[other]


def test_an_id_of_nothing_is_one_sentence(pager: Path) -> None:
    quarantine(pager, event("disk full"))
    result = replay(pager, "quarantine", "nothing", "--go")
    sentence = 'Error: nothing in quarantine that was not replayed begins with "nothing"\n'
    assert (result.returncode, result.stdout, result.stderr) == (1, "", sentence)
    assert documents(pager, "incidents") == {}


def test_a_message_of_which_only_a_part_was_kept_is_never_routed(pager: Path) -> None:
    data = event("x" * 300_000)
    identity = quarantine(pager, data, kept=data[:200_000].decode())
    result = replay(pager, "quarantine", "--go")
    assert result.returncode == 1
    assert "not routed: what was kept is not the whole message" in result.stdout
    assert "replayed_at" not in documents(pager, "quarantine")[identity]
    assert documents(pager, "quarantine")[identity]["why"] == "KeyError: defect"


def message(data: bytes) -> str:
    return json.dumps({"data": base64.b64encode(data).decode(), "messageId": "1"})


def test_dead_letters_are_routed_from_messages_pulled_ones_and_events_alike(pager: Path) -> None:
    pulled = json.dumps({"ackId": "a", "message": json.loads(message(event("two")))})
    lines = [message(event("one")), pulled, "", event("three").decode()]
    (pager / "letters").write_text("\n".join(lines))
    tried = replay(pager, "dead-letters", "letters")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert [line.split('"')[0] for line in tried.stdout.splitlines()[:3]] == ["line 1 ", "line 2 ", "line 4 "]
    assert documents(pager, "incidents") == {}
    done = replay(pager, "dead-letters", "letters", "--go")
    assert (done.returncode, done.stderr) == (0, "")
    assert {each["title"] for each in documents(pager, "incidents").values()} == {"one", "two", "three"}


def test_a_dead_letter_that_was_routed_before_changes_nothing(pager: Path) -> None:
    data = event("checkout is down")
    (pager / "letters").write_text(f"{message(data)}\n{message(data)}\n")
    first, second = replay(pager, "dead-letters", "letters", "--go").stdout.splitlines()
    assert first.endswith("opened: opened a new incident")
    assert second.endswith("routed before: opened")
    before = documents(pager, "incidents")
    for words in ([], ["--go"]):
        assert "routed before: opened" in replay(pager, "dead-letters", "letters", *words).stdout
    assert documents(pager, "incidents") == before


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "this is no JSON"),
        ("[]", "this is neither a Pub/Sub message nor an event"),
        ("{}", "this is no message with data, no event"),
        ('{"message": 1}', "this is no message with data, no event"),
        ('{"data": "!"}', "the data of this message is not base64"),
    ],
)
def test_a_line_that_is_no_message_is_named_and_the_others_are_routed(pager: Path, line: str, sentence: str) -> None:
    (pager / "letters").write_text(f"{line}\n{message(event('checkout is down'))}\n")
    result = replay(pager, "dead-letters", "letters", "--go")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.splitlines()[0] == f"line 1: not routed: {sentence}"
    assert len(documents(pager, "incidents")) == 1
    assert documents(pager, "quarantine") == {}


def test_a_dead_letter_that_holds_no_event_is_put_into_quarantine(pager: Path) -> None:
    (pager / "letters").write_text(message(b"no event"))
    assert replay(pager, "dead-letters", "letters", "--go").returncode == 1
    assert [kept["data"] for kept in documents(pager, "quarantine").values()] == ["no event"]


def test_a_title_cannot_move_the_cursor(pager: Path) -> None:
    quarantine(pager, event("down\x1b[2J"))
    assert "down\ufffd[2J" in replay(pager, "quarantine").stdout


@pytest.mark.parametrize("words", [["dead-letters"], ["dead-letters", "no-such-file"], ["all"]])
def test_wrong_usage_exits_with_2(pager: Path, words: list[str]) -> None:
    assert replay(pager, *words).returncode == 2

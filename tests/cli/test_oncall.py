"""Who is on call, until when and why; and the shifts between two times."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.cli import snapshot
from infra.cli.configfile import load
from tests.cli.broken import GOOD
from tests.cli.launching import typed
from tests.cli.test_calendar import LAYERED, OFFICE, ROTATION
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.config import Config

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def apply(pager: Path, text: str) -> Config:
    file = pager / "team.yaml"
    file.write_text(text)
    config = load(file)
    snapshot.apply(EmbeddedStore(pager / "tocsin.db"), config, "carol", NOW)
    return config


def tocsin(pager: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("--data", ".tocsin", *words, cwd=pager)


def said(pager: Path, *words: str) -> str:
    result = tocsin(pager, *words)
    assert result.returncode == 0, result.stderr
    return result.stdout


def answered(pager: Path, *words: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(said(pager, *words, "--output", "json"))
    return answer


def test_who_names_the_user_the_end_and_the_reason_by_the_wall_of_the_schedule(pager: Path) -> None:
    apply(pager, GOOD)
    assert said(pager, "who", "primary", "--at", "2026-07-01 19:00") == (
        "primary: Bob Okafor (bob) until Thu 2026-07-02 09:00 Europe/London, "
        "by override until 2026-07-02 09:00 Europe/London\n"
    )
    assert answered(pager, "who", "primary", "--at", "2026-03-28T12:00Z") == {
        "schedule": "primary",
        "at": "2026-03-28T12:00:00+00:00",
        "time_zone": "Europe/London",
        "user": "bob",
        "name": "Bob Okafor",
        "since": "2026-03-23T09:00:00+00:00",
        "until": "2026-03-30T08:00:00+00:00",
        "because": "rotation",
    }


def test_who_says_until_when_nobody_is_on_call(pager: Path) -> None:
    apply(pager, GOOD.replace(ROTATION, OFFICE))
    assert said(pager, "who", "primary", "--at", "2026-07-03 18:00") == (
        "primary: nobody until Mon 2026-07-06 09:00 Europe/London\n"
    )


def test_who_goes_through_every_level_of_a_service(pager: Path) -> None:
    apply(pager, GOOD)
    lines = said(pager, "who", "checkout", "--at", "2026-07-10T12:00Z").splitlines()
    assert lines[1:] == [
        "level 1, 5m to answer",
        "  schedule primary: Alice Martin (alice) until Mon 2026-07-13 09:00 Europe/London, by rotation",
        "level 2, 10m to answer",
        "  user bob: Bob Okafor (bob), named by the policy",
        "then all of it again (repeat: 2), then the catch-all: Bob Okafor",
    ]
    levels = answered(pager, "who", "checkout", "--at", "2026-07-10T12:00Z")["levels"]
    assert [(level["delay_seconds"], [each["user"] for each in level["paged"]]) for level in levels] == [
        (300, ["alice"]),
        (600, ["bob"]),
    ]


def test_who_says_that_a_level_in_turn_pages_one_of_those_it_lists(pager: Path) -> None:
    apply(pager, GOOD.replace("[schedule primary], delay: 5m", "[user alice, user bob], delay: 5m, round_robin: true"))
    lines = said(pager, "who", "checkout").splitlines()
    assert lines[1] == "level 1, one of these in turn, 5m to answer"


def test_a_name_of_a_service_and_of_a_schedule_means_the_service_unless_said_otherwise(pager: Path) -> None:
    apply(pager, GOOD.replace("  primary:\n", "  checkout:\n").replace("[schedule primary]", "[schedule checkout]"))
    assert "level 1" in said(pager, "who", "checkout")
    assert said(pager, "who", "--schedule", "checkout").startswith("checkout: ")


def test_shifts_lists_shifts_and_gaps_in_order_with_where_each_comes_from(pager: Path) -> None:
    apply(pager, LAYERED)
    text = said(pager, "shifts", "primary", "--from", "2026-12-24 12:00", "--to", "2026-12-26 00:00")
    assert text.splitlines()[1:] == [
        "Thu 2026-12-24 12:00  Thu 2026-12-24 17:30  Bob Okafor    layer support",
        "Thu 2026-12-24 17:30  Fri 2026-12-25 00:00  nobody",
        "Fri 2026-12-25 00:00  Sat 2026-12-26 00:00  Alice Martin  layer 3",
    ]
    found = answered(pager, "shifts", "primary", "--from", "2026-12-24 12:00", "--to", "2026-12-26 00:00")
    assert [(each["start"], each["user"], each["because"]) for each in found["shifts"]] == [
        ("2026-12-24T12:00:00+00:00", "bob", "layer support"),
        ("2026-12-25T00:00:00+00:00", "alice", "layer 3"),
    ]
    assert found["gaps"] == [{"start": "2026-12-24T17:30:00+00:00", "until": "2026-12-25T00:00:00+00:00"}]


def test_a_time_that_the_wall_shows_twice_says_which_one_is_meant(pager: Path) -> None:
    apply(pager, GOOD.replace("start: 2026-01-05 09:00", "start: 2026-01-04 01:30"))
    text = said(pager, "shifts", "primary", "--from", "2026-10-25T00:15Z", "--to", "2026-10-25T01:15Z")
    assert [line[: line.index("  ", 30)] for line in text.splitlines()[1:]] == [
        "Sun 2026-10-25 01:15 BST  Sun 2026-10-25 01:30 BST",
        "Sun 2026-10-25 01:30 BST  Sun 2026-10-25 01:15 GMT",
    ]


@pytest.mark.parametrize(
    ("words", "sentence", "code"),
    [
        (("who", "chekout"), 'there is no schedule "chekout", did you mean checkout?', 1),
        (("who", "primary", "--at", "noon"), '"noon" is not a time', 2),
        (("who", "primary", "--at", ""), "'--at': is empty: leave the option out, or say what it is", 2),
        (("shifts", "checkout"), "checkout is a service: its policy pages the schedule primary", 1),
        (("shifts", "primary", "--to", " "), "'--to': is empty", 2),
        (("who", "primary", "--at", "9999-12-31"), "too far away", 2),
        (("shifts", "primary", "--from", "2026-07-02", "--to", "2026-07-02"), "the end should be after the start", 1),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(pager: Path, words: tuple[str, ...], sentence: str, code: int) -> None:
    apply(pager, GOOD)
    result = tocsin(pager, *words)
    assert (result.returncode, result.stdout) == (code, "")
    assert sentence in result.stderr

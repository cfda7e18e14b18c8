"""A day that was recorded happens again in memory, with another configuration: who would have been paged."""

import json
from datetime import timedelta
from pathlib import Path

from tests.cli.broken import GOOD
from tests.cli.test_oncall import NOW, answered, apply, said, tocsin
from tests.cli.test_plan import raised
from tocsin.clients.embedded import EmbeddedStore
from tocsin.desk import acknowledged

MINUTE = timedelta(minutes=1)
QUIET = f"{GOOD}rules:\n  - {{name: nothing, match: ['title=~\".*\"'], suppress: true}}\n"
"""Every alert is suppressed."""


def recorded(pager: Path) -> Path:
    """Keep a day on which two alerts came in and one of them was acknowledged."""
    config, store = apply(pager, GOOD), EmbeddedStore(pager / "tocsin.db")
    raised(store, config, NOW, "cart")
    acknowledged(store, raised(store, config, NOW + 5 * MINUTE, "till"), "Alice Martin", NOW + 6 * MINUTE)
    store.close()
    file = pager / "day.jsonl"
    file.write_text(said(pager, "replay", "record", "--since", "2026-06-30"))
    return file


def test_a_day_is_one_line_for_each_event_and_answer(pager: Path) -> None:
    lines = [json.loads(line) for line in recorded(pager).read_text().splitlines()]
    assert [one["alert"]["title"] for one in lines if "alert" in one] == ["cart is down", "till is down"]
    assert [(one["answer"], one["by"]) for one in lines if "answer" in one] == [("acknowledged", "Alice Martin")]


def test_the_same_configuration_pages_the_same_people(pager: Path) -> None:
    file = recorded(pager)
    again = answered(pager, "replay", str(file))
    assert again["outcomes"] == {"opened": 2}
    assert {one["title"] for one in again["incidents"]} == {"cart is down", "till is down"}
    assert "acknowledged" in {one["status"] for one in again["incidents"]}
    assert again["pages"]
    assert answered(pager, "replay", "events", str(file)) == again


def test_another_configuration_says_whom_it_would_not_have_paged(pager: Path) -> None:
    file = recorded(pager)
    (pager / "quiet.yaml").write_text(QUIET)
    quiet = answered(pager, "replay", str(file), "--config", str(pager / "quiet.yaml"))
    assert (quiet["outcomes"], quiet["pages"], quiet["incidents"]) == ({"suppressed": 2}, [], [])
    told = said(pager, "replay", str(file), "--config", str(pager / "quiet.yaml"))
    assert "2 events: 2 suppressed" in told


def test_a_line_that_is_no_event_is_named(pager: Path) -> None:
    file = recorded(pager)
    file.write_text(f"{file.read_text()}\n{{}}\n")
    refused = tocsin(pager, "replay", str(file))
    assert refused.returncode == 1
    assert "line 5: this is no Event" in refused.stderr


def test_what_is_neither_a_file_nor_a_command_is_refused(pager: Path) -> None:
    refused = tocsin(pager, "replay", "yesterday")
    assert refused.returncode == 2
    assert "No such command 'yesterday'" in refused.stderr

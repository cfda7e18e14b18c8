"""What was changed, done, tried and read on the command line is in the audit, and nobody alters it unseen."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.cli.configfile import load
from infra.cli.fields import LONGEST_RETENTION
from infra.cli.marked import Mistakes
from tests.cli.broken import GOOD
from tests.cli.test_incidents import DEMO, alert, incident, listed
from tests.cli.test_oncall import answered, said, tocsin
from tocsin import audit
from tocsin.clients.embedded import EmbeddedStore
from tocsin.moment import Moment


def entries(pager: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answered(pager, "audit", "list")["entries"]
    return found


def seal(pager: Path) -> None:
    audit.seal(EmbeddedStore(pager / "tocsin.db"), Moment(datetime.now(UTC), DEMO, str))


def write(pager: Path, text: str) -> None:
    (pager / "team.yaml").write_text(text)
    said(pager, "apply", "team.yaml", "-m", "as agreed")


def test_an_apply_says_from_which_version_to_which_why_and_whose_keys_changed(pager: Path) -> None:
    write(pager, GOOD)
    write(pager, GOOD.replace("key: ", "key: new-and-", 1))
    first, *_, last = [one for one in entries(pager) if one["what"] == "applied"]
    assert (first["by"], first["before"], first["after"]["version"]) == ("carol", {}, "1")
    assert (last["kind"], last["channel"], last["about"]) == ("configuration", "on the command line", "config/current")
    assert (last["before"]["version"], last["after"]["version"], last["after"]["why"]) == ("2", "3", "as agreed")
    assert len(last["after"]["keys"].split(", ")) == 1
    assert last["login"]


def test_a_version_that_nobody_gave_a_reason_for_is_told_without_one(pager: Path) -> None:
    (pager / "team.yaml").write_text(GOOD)
    said(pager, "apply", "team.yaml")
    told = said(pager, "audit", "list")
    assert "version 1" in told
    assert "why ," not in told


def test_overrides_made_and_taken_back_are_told_with_what_they_said(pager: Path) -> None:
    write(pager, GOOD)
    made = answered(pager, "override", "add", "primary", "bob", "--to", "2099-01-01 09:00")["id"]
    said(pager, "override", "remove", made)
    added, removed = [one for one in entries(pager) if one["what"] == "overrides changed"]
    assert "bob in primary from" in added["after"][made]
    assert added["before"] == {}
    assert removed["before"] == added["after"]
    assert removed["after"][made].startswith("override: bob in primary from")


def test_an_answer_names_the_user_it_was_given_for_and_whoever_typed_it(pager: Path) -> None:
    alert(pager, "checkout is down")
    [known] = listed(pager)
    incident(pager, "ack", known["id"], "--by", "bob")
    incident(pager, "note", known["id"], "rolling", "back")
    done = [one for one in entries(pager) if one["kind"] == "action"]
    assert (done[0]["by"], done[0]["user"]) == ("Bob Okafor", "bob")
    assert [one["what"] for one in done] == ["acknowledged", "note"]
    assert all(one["login"] for one in done)
    assert "typed by" in said(pager, "audit")


def test_the_list_can_be_of_one_organisation(pager: Path) -> None:
    team = "teams:\n  web: {users: [bob], organisation: Web Agency}\n"
    write(pager, GOOD + team)
    alert(pager, "checkout is down")
    [known] = listed(pager)
    incident(pager, "ack", known["id"], "--by", "bob")
    theirs = answered(pager, "audit", "list", "--organisation", "web agency")["entries"]
    assert [one["what"] for one in theirs] == ["acknowledged"]
    assert said(pager, "audit", "list", "--organisation", "nobody's").strip() == "nothing in that time"


def test_whoever_reads_secrets_and_numbers_is_told(pager: Path) -> None:
    tocsin(pager, "show")
    tocsin(pager, "audit", "export")
    read = [one["what"] for one in entries(pager) if one["kind"] == "access"]
    assert read == ["configuration shown", "audit exported", "audit listed"]


def test_an_export_is_a_line_of_json_for_each_entry(pager: Path) -> None:
    seal(pager)
    lines = [json.loads(line) for line in said(pager, "audit", "export").splitlines()]
    assert [line["seq"] for line in lines] == [1]
    assert lines[0]["hash"]


def test_what_nobody_altered_verifies_and_what_somebody_altered_is_named(pager: Path) -> None:
    seal(pager)
    head = answered(pager, "audit", "verify")["head"]
    assert "nothing was altered" in said(pager, "audit", "verify", "--head", head)
    result = tocsin(pager, "audit", "verify", "--head", "0" * 64)
    assert result.returncode == 1
    assert "it was rebuilt or cut" in result.stdout
    with sqlite3.connect(pager / "tocsin.db") as database:
        database.execute("UPDATE documents SET data = replace(data, 'carol', 'nobody') WHERE collection = 'audit'")
    database.close()
    result = tocsin(pager, "audit", "verify")
    assert result.returncode == 1
    assert 'entry 1 ("applied" of ' in result.stdout


def test_retention_is_a_duration_that_outlives_what_may_come_again(tmp_path: Path) -> None:
    (tmp_path / "team.yaml").write_text(GOOD + "\nretention: 2w\n")
    with pytest.raises(Mistakes, match="at least 30d"):
        load(tmp_path / "team.yaml")
    (tmp_path / "team.yaml").write_text(GOOD + "\nretention: 520w\n")
    assert load(tmp_path / "team.yaml").retention == LONGEST_RETENTION > timedelta(days=400)

"""The roster is printed with phones, for the day on which nothing else works."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from infra.cli.roster import exported, table
from tests.cli.broken import GOOD
from tests.cli.test_oncall import NOW, answered, apply, said


def test_every_shift_of_the_next_days_has_a_name_and_a_phone(pager: Path) -> None:
    config = apply(pager, GOOD)
    rows = exported(config, NOW, NOW + timedelta(days=14))["shifts"]
    assert {row["schedule"] for row in rows} == set(config.schedules)
    assert all(row["phone"] == config.users[row["user"]].phone for row in rows if row["user"])
    for schedule in config.schedules:
        own = [row for row in rows if row["schedule"] == schedule]
        assert (own[0]["start"], own[-1]["until"]) == (NOW, NOW + timedelta(days=14))
        assert all(one["until"] == other["start"] for one, other in pairwise(own))


def test_on_paper_it_says_who_when_and_which_number(pager: Path) -> None:
    apply(pager, GOOD)
    text = said(pager, "roster", "export", "--days", "3")
    assert "primary (Europe/London)" in text
    assert "Whoever takes what nobody else takes" in text
    for person in answered(pager, "roster", "export")["people"]:
        assert f"{person['who']}" in text
        assert person["phone"] in text


def test_for_programs_it_is_a_table(pager: Path) -> None:
    apply(pager, GOOD)
    rows = list(csv.DictReader(said(pager, "roster", "export", "--csv").splitlines()))
    assert {row["kind"] for row in rows} >= {"schedule", "catch-all"}
    assert all(row["phone"].startswith("+") for row in rows if row["user"])


def test_a_gap_is_nobody_in_capitals(pager: Path) -> None:
    config = apply(pager, GOOD)
    empty = {name: replace(plan, layers=(), overrides=()) for name, plan in config.schedules.items()}
    rows = exported(replace(config, schedules=empty), NOW, NOW + timedelta(days=1))["shifts"]
    assert {row["who"] for row in rows} == {"NOBODY"}


def test_reading_the_numbers_is_in_the_audit(pager: Path) -> None:
    apply(pager, GOOD)
    said(pager, "roster", "export")
    assert "roster exported" in said(pager, "audit")


FORMULAS = [
    "=1+1", "=cmd|'/C calc'!A0", "@SUM(1)", "+1+1", "-1+1", '=HYPERLINK("https://evil.example")', " =1+1", "  @x",
    "\t=1", "\r=1", "\0=1", "'=1", '"=1', "'\"=1", '=IMPORTXML("https://evil.example")', "+15550100101+1", "+1555",
    "-15550100101", "@15550100101", "=+15550100101", "|cmd", "=\u0661", "+\u0661\u0662\u0663\u0664\u0665\u0666\u0667",
    "=1,=2", "=1\n=2", '=DDE("cmd")', "+", "-", "=", "@",
]  # fmt: skip


@pytest.mark.parametrize("words", FORMULAS)
def test_no_spreadsheet_computes_what_somebody_is_called(words: str) -> None:
    person = {"user": "alice", "who": words, "phone": "+15550100101"}
    answer = {"shifts": [], "services": [], "catch_all": [person, {**person, "phone": words}]}
    first, second = csv.DictReader(io.StringIO(table(answer), newline=""))
    assert first["who"] == second["phone"] == f"'{words}"
    assert first["phone"] == "+15550100101"


def test_there_are_thirty_formulas() -> None:
    assert len(FORMULAS) >= 30

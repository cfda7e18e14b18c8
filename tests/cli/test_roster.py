"""The roster is printed with phones, for the day on which nothing else works."""

import csv
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from infra.cli.roster import exported
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

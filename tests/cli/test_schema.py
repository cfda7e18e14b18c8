"""Editors know the configuration file by a schema that is made of the models and kept beside the command line."""

import json
import re
from datetime import date, datetime, timedelta

import pytest
from click.testing import CliRunner

from infra.cli.commands import tocsin
from infra.cli.schema import PATTERNS, document
from infra.cli.shape import File
from tests.cli.launching import ROOT
from tocsin.domain.calendar import Hours, Months
from tocsin.domain.config import ContactRule, Target

KEPT = ROOT / "infra" / "tocsin.schema.json"
DEMO = ROOT / "infra" / "local" / "demo.yaml"


def test_the_schema_that_is_kept_is_that_of_the_models() -> None:
    assert KEPT.read_text() == document(), "write it anew: infra/tocsin schema > infra/tocsin.schema.json"
    assert CliRunner().invoke(tocsin, ["schema"]).stdout == document()


def test_the_demo_points_at_the_schema() -> None:
    first = DEMO.read_text().splitlines()[0]
    path = first.removeprefix("# yaml-language-server: $schema=")
    assert (DEMO.parent / path).resolve() == KEPT


def test_every_section_is_described_and_none_is_required_of_a_file_that_is_only_a_part() -> None:
    schema = json.loads(document())
    assert set(schema["properties"]) == set(File.model_fields)
    assert "required" not in schema
    assert schema["additionalProperties"] is False
    assert "notify" in schema["$defs"]["Level"]["required"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (timedelta, ["30s", "1w"], ["30", "5 m", "1mo"]),
        (Months, ["1mo"], ["1m"]),
        (datetime, ["2026-01-05 09:00", "2026-01-05T09:00:30"], ["2026-01-05", "2026-01-05 09:00Z"]),
        (date, ["2026-12-25"], ["25.12.2026"]),
        (Hours, ["mon-fri 09:00-17:30", "sat 00:00-24:00", "22:00-06:00"], ["mon-fri", "09:00-25:00", "MON 1:00-2:00"]),
        (Target, ["user alice", "schedule shop-primary"], ["alice", "users alice"]),
        (ContactRule, ["sms", "voice after 2m"], ["fax", "voice after", "voice later"]),
    ],
)
def test_a_text_is_known_by_its_form(kind: type, good: list[str], bad: list[str]) -> None:
    pattern = re.compile(f"^{PATTERNS[kind]}$")
    assert [each for each in (*good, *bad) if pattern.search(each)] == good

"""Layers, hours, holidays and months in the configuration file; and a warning where nobody is on call."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from infra.cli import outlook
from infra.cli.commands import tocsin
from infra.cli.configfile import load
from infra.cli.marked import Mistakes
from tests.cli.broken import GOOD
from tocsin.domain.calendar import Hours, Layer, Months
from tocsin.records import from_json, to_json

ROTATION = "    rotation: {users: [alice, bob], turn: 1w, start: 2026-01-05 09:00}\n"
LAYERS = """\
    layers:
      - {users: [alice, bob], turn: 1mo, start: 2026-01-31 09:00, end: 2026-07-01 09:00}
      - name: support
        users: [bob]
        turn: 1d
        start: 2026-01-05 00:00
        only: [mon-fri 09:00-17:30, sat 22:00-06:00, fri-sun 00:00-24:00, 12:00-13:00]
        except: [england, scotland]
      - {users: [alice], turn: 12h, start: 2026-01-05 00:00, on: [england]}
"""
HOLIDAYS = "holidays:\n  england: [2026-12-28, 2026-12-25]\n  scotland: [2026-01-02, 2026-12-25]\n"
LAYERED = GOOD.replace(ROTATION, LAYERS) + HOLIDAYS


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "team.yaml"
    file.write_text(text)
    return file


def mistakes(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(Mistakes) as caught:
        load(written(tmp_path, text))
    return [(each.line, each.sentence) for each in caught.value.mistakes]


def test_layers_become_what_the_functions_read(tmp_path: Path) -> None:
    config = load(written(tmp_path, LAYERED))
    england = (date(2026, 12, 25), date(2026, 12, 28))
    hours = (
        Hours((0, 1, 2, 3, 4), time(9), time(17, 30)),
        Hours((5,), time(22), time(6)),
        Hours((4, 5, 6), time(0), time(0)),
        Hours((0, 1, 2, 3, 4, 5, 6), time(12), time(13)),
    )
    day, midnight = timedelta(days=1), wall("2026-01-05 00:00")
    assert config.schedules["primary"].layers == (
        Layer(("alice", "bob"), Months(1), wall("2026-01-31 09:00"), wall("2026-07-01 09:00"), "layer 1"),
        Layer(("bob",), day, midnight, name="layer support", only=hours, off=(date(2026, 1, 2), *england)),
        Layer(("alice",), day / 2, midnight, name="layer 3", on=england),
    )
    assert from_json(type(config), to_json(config)) == config


# what is changed, into what, the line it then stands in, a part of the sentence
BROKEN = {
    "turn of no unit": ("turn: 1mo", "turn: 1month", 8, '"1month" is not a turn'),
    "turn of no months": ("turn: 1mo", "turn: 0mo", 8, "at least 1mo and at most 12mo"),
    "turn of years": ("turn: 1mo", "turn: 60w", 8, "at most 52w"),
    "end before the start": ("end: 2026-07-01 09:00", "end: 2026-01-01 09:00", 8, "would never be on call"),
    "unknown day": ("mon-fri 09", "mon-fry 09", 13, "is not hours of the week"),
    "day without hours": ("sat 22:00-06:00", "sat", 13, "as in mon-fri 09:00-17:30"),
    "hour that no day has": ("sat 22:00-06:00", "sat 24:00-06:00", 13, "is not hours of the week"),
    "hours of no length": ("sat 22:00-06:00", "sat 22:00-22:00", 13, "write 00:00-24:00"),
    "unknown holidays": (
        "except: [england",
        "except: [englnd",
        14,
        '"englnd", did you mean england?',
    ),
    "no holidays at all": ("on: [england]", "on: []", 15, "would never be on call"),
    "list without dates": ("england: [2026-12-28, 2026-12-25]", "england: []", 34, "name at least one date"),
    "date that is none": ("2026-12-28", "2026-12-32", 34, "not in the calendar"),
    "date in words": ("2026-12-28", "Boxing day", 34, '"Boxing day" is not a date'),
    "unknown field": ("except:", "exept:", 14, 'unknown field "exept", did you mean except?'),
    "the name we have for it": ("except:", "off:", 14, 'unknown field "off"'),
    "rotation and layers": ("    layers:\n", f"{ROTATION}    layers:\n", 6, "write either a rotation or at least one"),
    "neither": (LAYERS, "", 6, "says nowhere who takes turns: write either a rotation"),
    "layer without a turn": (" turn: 12h,", "", 15, '"turn" is missing: how long a turn is'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_in_a_calendar_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    before, after, line, fragment = BROKEN[name]
    assert LAYERED.count(before) == 1
    found = mistakes(tmp_path, LAYERED.replace(before, after))
    assert any(at == line and fragment in sentence for at, sentence in found), found


OFFICE = ROTATION.replace("rotation: {", "layers: [{").replace("}\n", ", only: [mon-fri 09:00-17:30]}]\n")
GAP = "the schedule primary has nobody on call"


def test_nobody_on_call_within_two_weeks_is_a_warning_with_the_first_time(tmp_path: Path) -> None:
    config = load(written(tmp_path, GOOD.replace(ROTATION, OFFICE)))
    [ahead] = outlook.gaps_ahead(config, datetime(2026, 3, 20, 12, tzinfo=UTC))
    assert ahead["sentence"] == (
        f"{GAP} 10 times in the next 14 days, first from Fri 2026-03-20 17:30 to Mon 2026-03-23 09:00 Europe/London"
    )
    assert ahead["gaps"][1] == {
        "start": datetime(2026, 3, 23, 17, 30, tzinfo=UTC),
        "until": datetime(2026, 3, 24, 9, tzinfo=UTC),
    }
    [later] = outlook.gaps_ahead(config, datetime(2026, 3, 20, 17, 30, tzinfo=UTC) - timedelta(days=12))
    rest = later["gaps"][-1]
    assert rest["until"] == datetime(2026, 3, 22, 17, 30, tzinfo=UTC), "what lies beyond is not looked at"


def test_check_warns_and_still_finds_the_file_good(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD.replace(ROTATION, OFFICE))
    result = CliRunner().invoke(tocsin, ["check", str(file)])
    assert result.exit_code == 0
    assert " is good: 2 users" in result.stdout
    assert result.stderr.startswith(f"warning: {GAP} 1")
    found = json.loads(CliRunner().invoke(tocsin, ["check", str(file), "--output", "json"]).output)
    assert [each["schedule"] for each in found["warnings"]] == ["primary"]


def test_without_a_gap_nothing_is_said(tmp_path: Path) -> None:
    assert outlook.gaps_ahead(load(written(tmp_path, GOOD)), datetime(2020, 1, 1, tzinfo=UTC)) == []

"""The benches' own logic: what they print can be read back, and is what was measured."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import timedelta

import pytest

from tests.bench import page, tables, team
from tests.bench.__main__ import BENCHES, HERE
from tests.bench.deployed import kilobytes
from tests.bench.growth.kept import NOW, copies, pattern
from tests.bench.page import Section
from tests.bench.start.importtime import total
from tests.bench.tables import Table, table

FIGURES = table(("what", "how many"), [("pages", 12), ("a | b", "1,000 ms"), ("no figure", "-")], "Said about it.")


def test_a_table_is_read_back_as_it_was_printed() -> None:
    assert tables.read(f"measuring ...\n{FIGURES.markdown}\n") == [FIGURES]


def test_figures_stand_to_the_right_and_columns_line_up() -> None:
    lines = FIGURES.markdown.splitlines()[:5]
    assert len({len(line.replace(r"\|", "/")) + line.count(r"\|") for line in lines}) == 1
    assert lines[1].endswith("-: |")
    assert lines[2].endswith("       12 |")


def test_tables_of_one_text_keep_apart_what_was_said_of_each() -> None:
    two = f"{FIGURES.markdown}\n\n| a |\n|---|\n| 1 |\n"
    assert tables.read(two) == [FIGURES, Table(("a",), (("1",),))]


def test_a_line_with_bars_is_no_table() -> None:
    assert tables.read("| a line |\nof words") == []


def test_json_holds_the_same() -> None:
    [read] = json.loads(tables.as_json([FIGURES]))
    assert read == {"heads": ["what", "how many"], "rows": [list(row) for row in FIGURES.rows], "note": FIGURES.note}


def test_a_ratio_to_nothing_is_none() -> None:
    assert (tables.ratio(3.0, 2.0), tables.ratio(3.0, 0.0)) == ("1.50", "-")


def test_the_time_of_imports_is_the_sum_of_each_by_itself() -> None:
    said = "import time: self [us] | cumulative | imported package\nimport time:       10 |         30 |   a.b\n"
    said += "import time:      5 |         45 | other\nsomething else\n"
    assert (total(said), total(said, ("a",))) == (15, 10)


def test_memory_is_read_from_the_line_of_its_kind() -> None:
    assert kilobytes("Rss:      2048 kB\nPss:      1024 kB\nPss_Dirty:  1 kB\n", "Pss") == 1024


def test_copies_of_an_incident_are_incidents_of_their_own_and_as_consistent() -> None:
    made = dict(copies(pattern(team.team(1)), range(1, 301), 3))
    names = Counter(path.split("/")[0] for path in made)
    assert names == {"events": 900, "incidents": 300, "notifications": 300, "open": 300}
    for path, data in made.items():
        kind, _, name = path.partition("/")
        if kind in {"events", "notifications", "open"}:
            assert f"incidents/{data['incident']}" in made
        if kind in {"incidents", "notifications"}:
            assert data["id"] == name
        if kind == "incidents":
            assert data["status"] == "resolved"
            assert NOW - timedelta(days=33) < data["opened_at"] < NOW - timedelta(hours=1)
    services = {data["service"] for path, data in made.items() if path.startswith("incidents/")}
    assert services == {team.name(number) for number in range(3)}


def section(name: str, said: str, *, failed: bool = False) -> Section:
    return Section(name, "", "on a day at a commit", 12.0, said, failed=failed)


README = f"# Benches\n\n{page.BEGIN}\n\nNot yet measured.\n\n{page.END}\n\nThe end.\n"


def test_figures_are_filled_in_between_the_markers_and_others_stay() -> None:
    once = page.filled(README, [section("start", FIGURES.markdown), section("calendar", "  75  0.1 s")])
    again = page.filled(once, [section("start", "| a |\n|---|\n| 1 |")])
    assert once.startswith(f"# Benches\n\n{page.BEGIN}\n\n### calendar\n\nMeasured on a day at a commit, in 12 s.")
    assert again.endswith(f"{page.END}\n\nThe end.\n")
    assert "Not yet" not in once
    assert "pages" not in again
    assert again.index("75  0.1 s") < again.index("### start") < again.index("| 1 |")
    assert page.filled(again, []) == again


def test_what_has_failed_leaves_the_figures_as_they_were() -> None:
    once = page.filled(README, [section("start", FIGURES.markdown)])
    assert page.filled(once, [section("start", "", failed=True)]) == once


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(page.Unmarked):
        page.filled("# Benches\n", [])


def test_as_data_each_row_names_its_figures() -> None:
    [one, other] = page.figures([section("start", FIGURES.markdown), section("calendar", "  75  0.1 s")])
    assert one["tables"] == [{"rows": [dict(zip(FIGURES.heads, row, strict=True)) for row in FIGURES.rows]}]
    assert (other["tables"], other["text"]) == ([], "  75  0.1 s")


def test_every_bench_is_explained_and_can_be_started_by_itself() -> None:
    explained = (HERE / "README.md").read_text()
    for name in BENCHES:
        assert f"| `{name}` |" in explained
        assert os.access(HERE / name / "run", os.X_OK)

"""The benches' own logic: what they print can be read back, and is what was measured."""

from __future__ import annotations

import json

from tests.bench import tables
from tests.bench.deployed import kilobytes
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
    assert total(f"{said}import time:      5 |         45 | a\nsomething else\n") == 15


def test_memory_is_read_from_the_line_of_its_kind() -> None:
    assert kilobytes("Rss:      2048 kB\nPss:      1024 kB\nPss_Dirty:  1 kB\n", "Pss") == 1024

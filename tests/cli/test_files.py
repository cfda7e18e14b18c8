"""Several files, and the files of a folder, are one configuration."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from infra.cli.commands import tocsin
from infra.cli.configfile import load
from infra.cli.marked import Mistakes
from tests.cli.broken import GOOD
from tests.cli.test_calendar import HOLIDAYS, LAYERED

PEOPLE, REST = GOOD[: GOOD.index("schedules:")], GOOD[GOOD.index("schedules:") :]
SEARCH = """\
users:
  carol: {name: Carol Chen, phone: "+15550100103", notify: {high: [sms], low: [sms]}}
services:
  search: {name: Search, policy: shop}
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def mistakes(*paths: Path) -> list[tuple[str, int, int, str]]:
    with pytest.raises(Mistakes) as caught:
        load(*paths)
    return [(Path(each.file).name, each.line, each.column, each.sentence) for each in caught.value.mistakes]


def test_sections_are_joined_name_by_name(tmp_path: Path) -> None:
    team = folder(tmp_path, people=PEOPLE, rest=REST, search=SEARCH)
    found = load(team)
    assert (set(found.users), set(found.services)) == ({"alice", "bob", "carol"}, {"checkout", "search"})
    assert load(team / "rest.yaml", team / "people.yaml", team / "search.yaml") == found


def test_a_folder_is_read_to_its_depth_but_not_what_is_hidden_or_no_yaml(tmp_path: Path) -> None:
    team = folder(tmp_path, team=GOOD)
    (team / "web").mkdir()
    (team / "web" / "search.yml").write_text(SEARCH)
    (team / ".old").mkdir()
    for name in (".old/team.yaml", ".team.yaml", "notes.txt"):
        (team / name).write_text("no configuration")
    assert set(load(team).services) == {"checkout", "search"}
    assert load(team, team / "team.yaml") == load(team), "a file that is named twice is read once"


def test_a_name_that_stands_in_two_files_is_a_mistake_that_names_both_places(tmp_path: Path) -> None:
    again = "catch_all: {users: [bob], every: 1h}\n" + SEARCH.replace("carol:", "alice:").replace(
        "search:", "checkout:"
    )
    team = folder(tmp_path, a=GOOD, b=again)
    first = team / "a.yaml"
    assert mistakes(team) == [
        ("b.yaml", 1, 1, f'"catch_all" is defined twice: it already stands in {first}:24'),
        ("b.yaml", 3, 3, f'"alice" is defined twice: it already stands in {first}:2'),
        ("b.yaml", 5, 3, f'"checkout" is defined twice: it already stands in {first}:17'),
    ]


def test_every_mistake_has_its_own_file_line_and_column(tmp_path: Path) -> None:
    team = folder(
        tmp_path, people=PEOPLE.replace("voice after 2m", "vioce"), rest=REST, search=SEARCH.replace("shop", "x")
    )
    found = mistakes(team)
    assert [each[:3] for each in found] == [("people.yaml", 2, 75), ("search.yaml", 4, 34)]
    result = CliRunner().invoke(tocsin, ["check", str(team)])
    assert result.exit_code == 1
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [
        f"{team / 'people.yaml'}:2:75",
        f"{team / 'search.yaml'}:4:34",
        "2 mistakes",
    ]


def test_what_is_no_yaml_and_what_is_no_mapping_are_named_together(tmp_path: Path) -> None:
    team = folder(tmp_path, a=GOOD, b="users: [", c="- users")
    assert [each[:2] for each in mistakes(team)] == [("b.yaml", 1), ("c.yaml", 1)]


def test_what_is_missing_in_all_files_is_said_of_the_first(tmp_path: Path) -> None:
    team = folder(tmp_path, a=SEARCH, b=PEOPLE)
    assert {each[:3] for each in mistakes(team) if "is missing" in each[3]} == {("a.yaml", 1, 1)}


def test_holidays_of_one_file_serve_the_layers_of_another(tmp_path: Path) -> None:
    layers = LAYERED.removesuffix(HOLIDAYS)
    assert (
        load(folder(tmp_path, a=layers, b=HOLIDAYS)).schedules == load(folder(tmp_path, a=LAYERED, b=SEARCH)).schedules
    )


def test_a_folder_without_yaml_is_a_mistake(tmp_path: Path) -> None:
    assert "holds no file whose name ends in .yaml" in mistakes(tmp_path)[0][3]

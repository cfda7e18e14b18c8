"""Each mistake in a configuration file is named with its line and a sentence that shows the right form."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.cli.commands import tocsin
from infra.cli.configfile import load
from infra.cli.marked import Mistake, Mistakes
from tests.cli.broken import BROKEN, GOOD, HASHED

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "infra" / "local" / "demo.yaml"


def mistakes(file: Path) -> list[Mistake]:
    try:
        load(file)
    except Mistakes as found:
        return found.mistakes
    return []


def check(tmp_path: Path, text: str | bytes) -> list[tuple[int, str]]:
    """Check a file of this content and give the line and sentence of each mistake."""
    file = tmp_path / "team.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Mistakes) as caught:
        load(file)
    return [(each.line, each.sentence) for each in caught.value.mistakes]


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    before, after, line, fragment = BROKEN[name]
    assert GOOD.count(before) == 1
    found = check(tmp_path, GOOD.replace(before, after))
    assert any(at == line and fragment in sentence for at, sentence in found), found


def test_one_mistake_is_one_line(tmp_path: Path) -> None:
    assert check(tmp_path, GOOD.replace("delay: 5m", "delay: 0s")) == [
        (13, "policies.shop.levels[1].delay: should be longer than nothing and at most 4w")
    ]


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    broken = GOOD
    for before, after in (
        ("delay: 5m", "delay: 5"),
        ('"+15550100101"', "nowhere"),
        ("policy: shop", "policy: shpo"),
        ("[user bob]", "[user robert]"),
        ("  bob: {name", "  bob: {nick: b, name"),
        ("    urgency: high\n", "    policy: shop\n"),
    ):
        broken = broken.replace(before, after)
    assert [line for line, _ in check(tmp_path, broken)] == [2, 3, 13, 14, 19, 20]


def test_the_column_is_that_of_the_value(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(GOOD.replace("delay: 5m", "delay: 5"))
    with pytest.raises(Mistakes) as caught:
        load(file)
    assert caught.value.mistakes[0].column == "      - {notify: [schedule primary], delay: 5".index("5") + 1


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("- users\n", "should be a mapping"),
        ("just words", "should be a mapping"),
        ("~", "should be a mapping"),
        ("[" * 5000, "nested too deeply"),
        (b"users: \xff\xfe", "not text in UTF-8"),
        ("&a [*a]", "the aliases make the file endless"),
        ("x" * 5_000_000, "at most 500000"),
    ],
)
def test_what_is_no_configuration_at_all_is_one_sentence(tmp_path: Path, text: str | bytes, fragment: str) -> None:
    [(_, sentence)] = check(tmp_path, text)
    assert fragment in sentence


def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    [(_, sentence)] = check(tmp_path, "\n".join(levels))
    assert sentence == "the aliases make the file endless"


EVE = "  eve: {name: Eve, phone: '+15550100101', notify: {high: [sms], low: [sms]}}\n"
IDLE = "  idle: {time_zone: UTC, rotation: {users: [eve], turn: 1w, start: 2026-01-05 09:00}}\n"
DOUBTFUL = (
    HASHED.replace("  bob: {name", f"{EVE}  bob: {{name")
    .replace("policies:\n", f"{IDLE}policies:\n")
    .replace("services:\n", "  spare: {levels: [{notify: [schedule idle], delay: 5m}]}\nservices:\n")
    .replace("catch_all:", "  search: {name: Search, policy: shop}\ncatch_all:")
)


def test_what_nothing_uses_and_a_phone_of_two_people_are_doubted(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(DOUBTFUL)
    result = CliRunner().invoke(tocsin, ["check", str(file)])
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "warning: alice and eve have the same phone: is one of them not reached?",
        "warning: whoever is on call in idle is paged for nothing: no service leads there",
        "warning: the policy spare pages for no service",
        "warning: the service search has no integration: no tool can raise an alert for it",
    ]
    found = json.loads(CliRunner().invoke(tocsin, ["check", str(file), "--output", "json"]).stdout)
    assert [(each["section"], each["name"]) for each in found["doubts"]] == [
        ("users", "eve"),
        ("schedules", "idle"),
        ("policies", "spare"),
        ("services", "search"),
    ]


def test_no_color_keeps_colours_away_also_from_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text("- 1\n")
    coloured = CliRunner().invoke(tocsin, ["check", str(file)], color=True, env={"NO_COLOR": ""})
    assert "\x1b[" in coloured.stderr
    plain = CliRunner().invoke(tocsin, ["check", str(file)], color=True, env={"NO_COLOR": "1"})
    assert (
        plain.stderr
        == f'{file}:1:1: the file should be a mapping that begins with a section, as in "users:"\n1 mistake\n'
    )


def test_a_name_with_a_line_break_stays_in_its_line(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(GOOD.replace("  bob: {name", '  "bo\\nb\\e[2J": {name'))
    result = CliRunner().invoke(tocsin, ["check", str(file)])
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert "\x1b" not in result.stderr
    assert len([line for line in lines if line.startswith(f"{file}:")]) == len(lines) - 1


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Mistakes, match="cannot be read: No such file"):
        load(tmp_path / "nowhere.yaml")


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 9), st.text(max_size=4)), min_size=1, max_size=3))
def test_whatever_is_typed_is_read_or_answered_with_mistakes(
    tmp_path_factory: pytest.TempPathFactory, slips: list[tuple[int, int, str]]
) -> None:
    text = GOOD
    for place, length, typed in slips:
        text = text[:place] + typed + text[place + length :]
    file = tmp_path_factory.getbasetemp() / "typed.yaml"
    file.write_bytes(text.encode())
    found = mistakes(file)
    assert found or load(file).catch_all.users
    assert all(each.line >= 1 and each.column >= 1 and each.sentence for each in found)


def test_an_integration_stands_in_one_service_only(tmp_path: Path) -> None:
    second = """\
  search:
    name: Search
    policy: shop
    integrations:
      checkout-am: {source: generic, key: dddddddddddddddddddddddd}
catch_all:"""
    found = check(tmp_path, GOOD.replace("catch_all:", second))
    assert [line for line, _ in found] == [28]
    assert "stands in two services" in found[0][1]


def test_a_mistake_in_a_user_does_not_make_him_unknown_elsewhere(tmp_path: Path) -> None:
    assert len(check(tmp_path, GOOD.replace('"+15550100102"', "none"))) == 1


def test_the_demo_team_is_good() -> None:
    config = load(DEMO)
    assert set(config.users) == {"alice", "bob", "carol"}
    assert config.catch_all.users == ("carol",)
    assert {each.source for each in config.integrations.values()} == {"pagerduty", "alertmanager", "generic"}


def test_check_names_file_line_and_column_and_exits_with_1(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(GOOD.replace("delay: 5m", "delay: 5"))
    result = CliRunner().invoke(tocsin, ["check", str(file)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"{file}:13:45: policies.shop.levels[1].delay: ")
    assert result.stderr.endswith("1 mistake\n")


def test_check_sums_up_a_good_file(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(HASHED)
    result = CliRunner().invoke(tocsin, ["check", str(file)])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{file} is good: 2 users, 1 schedule, 1 policy, 1 service, 2 integrations\n"


@pytest.mark.parametrize("place", [0, 2])
def test_json_can_be_asked_for_before_and_after_the_command(tmp_path: Path, place: int) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(GOOD.replace("delay: 5m", "delay: 5"))
    words = ["check", str(file)]
    words[place:place] = ["--output", "json"]
    result = CliRunner().invoke(tocsin, words)
    assert result.exit_code == 1
    [mistake] = json.loads(result.stdout)["mistakes"]
    assert (mistake["line"], mistake["column"]) == (13, 45)


@pytest.mark.parametrize("words", [["check"], ["chekc"], ["check", "x", "--output", "xml"]])
def test_wrong_usage_exits_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(tocsin, words).exit_code == 2

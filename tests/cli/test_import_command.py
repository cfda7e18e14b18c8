"""The command writes the file where it was asked to, and the report where it is in nobody's way."""

import json
import re
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from infra.cli.commands import tocsin
from tests.cli.moving import EXPORTS, parsed
from tocsin.domain.keys import digest

PAGERDUTY = str(EXPORTS / "pagerduty")


def test_the_file_goes_to_stdout_and_the_report_to_stderr() -> None:
    result = CliRunner().invoke(tocsin, ["import", "pagerduty", PAGERDUTY])
    assert result.exit_code == 0
    assert result.stdout.startswith("# Imported from pagerduty. Read the report first")
    assert set(parsed(result.stdout)["policies"]) == {"shop", "gone", "policy-eptokyo"}
    assert "need a decision:\n" in result.stderr
    assert "are carried over exactly:\n" in result.stderr


def test_a_file_is_written_for_its_owner_alone_and_never_over_another(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    words = ["import", "pagerduty", PAGERDUTY, "--out", str(file)]
    result = CliRunner().invoke(tocsin, words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "need a decision:\n" in result.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = file.read_text()
    assert digest("0123456789abcdef0123456789abcdef") in written
    again = CliRunner().invoke(tocsin, words)
    assert again.exit_code == 1
    assert f"{file} exists: choose another name" in again.stderr
    assert file.read_text() == written


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(tocsin, ["import", "pagerduty", PAGERDUTY, "--out", str(tmp_path / "no" / "team.yaml")])
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path}/no/team.yaml cannot be written: No such file or directory\n"


def test_programs_read_the_report_and_the_file_as_json(tmp_path: Path) -> None:
    words = ["import", "opsgenie", str(EXPORTS / "opsgenie"), "--output", "json"]
    answer = json.loads(CliRunner().invoke(tocsin, words).stdout)
    assert "users" in parsed(answer["configuration"])
    assert answer["counts"]["decide"] == sum(each["outcome"] == "decide" for each in answer["entries"])
    file = tmp_path / "team.yaml"
    answer = json.loads(CliRunner().invoke(tocsin, [*words, "--out", str(file)]).stdout)
    assert answer["file"] == str(file)
    assert "configuration" not in answer


def test_new_keys_are_nobodys_guess() -> None:
    words = ["import", "opsgenie", str(EXPORTS / "opsgenie")]
    one, other = (parsed(CliRunner().invoke(tocsin, words).stdout)["services"]["platform"] for _ in range(2))
    keys = [door["key"] for service in (one, other) for door in service["integrations"].values()]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch("sha256:[0-9a-f]{64}", key) for key in keys)


@pytest.mark.parametrize("words", [[], ["pagerduty"], ["victorops", PAGERDUTY], ["pagerduty", PAGERDUTY, "--url", "x"]])
def test_wrong_usage_exits_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(tocsin, ["import", *words]).exit_code == 2

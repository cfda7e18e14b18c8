"""A body is previewed as an integration with these options would read it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from infra.cli.commands import tocsin

BODY = {"event": {"name": "Disk full", "level": "P2", "id": 7}, "host": "db-1", "status": "firing"}


def mapped(*words: str, body: object = BODY) -> Result:
    raw = body if isinstance(body, str) else json.dumps(body)
    return CliRunner().invoke(tocsin, ["map", "-", *words], input=raw)


def alerts(*words: str, body: object = BODY) -> list[dict[str, Any]]:
    answer = json.loads(mapped(*words, "--output", "json", body=body).stdout)
    found: list[dict[str, Any]] = answer["alerts"]
    return found


def test_what_the_options_name_is_found_and_the_rest_is_guessed() -> None:
    words = ["--option", "title=event.name", "--option", "severity=event.level", "--option", "dedup_key=event.id"]
    (alert,) = alerts(*words)
    expected = {"action": "trigger", "title": "Disk full", "severity": "error", "dedup_key": "7", "affected": "db-1"}
    assert expected.items() <= alert.items()
    assert mapped(*words).stdout.splitlines() == [
        "trigger, error: Disk full",
        "  key       7",
        "  affected  db-1",
        "  label     host=db-1",
        "  label     status=firing",
    ]


def test_words_of_the_integration_say_what_resolves() -> None:
    assert [each["action"] for each in alerts("--option", "state=status", "--option", "resolved=firing")] == ["resolve"]


def test_a_list_gives_an_alert_for_each() -> None:
    body = {"items": [{"title": "one"}, {"title": "two"}]}
    assert [each["title"] for each in alerts("--option", "alerts=items", body=body)] == ["one", "two"]


@pytest.mark.parametrize(
    ("option", "note"),
    [
        ("severity=event.lvl", "severity: there is nothing at event.lvl"),
        ("alerts=event.parts", "alerts: there is nothing at event.parts"),
        ("titel=event.name", "titel is no option of the generic source, did you mean title?"),
    ],
)
def test_an_option_that_does_nothing_is_named(option: str, note: str) -> None:
    result = mapped("--option", option)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, note)
    assert json.loads(mapped("--option", option, "--output", "json").stdout)["notes"] == [note]


def test_an_option_that_is_there_in_one_of_several_alerts_is_not_named() -> None:
    body = [{"title": "one"}, {"title": "two", "prio": "p1"}]
    assert "nothing at" not in mapped("--option", "severity=prio", body=body).stdout


def test_a_form_is_read_by_the_end_of_its_name(tmp_path: Path) -> None:
    file = tmp_path / "mail.form"
    file.write_text("subject=RESOLVED%3A+disk&from=a%40b.example")
    result = CliRunner().invoke(tocsin, ["map", str(file), "--source", "email"])
    assert result.stdout.splitlines()[0] == "resolve, unknown: RESOLVED: disk"


def test_what_says_nothing_gives_no_alerts() -> None:
    assert mapped("--source", "alertmanager", body={"alerts": []}).stdout == "no alerts\n"


def test_titles_cannot_move_the_cursor() -> None:
    assert "\x1b" not in mapped(body={"title": "a\u001b[2Jb"}).stdout


@pytest.mark.parametrize(
    ("words", "body", "code", "problem"),
    [
        ([], "{", 1, "The body is not JSON"),
        ([], "", 1, "The body is empty"),
        (["--source", "genric"], "{}", 1, "did you mean generic?"),
        (["--option", "title"], "{}", 2, '"title" is no option'),
        (["--option", "=x"], "{}", 2, '"=x" is no option'),
        (["--source", "pagerduty"], '{"payload": {}}', 1, "'event_action' is missing"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(words: list[str], body: str, code: int, problem: str) -> None:
    result = mapped(*words, body=body)
    assert (result.exit_code, problem in result.stderr) == (code, True)

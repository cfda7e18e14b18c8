"""Every version is kept and can be shown and gone back to; what opens a gap, or was overtaken, is not applied."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from infra.cli import snapshot
from infra.cli.configfile import load
from infra.cli.written import document
from tests.cli.broken import GOOD
from tests.cli.test_calendar import LAYERED, OFFICE, ROTATION
from tests.cli.test_oncall import answered, said, tocsin
from tocsin.clients.embedded import EmbeddedStore
from tocsin.errors import Malformed

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
OFFICE_HOURS = GOOD.replace(ROTATION, OFFICE)


def write(pager: Path, text: str) -> None:
    (pager / "team.yaml").write_text(text)


def test_versions_say_who_when_why_and_what(pager: Path) -> None:
    write(pager, GOOD)
    told = said(pager, "apply", "team.yaml", "-m", "checkout has a team")
    assert told.splitlines()[0] == "Against version 1:"
    assert told.splitlines()[-1] == "team.yaml is now version 2"
    newest, first = answered(pager, "versions")["versions"]
    assert (newest["version"], newest["message"], first["applied_by"]) == (2, "checkout has a team", "carol")
    assert datetime.now(UTC) - datetime.fromisoformat(newest["applied_at"]) < timedelta(minutes=5)
    assert re.fullmatch("[0-9a-f]{64}", newest["sha"])
    assert re.search(r"^2 .* checkout has a team$", said(pager, "versions"), re.MULTILINE)


def test_an_apply_says_of_how_many_on_call_the_number_is_new(pager: Path) -> None:
    write(pager, GOOD)
    first = tocsin(pager, "apply", "team.yaml")
    assert "New numbers, of" not in first.stderr, "the demo has had alice and bob, with these numbers"
    write(pager, GOOD.replace("+15550100101", "+15550100777"))
    told = tocsin(pager, "apply", "team.yaml").stderr.splitlines()[0]
    assert told == (
        "New numbers, of 1 person on call in the next 14 days: "
        "infra/tocsin --data .tocsin reach says who can be relied on"
    )


def test_a_version_is_shown_in_the_words_of_the_file_and_without_keys(pager: Path) -> None:
    write(pager, LAYERED)
    said(pager, "apply", "team.yaml", "--allow-gaps")
    text = said(pager, "show")
    assert text.startswith("# version 2, applied by ")
    for words in (
        "high: [sms, voice after 2m]",
        "turn: 1mo",
        "only: ['mon-fri 09:00-17:30', 'sat 22:00-06:00', 'fri-sun 00:00-24:00', '12:00-13:00']",
        "notify: [schedule primary]",
        "name: support",
        "except: ['2026-01-02'",
        "delay: 5m",
    ):
        assert words in text
    assert "aaaaaaaaaaaaaaaaaaaaaaaa" not in text
    assert "checkout-primary" in said(pager, "show", "--version", "1")
    shown = answered(pager, "show", "--version", "1")
    assert (shown["version"], set(shown["configuration"]["users"])) == (1, {"alice", "bob", "carol"})


WHOLE = (
    GOOD.replace("delay: 5m}", "delay: 5m, round_robin: true}").replace("urgency: high", "urgency: by_support_hours")
    + """\
teams: {web: {users: [alice, bob]}}
maintenance:
  - {name: move, services: [checkout], start: 2026-12-01 22:00, end: 2026-12-02 02:00, match: ['host=~"db-.*"']}
"""
).replace(
    "    policy: shop\n",
    "    policy: shop\n    support_hours: {time_zone: UTC, hours: [mon-fri 09:00-17:30]}\n    flapping: off\n",
)


@pytest.mark.parametrize("text", [GOOD, WHOLE], ids=["usual", "whole"])
def test_what_is_shown_is_a_file_but_for_the_integrations(tmp_path: Path, text: str) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(text)
    config = load(file)
    shown = yaml.safe_load(document(config))
    assert shown.pop("integrations")
    file.write_text(yaml.safe_dump(shown))
    assert load(file) == replace(config, integrations={})


def test_going_back_is_a_new_version_with_the_old_content_and_the_overrides_stay(pager: Path) -> None:
    write(pager, GOOD)
    said(pager, "apply", "team.yaml")
    said(pager, "override", "add", "primary", "bob", "--to", "2099-01-01")
    write(pager, GOOD.replace("repeat: 2", "repeat: 3"))
    said(pager, "apply", "team.yaml")
    told = said(pager, "rollback")
    assert "  ~ policy shop: repeat from 3 to 2" in told.splitlines()
    assert told.splitlines()[-1] == "version 2 is now version 4"
    store = EmbeddedStore(pager / "tocsin.db")
    bodies = [found.body for number in (2, 4) if (found := snapshot.version(store, number))]
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert [each.override.user for each in snapshot.overrides(store)] == ["bob"]
    assert answered(pager, "versions")["versions"][0]["message"] == "back to version 2"
    assert said(pager, "rollback", "2") == "nothing changed: version 4 says the same as version 2\n"
    unknown = tocsin(pager, "rollback", "17")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "there is no version 17: infra/tocsin --data .tocsin versions lists them" in unknown.stderr


def test_what_opens_a_gap_is_not_applied_unless_told(pager: Path) -> None:
    write(pager, GOOD)
    said(pager, "apply", "team.yaml")
    write(pager, OFFICE_HOURS)
    refused = tocsin(pager, "apply", "team.yaml")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert re.search(
        r"^Error: not applied, for this opens \d+ gaps: --allow-gaps if that is meant$", refused.stderr, re.MULTILINE
    )
    assert "gaps appear:" in refused.stderr
    assert len(answered(pager, "versions")["versions"]) == 2
    assert said(pager, "apply", "team.yaml", "--allow-gaps").endswith("team.yaml is now version 3\n")
    write(pager, OFFICE_HOURS.replace("repeat: 2", "repeat: 3"))
    said(pager, "apply", "team.yaml")  # the gaps were there before
    write(pager, OFFICE_HOURS.replace("      - {notify: [user bob], delay: 10m}\n", ""))
    lonely = tocsin(pager, "apply", "team.yaml", "--output", "json")
    assert lonely.returncode == 1
    assert "leaves checkout without anybody but the catch-all" in json.loads(lonely.stdout)["error"]


def test_going_back_to_a_gap_is_refused_too(pager: Path) -> None:
    for text in (OFFICE_HOURS, GOOD):
        write(pager, text)
        said(pager, "apply", "team.yaml", "--allow-gaps")
    assert "this opens" in tocsin(pager, "rollback").stderr
    assert "version 2 is now version 4" in said(pager, "rollback", "--allow-gaps")


def test_of_two_who_apply_at_once_the_second_is_told_to_plan_again(tmp_path: Path) -> None:
    store, file = EmbeddedStore(":memory:"), tmp_path / "team.yaml"
    configs = []
    for text in (GOOD, GOOD.replace("repeat: 2", "repeat: 3")):
        file.write_text(text)
        configs.append(load(file))
    assert snapshot.apply(store, configs[0], "alice", NOW, over=0).version == 1
    with pytest.raises(Malformed, match="alice applied version 1 meanwhile, at 2026-07-01 12:00:00 UTC: plan again"):
        snapshot.apply(store, configs[1], "bob", NOW, over=0)
    assert [each.applied_by for each in snapshot.versions(store)] == ["alice"]
    assert snapshot.apply(store, configs[1], "bob", NOW, over=1).version == 2

"""The recorded exports become these files, line by line, and what today's shape knows of them is good."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.cli.configfile import load
from infra.cli.importing.export import Export, saved
from infra.cli.importing.products import PRODUCTS
from infra.cli.marked import Mistakes
from tests.cli.moving import EXPORTS, moved, parsed
from tocsin.errors import Malformed

each_product = pytest.mark.parametrize("product", PRODUCTS)


@each_product
def test_the_recorded_export_becomes_the_recorded_file(product: str) -> None:
    assert moved(product)[0] == (EXPORTS / f"{product}.yaml").read_text()


@each_product
def test_everything_is_one_of_four_things_and_says_why_unless_it_is_exact(product: str) -> None:
    _, entries = moved(product)
    assert {each["outcome"] for each in entries} == {"exact", "different", "left_out", "decide"}
    assert all(bool(each["why"]) == (each["outcome"] != "exact") for each in entries)
    assert max(Counter(json.dumps(each) for each in entries).values()) == 1
    exact = {(each["kind"], each["name"]) for each in entries if each["outcome"] == "exact"}
    others = {(each["kind"], each["name"]) for each in entries if each["outcome"] != "exact"}
    assert not exact & others


@each_product
def test_every_decision_is_a_comment_of_the_file(product: str) -> None:
    text, entries = moved(product)
    comments = [line.strip() for line in text.splitlines() if "# DECIDE" in line]
    decisions = [each["why"] for each in entries if each["outcome"] == "decide"]
    assert len(comments) == len(decisions)
    assert all(any(line.endswith(why) for line in comments) for why in decisions)


@each_product
def test_no_key_stands_in_the_report(product: str) -> None:
    text, entries = moved(product)
    services = parsed(text)["services"].values()
    keys = [door["key"] for service in services for door in service.get("integrations", {}).values()]
    assert keys
    assert not any(key in json.dumps(entries) for key in keys)


@each_product
def test_what_todays_shape_knows_is_good_but_for_the_phones_that_are_missing(tmp_path: Path, product: str) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(yaml.safe_dump(known_today(parsed(moved(product)[0])), sort_keys=False))
    try:
        load(file)
        sentences = []
    except Mistakes as mistakes:
        sentences = [each.sentence for each in mistakes.mistakes]
    assert all('.phone: "?" is not a phone number in E.164' in each for each in sentences), sentences
    assert len(sentences) == {"pagerduty": 1, "opsgenie": 1, "grafana-oncall": 3}[product]


def known_today(file: dict[str, Any]) -> dict[str, Any]:
    """Leave out whatever the shape does not have yet: only single rotations, users and schedules as targets."""
    for user in file["users"].values():
        user.pop("time_zone", None)
    for schedule in file["schedules"].values():
        for layer in schedule.pop("layers", [])[:1]:
            schedule["rotation"] = {name: layer[name] for name in ("users", "turn", "start")}
    for policy in file["policies"].values():
        for level in policy["levels"]:
            level.pop("round_robin", None)
            others = [target for target in level["notify"] if not target.startswith("team ")]
            level["notify"] = others or [f"user {file['catch_all']['users'][0]}"]
    for service in file["services"].values():
        for name in ("support_hours", "acknowledgement_timeout", "auto_resolve"):
            service.pop(name, None)
        service["urgency"] = service["urgency"].replace("by_support_hours", "high")
    return {name: section for name, section in file.items() if name not in {"teams", "maintenance"}}


@each_product
def test_the_order_of_an_export_changes_no_name(product: str) -> None:
    export = saved(EXPORTS / product)
    turned = Export({path: list(reversed(items)) for path, items in export.answers.items()})
    sections = ("users", "schedules", "policies", "services")
    one, other = (parsed(moved(product, each)[0]) for each in (export, turned))
    assert [set(one[section]) for section in sections] == [set(other[section]) for section in sections]


@each_product
def test_what_was_given_and_is_not_understood_is_reported(product: str) -> None:
    export = saved(EXPORTS / product)
    export.add("playbooks", [{"id": "1"}])
    _, entries = moved(product, export)
    assert [each["outcome"] for each in entries if each["name"] == "playbooks.json"] == ["left_out"]


@each_product
def test_an_export_without_what_is_needed_is_refused_with_the_file_to_save(product: str) -> None:
    export = saved(EXPORTS / product)
    del export.answers["schedules"]
    with pytest.raises(Malformed, match=r"there is no schedules\.json: save there what the API answers for /schedules"):
        moved(product, export)


def test_what_an_api_does_not_answer_is_named_with_its_place() -> None:
    export = saved(EXPORTS / "pagerduty")
    del export.answers["services"][1]["escalation_policy"]
    with pytest.raises(Malformed, match=r"services\.json, number 2: escalation_policy: Field required"):
        moved("pagerduty", export)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("{", "is not JSON"), ("[" * 9000, "is not JSON"), ('["x"]', "should hold a list of objects")],
)
def test_a_file_that_is_no_answer_is_named(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "users.json").write_text(content)
    with pytest.raises(Malformed, match=rf"users\.json.*{sentence}"):
        saved(tmp_path)


def test_a_folder_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="holds no JSON"):
        saved(tmp_path)


def test_pages_are_read_in_their_order(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        name = "users.json" if number == 1 else f"users.{number}.json"
        (tmp_path / name).write_text(json.dumps({"users": [{"id": str(number)}]}))
    assert [each["id"] for each in saved(tmp_path).answers["users"]] == ["1", "2", "10"]

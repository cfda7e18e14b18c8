"""The recorded exports become these files, line by line, and what today's shape knows of them is good."""

import json
import re
from collections import Counter
from itertools import count
from pathlib import Path

import pytest

from infra.cli.configfile import load
from infra.cli.importing.export import Export, saved
from infra.cli.importing.products import PRODUCTS
from infra.cli.marked import Mistakes
from tests.cli.moving import EXPORTS, moved, parsed
from tests.cli.test_oncall import said
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
def test_only_the_phones_that_nobody_knows_are_mistakes_in_the_file(tmp_path: Path, product: str) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(moved(product)[0])
    with pytest.raises(Mistakes) as refused:
        load(file)
    sentences = [each.sentence for each in refused.value.mistakes]
    assert all('.phone: "?" is not a phone number in E.164' in each for each in sentences), sentences
    assert len(sentences) == {"pagerduty": 1, "opsgenie": 1, "grafana-oncall": 3}[product]


@each_product
def test_once_it_is_applied_a_second_import_changes_nothing(pager: Path, product: str) -> None:
    file = pager / "team.yaml"
    file.write_text(with_phones(moved(product)[0]))
    said(pager, "apply", str(file), "--allow-gaps")
    file.write_text(with_phones(moved(product)[0]))
    assert said(pager, "plan", str(file)).startswith("nothing changes against version")


def with_phones(text: str) -> str:
    """Decide what the import leaves to whoever imports."""
    numbers = count(1)
    return re.sub(r'phone: "\?"', lambda _: f'phone: "+155501009{next(numbers):02}"', text)


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

"""OPERATIONS.md has what whoever is woken needs, a heading for each alarm; commands and links of every page exist."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

import click
import pytest

from infra.cli.commands import tocsin
from tests.gcp.terraform import Plan
from tests.gcp.written import GCP, ROOT, Module

PARTS = ("**The line:**", "**It means:**", "**Look:**", "**Do:**", "**Over when:**")
PAGES = sorted((ROOT / "infra").rglob("*.md"))

# What gcloud and Terraform are asked for here; each was looked up in the programs' own help.
GCLOUD = {
    *("auth application-default", "billing projects link", "config set project", "projects create", "services enable"),
    *("firestore backups list", "firestore databases restore", "firestore export", "logging read"),
    *("pubsub subscriptions pull", "pubsub subscriptions seek", "pubsub topics get-iam-policy"),
    *("run revisions list", "run services describe", "run services get-iam-policy", "run services update-traffic"),
    *("scheduler jobs describe", "scheduler jobs resume", "secrets versions access", "secrets versions disable"),
    *("storage buckets create", "tasks queues describe", "tasks queues pause", "tasks queues resume"),
}
TERRAFORM = {"apply", "destroy", "init", "output", "plan", "state"}


@cache
def text() -> str:
    return (GCP / "OPERATIONS.md").read_text(encoding="utf-8")


@cache
def sections() -> dict[str, str]:
    """Gives what stands under each heading of the third rank: those are the alarms."""
    found = re.split(r"^(#{2,3}) (.+)$", text(), flags=re.MULTILINE)[1:]
    return {title: body for rank, title, body in zip(*[iter(found)] * 3, strict=True) if rank == "###"}


def anchor(title: str) -> str:
    """Gives the anchor that Git hosts make of a heading."""
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def titles() -> set[str]:
    alerts = Module.read()
    counted = {one["title"] for one in alerts.local("alarms").values()}
    doors = {f"{name} cannot be reached from outside" for name in alerts.local("doors")}
    return counted | doors | set(alerts.local("others").values())


def test_each_alarm_has_its_heading_and_each_heading_its_alarm() -> None:
    assert set(sections()) == titles()


@pytest.mark.parametrize("title", sorted(titles()))
def test_each_alarm_is_explained_in_the_same_five_parts(title: str) -> None:
    places = [sections()[title].find(part) for part in PARTS]
    assert -1 not in places
    assert places == sorted(places)


def test_the_line_that_rings_is_quoted_word_for_word() -> None:
    alerts = Module.read()
    signals, alarms = alerts.local("signals"), alerts.local("alarms")
    quoted = {
        name: signals[name]["says"].rstrip() in sections()[one["title"]]
        for name, one in alarms.items()
        if "of" not in one
    }
    assert quoted == dict.fromkeys(quoted, True)
    assert len(quoted) > 15


def test_each_policy_leads_to_its_heading(company: Plan) -> None:
    anchors = {anchor(title) for title in sections()}
    for one in company.of("google_monitoring_alert_policy"):
        [documentation] = one.values["documentation"]
        led = re.search(r"infra/gcp/OPERATIONS\.md#([a-z0-9-]+)$", documentation["content"])
        assert led, one.values["display_name"]
        assert led[1] == anchor(one.values["display_name"].removeprefix("Tocsin: "))
        assert led[1] in anchors


def headings(page: Path) -> set[str]:
    return {anchor(title) for title in re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)}


def test_every_page_is_looked_at() -> None:
    assert {page.name for page in PAGES} >= {"COSTS.md", "OPERATIONS.md", "README.md", "RECOVERY.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_on_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8"))
    for path, place in links:
        led = (page.parent / path).resolve() if path else page
        assert led.exists(), path
        assert not place or place in headings(led), f"{path}#{place}"


def commands(page: str) -> Iterator[str]:
    """Gives each command of the page: the lines that are set off, and what stands between backticks."""
    indented = (line.partition(" # ")[0].strip() for line in page.splitlines() if line.startswith("    "))
    for line in (*indented, *re.findall(r"`([^`\n]+)`", page)):
        yield from (part.strip() for part in re.split(r"&&|\$\(|\|", line))


def of(program: str) -> set[str]:
    found = {one for path in PAGES for one in commands(path.read_text(encoding="utf-8"))}
    return {one.removeprefix(program).strip(' )"') for one in found if one.startswith(f"{program} ")}


def words(line: str) -> list[str]:
    return [*takewhile(lambda word: re.fullmatch(r"[a-z][a-z0-9-]*", word), line.split())]


@pytest.mark.parametrize("line", sorted(of("infra/tocsin")))
def test_a_command_of_ours_exists_with_its_options(line: str) -> None:
    found: click.Command = tocsin
    given = line.split()
    while isinstance(found, click.Group) and given and not given[0].startswith("-") and given[0] != "...":
        assert given[0] in found.commands
        found = found.commands[given.pop(0)]
    known = {name for option in found.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
    assert {word.partition("=")[0] for word in given if word.startswith("--")} <= known


def test_gcloud_and_terraform_are_asked_for_what_they_have() -> None:
    asked = {" ".join(words(line)) for line in of("gcloud")}
    assert asked
    assert {one for one in asked if not any(one.startswith(known) for known in GCLOUD)} == set()
    assert {words(line)[0] for line in of("terraform")} <= TERRAFORM

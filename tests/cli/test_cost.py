"""What a pager costs is what was counted times what is asked for it, and the page of costs says the same."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner

from infra.cli.commands import tocsin
from infra.cli.cost.bill import MINUTES, PROBES, canaries, cost, idle, month
from infra.cli.cost.operations import ACTS, IDLE, Used
from infra.cli.cost.page import added_table, idle_table
from infra.cli.cost.prices import ADDED, COUNTRIES, GOOGLE, SEAT, STANDING
from infra.cli.cost.standing import CONDITIONS, charged, domain, list_price, standing, warm
from tests.cli import spent
from tests.gcp.written import GCP, Module

US = COUNTRIES["US"]
COSTS = GCP / "COSTS.md"


def asked(*words: str) -> dict[str, Any]:
    said = CliRunner().invoke(tocsin, ["cost", "--output", "json", *words])
    assert said.exit_code == 0, said.output
    answer: dict[str, Any] = json.loads(said.stdout)
    return answer


@pytest.mark.parametrize("name", ACTS)
def test_what_an_act_uses_was_counted(name: str) -> None:
    assert spent.used(*spent.ACTS[name]) == ACTS[name]


def test_a_sum_is_each_count_times_its_price() -> None:
    """Held against a bill that is added up by hand: a million alerts that are answered by text."""
    used = Used(reads=23, writes=18, requests=9, events=1, tasks=3, texts=2, heard=1).times(1_000_000)
    by_hand = {
        "reads": Decimal(23) * 10 * Decimal("0.03"),
        "writes": Decimal(18) * 10 * Decimal("0.09"),
        "deletes": Decimal(0),
        "requests": Decimal(9) * Decimal("0.40"),
        "processor seconds": Decimal(900_000) * Decimal("0.000024"),
        "gibibyte seconds": Decimal(450_000) * Decimal("0.0000025"),
        "task operations": Decimal(6) * Decimal("0.40"),
    }
    google = cost(used, US).google
    assert {name: google[name] for name in by_hand} == by_hand
    assert round(google["published and pushed"], 4) == round(Decimal(3_000_000_000) * 40 / 1024**4, 4)
    assert cost(used, US).twilio == 2_000_000 * Decimal("0.0118") + 1_000_000 * Decimal("0.0083")


def test_the_sweeps_and_checks_of_an_idle_month_are_free() -> None:
    assert MINUTES == 43_776
    assert idle().requests == MINUTES + PROBES
    bill = cost(idle(), US, MINUTES)
    assert bill.charged == bill.twilio == 0
    assert Decimal("0.5") < bill.list_price < Decimal(3)
    # A sweep takes half a second and not the tenth of a request.
    assert bill.google["processor seconds"] == (5 * MINUTES + PROBES) / 10 * Decimal("0.000024")


def test_what_stands_there_is_counted_in_terraform() -> None:
    """A policy that watches the log itself is free; every other has one condition."""
    alarms, doors = Module.read("alerts.tf").local("alarms"), Module.read("alerts.tf").local("doors")
    text = Module.read("alerts.tf").text
    # Silence and each door have one of their own, in a resource of their own.
    assert len(re.findall(r'condition_threshold("?) \{', text)) == 2  # the table of alarms, and the doors
    assert text.count("condition_absent {") == 1
    assert len([one for one in alarms.values() if "over" in one]) + len(doors) + 1 == CONDITIONS
    [places] = re.findall(r"selected_regions = \[(.*)\]", text)
    assert len(doors) * len(places.split(",")) * MINUTES == PROBES
    assert [one.kind for one in Module.read().blocks()].count("google_cloud_scheduler_job") == 1
    assert "kms" not in Module.read().text


def test_what_stands_there_costs_more_than_the_sweep() -> None:
    by = {one.what: one for one in standing()}
    assert by.keys() == STANDING.keys()
    assert by["alert conditions"].charged == CONDITIONS * Decimal("0.10")
    series = CONDITIONS * MINUTES * 2
    assert by["time series returned"].charged == series * Decimal("0.35") / 1_000_000
    assert by["uptime checks"].list_price == PROBES * Decimal("0.30") / 1000
    free = {"uptime checks", "bytes of metrics", "bytes of logs", "scheduler jobs", "secret versions"}
    assert {one.what for one in by.values() if not one.charged} == {*free, "bytes of documents"}
    assert charged() < list_price()
    assert asked()["idle_month"]["google"] == float(round(charged(), 2))


def test_what_is_added_is_the_price_of_its_parts() -> None:
    assert round(warm(), 2) == Decimal("9.85")
    assert round(domain(), 2) == Decimal("25.24")
    assert cost(canaries(10), US).twilio == 10 * US.text


def test_the_readme_says_what_the_command_says() -> None:
    readme = (GCP / "README.md").read_text(encoding="utf-8")
    assert "\n".join(idle_table()) + "\n\n" in readme
    assert "\n".join(added_table()) + "\n\n" in readme


def test_what_is_free_is_taken_off_once() -> None:
    used = Used(tasks=700_000)  # each is made and handed out: 1.4 million operations
    assert cost(used, US).list_price == Decimal("0.56")
    assert cost(used, US).charged == Decimal("0.16")


def test_a_month_has_the_pages_and_calls_that_were_asked_for() -> None:
    used = month(50_000, 3_200, 200)
    assert (used.calls, used.events) == (200, 50_000)
    assert used.texts == 2 * 2_800 + 200  # each answer by text is answered
    assert month(0, 0, None) == ACTS[IDLE].times(MINUTES) + Used(requests=PROBES)
    assert round(month(50_000, 3_300, None).calls) == 300


def test_a_seat_is_dearer_the_more_of_them_there_are() -> None:
    few, many = asked("--users", "5"), asked("--users", "50")
    assert few["month"]["total"] == many["month"]["total"]
    assert many["pagerduty"] == {name: 10 * price for name, price in few["pagerduty"].items()}
    assert few["pagerduty"]["Professional, paid yearly"] == 105
    assert asked("--users", "20")["pagerduty_times"] == pytest.approx(4.4, abs=0.1)


def test_no_price_is_guessed() -> None:
    said = CliRunner().invoke(tocsin, ["cost", "--country", "de"])
    assert said.exit_code == 1
    assert "no price is known here for DE" in said.output
    assert "give --text and --call" in said.output
    there = asked("--country", "de", "--text", "0.1", "--call", "0.03", "--pages", "1000", "--calls", "0")
    assert there["page"] == {"text": 0.1, "call": 0.03}
    assert there["month"]["twilio"] == pytest.approx(1000 * 3 * 0.1 + 1.15)


@pytest.mark.parametrize("words", [["--calls", "2000", "--pages", "3000"], ["--users", "0"], ["--alerts", "-1"]])
def test_a_month_that_cannot_be_is_wrong_usage(words: list[str]) -> None:
    assert CliRunner().invoke(tocsin, ["cost", *words]).exit_code == 2


PRICES: list[tuple[str, str]] = [
    *((price.read, price.source) for price in (GOOGLE | STANDING | ADDED | SEAT).values()),
    *((there.read, there.source) for there in COUNTRIES.values()),
]


@pytest.mark.parametrize(("read", "source"), PRICES)
def test_every_price_has_its_day_and_its_source(read: str, source: str) -> None:
    assert re.match(r"20\d\d-\d\d-\d\d", read)
    assert "." in source


def test_the_page_of_costs_is_what_the_command_makes() -> None:
    made = CliRunner().invoke(tocsin, ["cost", "--markdown"]).stdout
    assert made == COSTS.read_text(encoding="utf-8")
    said = CliRunner().invoke(tocsin, ["cost"]).stdout
    assert all(line in made for line in said.splitlines())
    assert all(f"| {name} |" in made for name in (*ACTS, *GOOGLE, *STANDING, *ADDED))

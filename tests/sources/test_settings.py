"""Holds what modules say to their users to one layout, and renders the payloads they tell them to paste."""

import json
import re
from importlib import import_module

import pytest

from tocsin import body, sources
from tocsin.domain.alert import Action, Severity
from tocsin.sources import Posted

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def said(source: str) -> str:
    return import_module(f"tocsin.sources.{source}").__doc__ or ""


@pytest.mark.parametrize("source", sources.names())
def test_a_module_says_what_it_reads_then_what_to_set_then_the_rest(source: str) -> None:
    summary, settings, *_ = said(source).split("\n\n")
    assert summary.startswith(("Reads ", "Hears ", "Takes "))
    assert "\n" not in summary.strip()
    assert settings.startswith("Settings: ")
    assert said(source).count("Settings: ") == 1
    assert f"/ingest/{source}/<integration key>" in said(source)
    assert all(f"/ingest/{path.partition('*')[0]}" in said(source) for path in sources.load(source).paths)


def template(source: str) -> str:
    ((_, text),) = FENCED.findall(said(source))
    return str(text)


def test_the_payload_for_new_relic_is_read_once_it_is_rendered() -> None:
    values = {"issueId": "i-1", "state": "CLOSED", "priority": "HIGH", "annotations.title.[0]": "web-1 is slow"}
    rendered = re.sub(r"\{\{ json (\S+) \}\}", lambda found: json.dumps(values.get(found[1], "")), template("newrelic"))
    (alert,) = sources.load("newrelic").parse(Posted(body.read(rendered.encode(), "", "", 4096)))
    assert (alert.action, alert.dedup_key, alert.title) == (Action.RESOLVE, "i-1", "web-1 is slow")
    assert alert.severity is Severity.ERROR


def test_the_payload_for_datadog_is_read_once_it_is_rendered() -> None:
    values = {"ALERT_CYCLE_KEY": "c-1", "ALERT_TRANSITION": "Recovered", "EVENT_TITLE": "CPU", "ALERT_PRIORITY": "P2"}
    rendered = re.sub(r"\$([A-Z_]+)", lambda found: values.get(found[1], ""), template("datadog"))
    (alert,) = sources.load("datadog").parse(Posted(body.read(rendered.encode(), "", "", 4096)))
    assert (alert.action, alert.dedup_key, alert.title) == (Action.RESOLVE, "c-1", "CPU")
    assert alert.severity is Severity.ERROR


def test_the_script_for_servicenow_names_the_fields_that_are_read() -> None:
    fields = (
        "sys_id",
        "number",
        "short_description",
        "state",
        "priority",
        "previous_state",
        "previous_priority",
        "url",
    )
    assert all(re.search(rf"\b{field}\b", template("servicenow")) for field in fields)


def test_the_payload_for_healthchecks_is_read_once_it_is_filled_in() -> None:
    check = json.dumps({"name": 'the "nightly" backup', "status": "down", "tags": ""})
    filled = template("healthchecks").replace("$JSON", check).replace("$CODE", "c-1").replace("$STATUS", "up")
    (alert,) = sources.load("healthchecks").parse(Posted(body.read(filled.encode(), "", "", 4096)))
    assert (alert.action, alert.dedup_key, alert.title) == (Action.RESOLVE, "c-1", 'the "nightly" backup is up')


def test_the_payload_for_uptimerobot_is_read_once_it_is_filled_in() -> None:
    values = {"monitorID": "7", "monitorFriendlyName": "Shop", "alertType": "2", "monitorURL": "https://shop.example"}
    filled = re.sub(r"\*(\w+)\*", lambda found: values.get(found[1], found[0]), template("uptimerobot"))
    (alert,) = sources.load("uptimerobot").parse(Posted(body.read(filled.encode(), "", "", 4096)))
    assert (alert.action, alert.title, alert.link) == (Action.RESOLVE, "Shop is up", "https://shop.example")

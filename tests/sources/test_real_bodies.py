"""Reads bodies that real monitoring tools have sent, where a collection of them lies beside the checkout."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_any_json import check_all
from tocsin import body, sources
from tocsin.domain.alert import Action, Alert
from tocsin.errors import Malformed
from tocsin.sources import Posted

PAYLOADS = Path(__file__).parents[3] / "shared" / "payloads"
BODIES = sorted(PAYLOADS.glob("*/*.json"))
OF_ALERTMANAGER = [path for path in BODIES if path.parent.name in {"alertmanager", "grafana-unified"}]
EVENTS = [path for path in BODIES if path.parent.name == "pagerduty-events-v2"]


def index() -> dict[str, dict[str, str]]:
    table = PAYLOADS / "INDEX.tsv"
    if not table.exists():
        return {}
    with table.open(encoding="utf-8", newline="") as lines:
        return {row["file"]: row for row in csv.DictReader(lines, delimiter="\t")}


INDEX = index()
READERS = {
    "grafana-legacy": "grafana",
    "grafana-unified": "grafana",
    "newrelic": "newrelic",
    "servicenow": "servicenow",
    "gcp-monitoring": "google_monitoring",
    "cloudwatch-sns": "cloudwatch",
    "datadog": "datadog",
    "sentry": "sentry",
}
OF_A_TOOL = [path for path in BODIES if path.parent.name in READERS]
SAYS_WHICH = ("trigger", "resolve", "acknowledge")

# The folders of what is read by a source of its own.
SOURCES = {
    "azure-monitor": "azure_monitor",
    "opsgenie": "opsgenie",
    "uptime-kuma": "uptime_kuma",
    "healthchecks": "healthchecks",
    "uptimerobot": "uptimerobot",
    "zabbix": "zabbix",
    "nagios-icinga": "nagios",
    "github": "github",
}
OF_OTHERS = {"03-pdagent-ok.json"}  # sent through PagerDuty's first API


def named(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def about(path: Path) -> dict[str, str]:
    return INDEX[f"{path.parent.name}/{path.name}"]


def load(path: Path) -> Any:
    return body.read(path.read_bytes(), "application/json", "", 1024 * 1024)


def parse(source: str, payload: object) -> list[Alert]:
    return sources.load(source).parse(Posted(payload, path=source, integration="shop"))


def turned(value: Any) -> Any:
    """Give the same value with every object's keys in the opposite order."""
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(value)}
    return [turned(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", BODIES, ids=named)
def test_anything_real_is_read_by_generic_and_its_key_does_not_depend_on_the_order_of_fields(path: Path) -> None:
    alerts = parse("generic", load(path))
    assert alerts
    check_all(alerts)
    assert [alert.dedup_key for alert in parse("generic", turned(load(path)))] == [alert.dedup_key for alert in alerts]


@pytest.mark.parametrize("path", [path for path in BODIES if path.parent.name == "generic"], ids=named)
def test_generic_closes_only_what_is_known_to_be_a_recovery(path: Path) -> None:
    (alert,) = parse("generic", load(path))
    assert alert.action == ("resolve" if about(path)["event_kind"].startswith("resolve") else "trigger")


@pytest.mark.parametrize("path", OF_ALERTMANAGER, ids=named)
def test_every_alert_of_a_real_group_is_read(path: Path) -> None:
    payload = load(path)
    alerts = parse("alertmanager", payload)
    check_all(alerts)
    assert len(alerts) == len(payload["alerts"])
    kind, severity = about(path)["event_kind"], about(path)["expected_severity"]
    assert {str(alert.action) for alert in alerts} == {kind}
    if severity in {"critical", "warning"}:
        assert {str(alert.severity) for alert in alerts} == {severity}
    for alert in alerts:
        assert "Alert without a title" not in alert.title


@pytest.mark.parametrize("path", OF_ALERTMANAGER, ids=named)
def test_the_resolve_of_a_real_group_has_the_keys_of_its_trigger(path: Path) -> None:
    payload = load(path)
    later = turned({**payload, "status": "resolved", "truncatedAlerts": 1.0})
    for alert in later["alerts"]:
        alert |= {"status": "resolved", "endsAt": "2030-01-01T00:00:00Z", "annotations": {}}
    resolved = parse("alertmanager", later)
    assert [alert.dedup_key for alert in resolved] == [alert.dedup_key for alert in parse("alertmanager", payload)]
    assert {alert.action for alert in resolved} == {Action.RESOLVE}


@pytest.mark.parametrize("path", [path for path in BODIES if path.parent.name in SOURCES], ids=named)
def test_a_real_body_of_a_tool_with_a_source_does_what_it_was_sent_for(path: Path) -> None:
    source = SOURCES[path.parent.name]
    alerts = parse(source, load(path))
    check_all(alerts)
    again = parse(source, turned(load(path)))
    assert [(one.action, one.dedup_key, one.title, one.severity) for one in again] == [
        (one.action, one.dedup_key, one.title, one.severity) for one in alerts
    ]
    if about(path)["event_kind"] in {"trigger", "resolve"} and path.name not in OF_OTHERS:
        assert [str(alert.action) for alert in alerts] == [about(path)["event_kind"]]


@pytest.mark.parametrize("path", EVENTS, ids=named)
def test_a_real_event_is_read_or_every_missing_field_is_named(path: Path) -> None:
    payload = load(path)
    posted = Posted(payload, path="v2/enqueue")
    if "event_action" in payload:
        check_all(sources.load("pagerduty").parse(posted))
        return
    with pytest.raises(Malformed) as refusal:
        sources.load("pagerduty").key(posted)
    assert refusal.value.reasons == ("'routing_key' is missing", "'event_action' is missing")


def test_the_examples_of_pagerdutys_own_description_are_read() -> None:
    file = PAYLOADS.parent / "specs" / "pagerduty_events_v2.json"
    if not file.exists():
        pytest.skip("the description is not beside the checkout")
    for path, description in json.loads(file.read_text(encoding="utf-8"))["paths"].items():
        for example in description["post"]["requestBody"]["content"]["application/json"]["examples"].values():
            posted = Posted(example["value"], path=f"v2{path}")
            (alert,) = sources.load("pagerduty").parse(posted)
            assert alert.action == (Action.CHANGE if "change" in path else Action.TRIGGER)
            assert sources.load("pagerduty").key(posted) == example["value"]["routing_key"]
            check_all([alert])


@pytest.mark.parametrize("path", OF_A_TOOL, ids=named)
def test_a_real_body_of_a_tool_is_read_by_its_own_source(path: Path) -> None:
    source = READERS[path.parent.name]
    alerts = parse(source, load(path))
    check_all(alerts)
    assert [one.dedup_key for one in parse(source, turned(load(path)))] == [one.dedup_key for one in alerts]
    kind, severity = about(path)["event_kind"].split()[0], about(path)["expected_severity"]
    if kind in SAYS_WHICH:
        assert {str(alert.action) for alert in alerts} == {kind}
    if severity in {"critical", "error", "warning"}:
        assert {str(alert.severity) for alert in alerts} == {severity}
    if alerts and kind in SAYS_WHICH:
        assert "Alert without a title" not in alerts[0].title


@pytest.mark.parametrize(
    "path", [path for path in BODIES if path.stem.startswith("0") and "pdagent" in path.stem], ids=named
)
def test_a_real_event_of_version_1_is_read(path: Path) -> None:
    event = load(path)
    if "service_key" not in event:
        pytest.skip("not version 1")
    (alert,) = parse("pagerduty_v1", event)
    assert (alert.dedup_key, alert.title) == (event["incident_key"], event["description"])

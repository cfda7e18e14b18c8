"""Holds what ends a trouble to the dedup key of what began it, and what is about something else to another one."""

import json

import pytest

from tests.sources.test_examples import HERE, read
from tocsin import sources
from tocsin.domain.alert import Action, Severity
from tocsin.sources import Posted

ENDS = [
    ("pagerduty_v1", "01", "02"),
    ("grafana", "01", "03"),
    ("grafana", "05", "06"),
    ("newrelic", "01", "05"),
    ("newrelic", "06", "08"),
    ("servicenow", "01", "06"),
    ("google_monitoring", "01", "02"),
    ("google_monitoring", "03", "02"),
    ("google_monitoring", "04", "02"),
    ("datadog", "01", "02"),
    ("datadog", "03", "02"),
    ("datadog", "05", "06"),
    ("sentry", "01", "02"),
    ("sentry", "06", "02"),
    ("sentry", "08", "10"),
    ("cloudwatch", "01", "02"),
    ("cloudwatch", "14", "05"),
]
STAYS_OPEN = [("newrelic", "01", "02"), ("datadog", "05", "07"), ("sentry", "01", "05")]


def example(source: str, number: str) -> tuple[Action, str]:
    (path,) = (path for path in HERE.glob(f"{source}/{number}-*.json") if not path.name.endswith(".expected.json"))
    (alert,) = read(path)
    return alert.action, alert.dedup_key


@pytest.mark.parametrize(("source", "began", "ended"), ENDS)
def test_what_ends_a_trouble_has_its_key(source: str, began: str, ended: str) -> None:
    (first, key), (last, other) = example(source, began), example(source, ended)
    assert (first, last) == (Action.TRIGGER, Action.RESOLVE)
    assert key == other


@pytest.mark.parametrize(("source", "began", "later"), STAYS_OPEN)
def test_what_is_not_the_end_of_a_trouble_does_not_end_it(source: str, began: str, later: str) -> None:
    (_, key), (last, other) = example(source, began), example(source, later)
    assert (last, other) != (Action.RESOLVE, key)


@pytest.mark.parametrize("source", ["grafana", "newrelic", "servicenow", "google_monitoring", "datadog", "sentry"])
def test_an_unknown_shape_pages_whatever_it_says_unless_the_options_say_where_its_state_is(source: str) -> None:
    payload = {"summary": "checkout is slow", "status": "ok", "where": {"host": "web-1"}}
    [alert] = sources.load(source).parse(Posted(payload, path=source, integration="shop"))
    assert (alert.action, alert.severity, alert.title) == (Action.TRIGGER, Severity.UNKNOWN, "checkout is slow")
    assert json.loads(alert.details) == payload
    [told] = sources.load(source).parse(Posted(payload, path=source, options={"state": "status"}))
    assert told.action is Action.RESOLVE

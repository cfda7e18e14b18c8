"""What rings is what the code writes: every signal in signals.tf is a line of a function, and every bad line rings.

A sentence in the code, a metric, an alarm and a heading of OPERATIONS.md hold together here: none changes alone.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

import pytest

from infra.cli.configfile import load
from tests.gcp.terraform import Plan
from tests.gcp.written import GCP, ROOT, Module
from tests.stories.night import Night
from tocsin.domain.notification import Verdict
from tocsin.sweep import Swept

TEAM = ROOT / "tests" / "stories" / "team.yaml"


@cache
def table(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = Module.read().local(name)
    return found


@cache
def written() -> frozenset[tuple[str, str]]:
    """Gives how each line begins that a function can write, and how severe it is."""
    found = {(f"{verdict}: ", "INFO") for verdict in Verdict}
    for path in (ROOT / "functions").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "log.event":
                severity = next((one.value for one in node.args[1:] if isinstance(one, ast.Constant)), "INFO")
                found.add((beginning(node.args[0]), str(severity)))
    return frozenset(found)


def beginning(message: ast.expr) -> str:
    first = message.values[0] if isinstance(message, ast.JoinedStr) else message
    return str(first.value) if isinstance(first, ast.Constant) else ""


def rings(line: dict[str, Any], signal: dict[str, Any]) -> bool:
    """Reads a signal as Cloud Logging would read its filter."""
    if not line["message"].startswith(signal["says"]):
        return False
    where = str(signal.get("where", ""))
    if "left<" in where:
        return bool(line["left"] < 20)
    counters = re.findall(r"jsonPayload\.(\w+)>(\d+)", where)
    severities = {"severity>=CRITICAL": {"CRITICAL"}, "severity=ERROR": {"ERROR"}}
    if where in severities:
        return line["severity"] in severities[where]
    return not counters or any(line.get(counter, 0) > int(least) for counter, least in counters)


def lines(said: str) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in said.splitlines() if line.startswith("{"))


@pytest.mark.parametrize("name", sorted(table("signals") | table("lengths")))
def test_a_signal_is_something_that_a_function_writes(name: str) -> None:
    says = (table("signals") | table("lengths"))[name]["says"]
    assert any(line.startswith(says) for line, _ in written())


def named(line: ast.Call) -> set[str]:
    """Gives the fields that a line names itself, or takes from a function of the same module."""
    spread = {
        "vars(swept)": {each.name for each in fields(Swept)},
        "_waited(look, moment)": {"waited", "tries", "since_accepted"},
    }
    return {one.arg or "" for one in line.keywords} | {
        each for one in line.keywords if one.arg is None for each in spread[ast.unparse(one.value)]
    }


@cache
def fields_written() -> dict[str, set[str]]:
    """Gives the fields of the lines, by how these begin; a verdict begins with nothing that is written out."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "functions").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "log.event":
                found.setdefault(beginning(node.args[0]), set()).update(named(node))
    return found | {f"{verdict}: ": found[""] for verdict in Verdict}


def test_each_field_that_is_looked_at_is_written_with_its_line() -> None:
    asked = [(one["says"], one["value"]) for one in table("lengths").values()]
    for one in table("signals").values():
        asked += [(one["says"], name) for name in re.findall(r"jsonPayload\.(\w+)", one.get("where", ""))]
    assert {name for says, name in asked if says == "swept"} == {
        *("overdue", "unsent", "spilled", "notifications", "timers", "replies")
    }
    assert [(says, name) for says, name in asked if name not in fields_written().get(says, set())] == []


def test_every_alarm_has_its_signal_and_every_signal_its_use() -> None:
    shown = set(re.findall(r"user/tocsin/(\w+)", (GCP / "dashboard.json").read_text(encoding="utf-8")))
    signals, lengths = set(table("signals")), set(table("lengths"))
    counted = {name for name, one in table("alarms").items() if "of" not in one}
    assert not signals & lengths
    assert counted <= signals
    assert lengths <= shown <= signals | lengths
    assert signals <= shown | counted


def test_what_the_pager_must_watch_of_itself_rings() -> None:
    """The list of what is exported from the first day on, each with the alarm or the length that shows it."""
    watched = {
        "oldest unsent page": "late", "unknown answers": "unknown", "repairs by the sweep": "repaired",
        "dead letters": "dead", "quarantine": "quarantined", "a channel that fails": "left_alone",
        "books that do not balance": "books", "the canary": "canary", "gaps ahead": "gap", "pages twice": "twice",
        "alerts that wait": "waiting", "late tasks": "tardy", "accepted to call": "first", "the credit": "credit",
        "quarantine's depth": "lying",
    }  # fmt: skip
    assert set(watched.values()) <= set(table("alarms"))
    assert "paused" in table("others")
    assert "UpdateQueue" not in GCP.joinpath("alerts.tf").read_text(encoding="utf-8")  # or each apply would ring
    assert {"accepted_to_call", "credit_left", "in_quarantine"} <= set(table("lengths"))
    assert {"unsent", "waited", "answered", "canary_way", "pages", "timers", "replies"} <= set(table("lengths"))


def test_every_bad_line_rings() -> None:
    told = [one for name, one in table("signals").items() if name in table("alarms")]
    bad = [(says, severity) for says, severity in written() if severity in {"ERROR", "CRITICAL"}]
    assert len(bad) > 10
    for says, severity in bad:
        assert any(rings({"message": says, "severity": severity}, one) for one in told), says


def test_a_quiet_minute_rings_nothing_and_a_page_that_the_sweep_had_to_send_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    night = Night(load(TEAM))
    capsys.readouterr()
    night.world.sweep()
    [quiet] = lines(capsys.readouterr().out)
    assert {name for name, one in table("signals").items() if rings(quiet, one)} == {"swept"}
    night.world.queue.forgetful = True
    night.alert("checkout is down")
    night.passes(minutes=2)
    rung = {
        name for line in lines(capsys.readouterr().out) for name, one in table("signals").items() if rings(line, one)
    }
    assert {"accepted", "sent", "repaired"} <= rung
    assert not {"worst", "overdue"} & rung


def test_each_alarm_reaches_everybody_named_and_never_through_the_pager_itself(company: Plan) -> None:
    policies = [*company.of("google_monitoring_alert_policy")]
    assert len(policies) == sum(len(table(name)) for name in ("alarms", "doors", "others"))
    for one in policies:
        assert len(one.values["notification_channels"]) == 2
        assert one.values["documentation"][0]["content"]
    assert {one.values["type"] for one in company.of("google_monitoring_notification_channel")} == {"email"}


def test_each_alarm_counts_the_lines_of_its_own_signal(company: Plan) -> None:
    metrics = {one.key: one.values for one in company.of("google_logging_metric")}
    for one in company.of("google_monitoring_alert_policy", "alarm"):
        [condition] = one.values["conditions"]
        measured = table("alarms")[one.key].get("of")
        if "over" in table("alarms")[one.key]:
            [threshold] = condition["condition_threshold"]
            assert (measured or f"user/{metrics[one.key]['name']}") + '"' in threshold["filter"]
        else:
            [matched] = condition["condition_matched_log"]
            assert matched["filter"] == metrics[one.key]["filter"]
            assert one.values["alert_strategy"][0]["notification_rate_limit"]
    assert metrics["canary"]["filter"].endswith(
        'AND (jsonPayload.message=~"^the canary of " OR textPayload=~"^the canary of ")'
    )
    assert 'service_name=("calendar" OR "escalate" OR' in metrics["wrong"]["filter"]


def test_keys_in_the_path_are_in_no_log(company: Plan) -> None:
    excluded = company.only("google_logging_project_exclusion", "keys")["filter"]
    assert excluded.endswith(
        'run.googleapis.com%2Frequests" AND (resource.labels.service_name=("ingest" OR "calendar") '
        'OR httpRequest.requestUrl:"/page/")'
    )

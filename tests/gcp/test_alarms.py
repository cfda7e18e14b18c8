"""What rings is what the code writes: every signal in alerts.tf is a line of a function, and every bad line rings."""

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
    found: dict[str, dict[str, Any]] = Module.read("alerts.tf").local(name)
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
    counters = re.findall(r"jsonPayload\.(\w+)>0", where)
    severities = {"severity>=CRITICAL": {"CRITICAL"}, "severity=ERROR": {"ERROR"}}
    if where in severities:
        return line["severity"] in severities[where]
    return not counters or any(line.get(counter, 0) > 0 for counter in counters)


def lines(said: str) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in said.splitlines() if line.startswith("{"))


@pytest.mark.parametrize("name", sorted(table("signals")))
def test_a_signal_is_something_that_a_function_writes(name: str) -> None:
    says = table("signals")[name]["says"]
    assert any(line.startswith(says) for line, _ in written())


def test_the_counters_are_those_of_the_sweep() -> None:
    known = {each.name for each in fields(Swept)}
    asked = {
        name for one in table("signals").values() for name in re.findall(r"jsonPayload\.(\w+)", one.get("where", ""))
    }
    assert asked == {"overdue", "spilled", "notifications", "timers", "replies"}
    assert asked <= known


def test_every_alarm_has_its_signal_and_every_signal_its_use() -> None:
    shown = set(re.findall(r"user/tocsin/(\w+)", (GCP / "dashboard.json").read_text(encoding="utf-8")))
    signals = set(table("signals"))
    assert set(table("alarms")) <= signals
    assert shown <= signals
    assert signals <= shown | set(table("alarms"))


def test_every_bad_line_rings() -> None:
    told = [table("signals")[name] for name in table("alarms")]
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
    assert len(policies) == sum(len(table(name)) for name in ("alarms", "measures", "doors")) + 2
    for one in policies:
        assert len(one.values["notification_channels"]) == 2
        assert one.values["documentation"][0]["content"]
    assert {one.values["type"] for one in company.of("google_monitoring_notification_channel")} == {"email"}


def test_each_alarm_counts_the_lines_of_its_own_signal(company: Plan) -> None:
    metrics = {one.key: one.values for one in company.of("google_logging_metric")}
    for one in company.of("google_monitoring_alert_policy", "alarm"):
        [threshold] = one.values["conditions"][0]["condition_threshold"]
        assert f'user/{metrics[one.key]["name"]}"' in threshold["filter"]
    assert metrics["canary"]["filter"].endswith(
        'AND (jsonPayload.message=~"^the canary of " OR textPayload=~"^the canary of ")'
    )
    assert 'service_name=("calendar" OR "escalate" OR' in metrics["wrong"]["filter"]


def test_keys_in_the_path_are_in_no_log(company: Plan) -> None:
    excluded = company.only("google_logging_project_exclusion", "keys")["filter"]
    assert excluded.endswith('run.googleapis.com%2Frequests" AND resource.labels.service_name=("ingest" OR "calendar")')

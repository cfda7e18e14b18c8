"""What would happen is found out by the code that does it: the pages, their times, their words, and what they cost."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from infra.cli import snapshot
from infra.cli.configfile import load
from infra.cli.whatif import prices
from infra.cli.whatif.night import Night
from infra.cli.whatif.recorded import relive
from tests.cli.broken import GOOD
from tests.cli.launching import ROOT
from tests.cli.test_oncall import answered, apply, said, tocsin
from tests.cli.test_plan import raised
from tests.stories import night as stories
from tests.stories.world import UTC_NIGHT
from tocsin import desk
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.alert import Severity

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEAM = load(ROOT / "tests" / "stories" / "team.yaml")
ALERT = {
    "version": "4",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "it is down", "severity": "critical"},
            "annotations": {"summary": "it is down"},
            "fingerprint": "it is down",
        }
    ],
}


def without_code(text: str) -> str:
    return re.sub(r"\b\d{4}\b", "CODE", text)


def test_without_an_answer_the_policy_is_gone_through_once_to_the_catch_all() -> None:
    night = Night(TEAM, UTC_NIGHT)
    assert night.post("checkout-alertmanager", json.dumps(ALERT).encode()).status == 202
    assert night.pass_by()
    sent = [(each.at - UTC_NIGHT, each.channel, night.notification(each).user) for each in night.phones.sent]
    rounds = [(0 * MINUTE, "primary"), (5 * MINUTE, "secondary"), (15 * MINUTE, "primary"), (20 * MINUTE, "secondary")]
    expected = [
        (at + after, channel, user)
        for at, user in [*rounds, (30 * MINUTE, "manager")]
        for after, channel in ((0 * MINUTE, "sms"), (2 * MINUTE, "voice"))
    ]
    assert sent == expected


@pytest.mark.parametrize("service", ["checkout", "payments", "search", "stock", "reports", "dialled"])
def test_what_is_simulated_is_what_then_happens(service: str) -> None:
    simulated = Night(TEAM, UTC_NIGHT)
    simulated.post(f"{service}-alertmanager", json.dumps(ALERT).encode())
    simulated.pass_by()
    last = simulated.phones.sent[-1].at
    real = stories.Night(TEAM)
    real.alert("it is down", service=service)
    real.passes(seconds=(last - UTC_NIGHT).total_seconds())
    texts = [
        (round((one.created_at - UTC_NIGHT).total_seconds()), one.to, without_code(one.body))
        for phone in real.phones.values()
        for one in phone.received()
    ]
    calls = [
        (round((one.created_at - UTC_NIGHT).total_seconds()), one.to)
        for phone in real.phones.values()
        for one in phone.calls()
    ]
    sent = [(round((each.at - UTC_NIGHT).total_seconds()), each) for each in simulated.phones.sent]
    assert sorted((at, one.number, without_code(one.words)) for at, one in sent if one.channel == "sms") == sorted(
        texts
    )
    assert sorted((at, one.number) for at, one in sent if one.channel == "voice") == sorted(calls)


def test_what_is_open_when_support_hours_begin_is_raised(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    hours = "{time_zone: UTC, hours: [mon-fri 09:00-17:30], raise_pending: true}"
    file.write_text(GOOD.replace("urgency: high", f"urgency: by_support_hours\n    support_hours: {hours}"))
    start = datetime(2026, 7, 10, 8, 58, tzinfo=UTC)
    night = Night(load(file), start)
    night.post("checkout-am", json.dumps(ALERT).encode())
    assert night.pass_by()
    assert [(each.at - start, each.channel) for each in night.phones.sent[:3]] == [
        (0 * MINUTE, "sms"),
        (2 * MINUTE, "sms"),
        (4 * MINUTE, "voice"),
    ], "alice is only called about what is urgent"


def test_what_was_accepted_is_tried_again_with_the_answers_people_gave(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(GOOD)
    before, store = load(file), EmbeddedStore(":memory:")
    raised(store, before, NOW - 3 * DAY, "long ago")
    identity = raised(store, before, NOW - DAY, "last night")
    desk.acknowledged(store, identity, "Bob Okafor", NOW - DAY + 6 * MINUTE)
    raised(store, before, NOW - HOUR, "unanswered", Severity.WARNING)
    night = Night(before, NOW - 2 * DAY)
    assert relive(store, NOW - 2 * DAY, night)
    assert night.pass_by()
    first, second = night.incidents()
    assert (first.title, first.status, first.answered_by) == ("last night is down", "acknowledged", "Bob Okafor")
    pages = [(each.at - first.opened_at, each.words[:10]) for each in night.phones.sent if each.at < second.opened_at]
    assert pages == [(0 * MINUTE, "Checkout: "), (5 * MINUTE, "Checkout: ")], "after the answer nobody is paged"
    assert second.opened_at == NOW - HOUR
    assert store.query("notifications", ("state", "==", "sent")) == [], "the pager itself has done nothing"


def test_an_alert_in_a_file_is_told_page_by_page(pager: Path) -> None:
    apply(pager, GOOD)
    (pager / "alert.json").write_text(json.dumps(ALERT))
    words = ("simulate", "--alert", "alert.json", "--integration", "checkout-am", "--at", "2026-07-10T12:00Z")
    found = answered(pager, *words)
    first = found["pages"][0]
    assert (first["user"], first["channel"], first["level"], first["cost"]) == ("alice", "sms", 1, 0.0118)
    assert first["text"].startswith("Checkout: it is down. Reply ack ")
    assert first["because"] == "on call in primary by rotation"
    assert found["cost"] == pytest.approx(sum(each["cost"] for each in found["pages"]))
    lines = said(pager, *words).splitlines()
    assert lines[0].startswith("it is down (Checkout, high urgency), ")
    assert lines[1] == "    +0:00:00  triggered: checkout-am says: it is down"
    assert re.fullmatch(r'    \+0:02:00  call to Alice Martin \(\$0\.0140\): "This is Tocsin\. .*"', lines[4])
    assert "then" not in lines[-1]
    assert lines[-1].startswith("7 texts and 3 calls: $0.1246 (prices quoted in April 2026")
    assert answered(pager, "incident", "list", "--all") == {"incidents": []}
    assert said(pager, *words) == said(pager, *words), "the same question has the same answer"


def test_another_configuration_is_tried_without_a_pager(pager: Path) -> None:
    (pager / "alert.json").write_text(json.dumps(ALERT))
    (pager / "team.yaml").write_text(GOOD.replace("[user bob], delay", "[user alice], delay"))
    (pager / ".tocsin" / "settings.json").unlink()
    words = ("simulate", "--alert", "alert.json", "--integration", "checkout-am", "--config", "team.yaml")
    found = answered(pager, *words, "--at", "2026-07-10T12:00Z")
    assert {each["user"] for each in found["pages"] if each["level"] == 2} == {"alice"}


def test_what_was_accepted_is_tried_with_another_configuration(pager: Path) -> None:
    config = apply(pager, GOOD)
    raised(EmbeddedStore(pager / "tocsin.db"), config, NOW, "it")
    (pager / "team.yaml").write_text(GOOD.replace("[schedule primary], delay", "[user alice], delay"))
    since = ("simulate", "--since", "2026-07-01T00:00Z")
    assert answered(pager, *since)["pages"][0]["user"] == "bob"
    assert answered(pager, *since, "--config", "team.yaml")["pages"][0]["user"] == "alice"
    (pager / "team.yaml").write_text(GOOD.replace("checkout-am: ", "another: "))
    assert answered(pager, *since, "--config", "team.yaml")["refused"] == {"checkout-am": 1}
    lines = said(pager, *since, "--config", "team.yaml").splitlines()
    assert lines[1] == "1 alert would not come in: there is no integration checkout-am"
    assert snapshot.current(EmbeddedStore(pager / "tocsin.db")).version == 2  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (
            ("--alert", "alert.json"),
            2,
            "say with --integration through which one it comes in: checkout-am, checkout-any",
        ),
        (("--alert", "alert.json", "--integration", "checkout-ma"), 1, "did you mean checkout-am?"),
        (("--alert", "broken.json", "--integration", "checkout-am"), 1, "would not accept broken.json: "),
        (("--since", "2199-01-01"), 2, "2199-01-01 is still to come"),
        (("--alert", "alert.json", "--since", "2026-01-01"), 2, "say what to try"),
        ((), 2, "say what to try"),
    ],
)
def test_what_cannot_be_tried_is_one_sentence(pager: Path, words: tuple[str, ...], code: int, sentence: str) -> None:
    apply(pager, GOOD)
    (pager / "alert.json").write_text(json.dumps(ALERT))
    (pager / "broken.json").write_text("{")
    result = tocsin(pager, "simulate", *words)
    assert (result.returncode, result.stdout) == (code, "")
    assert sentence in result.stderr


@pytest.mark.parametrize(
    ("number", "channel", "words", "dollars"),
    [
        ("+15550100101", "sms", "a" * 160, "0.0118"),
        ("+15550100101", "sms", "a" * 161, "0.0236"),
        ("+15550100101", "sms", "[" * 80, "0.0118"),
        ("+15550100101", "sms", "[" * 81, "0.0236"),
        ("+15550100101", "sms", "a" * 307, "0.0354"),
        ("+15550100101", "voice", "a" * 500, "0.014"),
        ("+447700900123", "sms", "a", None),
        ("+18765550123", "sms", "a", None),
    ],
)
def test_a_text_costs_by_the_segment_and_what_is_not_known_is_not_guessed(
    number: str, channel: str, words: str, dollars: str | None
) -> None:
    assert prices.price(number, channel, words) == (Decimal(dollars) if dollars else None)


def test_route_test_says_where_it_goes_and_exits_with_1_if_that_is_elsewhere(pager: Path) -> None:
    apply(pager, GOOD.replace("urgency: high", "urgency: by_severity"))
    words = ("route", "test", "alertname=HighLatency", "--integration", "checkout-am", "--at", "2026-07-10T12:00Z")
    assert said(pager, *words, "severity=warning", "--expect", "checkout") == (
        "checkout-am -> checkout (Checkout), low urgency, level 1: Alice Martin (on call in primary by rotation)\n"
    )
    found = answered(pager, *words, "severity=page")
    assert (found["service"], found["urgency"], found["users"], found["expected"]) == (
        "checkout",
        "high",
        ["alice"],
        True,
    )
    other = tocsin(pager, *words, "--expect", "chekout")
    assert (other.returncode, other.stderr) == (1, "expected: chekout, which is no service, did you mean checkout?\n")
    assert tocsin(pager, "route", "test", "severity", "--integration", "checkout-am").returncode == 2

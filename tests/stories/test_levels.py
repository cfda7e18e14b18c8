"""What fills or empties slowly is looked at once an hour, and how long a page took is told of first pages alone."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.clients.telephone import Telephone
from tests.stories.night import Night
from tocsin import levels


def told(capsys: pytest.CaptureFixture[str], beginning: str) -> list[dict[str, Any]]:
    lines = (json.loads(one) for one in capsys.readouterr().out.splitlines() if one.startswith("{"))
    return [one for one in lines if one["message"].startswith(beginning)]


def test_the_credit_at_twilio_is_told_once_an_hour(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    night.passes(hours=3)
    assert [one["left"] for one in told(capsys, "the credit at Twilio: 100.00 USD")] == [100.0] * 3


def test_a_credit_that_twilio_does_not_tell_is_no_failure(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    night.world.queue.publish_now(b"not an event")
    night.passes(minutes=1)
    moment = replace(night.world.moment(), now=night.world.now.replace(minute=levels.MINUTE))
    levels.look(night.world.store, Telephone("another token").twilio, moment)
    lines = capsys.readouterr().out
    assert "Twilio does not say what credit is left: Twilio refuses the account: error 20003" in lines
    assert "in quarantine: 1 messages" in lines


def test_what_lies_in_quarantine_is_told_until_it_was_replayed(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        night.world.queue.publish_now(f"not an event {number}".encode())
    night.passes(hours=1)
    assert [one["depth"] for one in told(capsys, "in quarantine: ")] == [3]
    (path, document), *_ = night.world.store.query("quarantine")
    replayed = document | {"replayed_at": night.world.now}
    night.world.store.transact(lambda tx: tx.put(f"quarantine/{path}", replayed))
    night.passes(hours=1)
    assert [one["depth"] for one in told(capsys, "in quarantine: ")] == [2]


def test_of_a_first_page_is_told_how_long_its_alert_was_on_its_way(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    night.alert("checkout is down")
    night.passes(minutes=2, seconds=5)
    night.phone("primary").receives("checkout is down").rings()
    first, second = told(capsys, "send: ")
    assert 0 <= first["since_accepted"] < 5
    assert "since_accepted" not in second  # a call that was to follow after two minutes


def test_of_a_page_that_waits_for_its_turn_it_is_not_told(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    night.alert("disk is full", service="reports")
    night.alert("host-1 is down", service="reports")
    night.passes(minutes=1, seconds=30)
    night.phone("primary").receives("disk is full").receives("host-1 is down")
    assert [("since_accepted" in one) for one in told(capsys, "send: ")] == [True, False]

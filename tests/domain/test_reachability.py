"""Who is on call in the next days, and whether anything shows that he can be reached."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.cli.configfile import load
from tocsin.domain.config import Canary, ContactRule, Urgency
from tocsin.domain.phone import Phone
from tocsin.domain.reachability import FATAL, Doubt, doubts, duties
from tocsin.domain.verification import Verification

NOW = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
DAY = timedelta(days=1)
TEAM = load(Path(__file__).parents[1] / "stories" / "team.yaml")
ALICE = TEAM.users["primary"]
VERIFIED = Verification(verified_at=NOW - 100 * DAY, verified_user="primary")
FRESH = NOW - 3 * DAY


def test_everybody_who_may_be_paged_is_named_with_his_next_duty_first() -> None:
    found = duties(TEAM, NOW, NOW + 14 * DAY)
    assert [one.because for one in found["primary"]][:2] == ["shop", "policy pair"]
    assert {one.because for one in found["primary"]} == {"shop", "by-turns", "policy pair", "policy twice"}
    assert {one.because for one in found["manager"]} == {"policy pair", "the catch-all"}
    assert {one.because for one in duties(TEAM, NOW, NOW + 40 * DAY)["manager"]} == {
        "policy pair", "the catch-all", "by-turns",
    }  # fmt: skip
    [turn] = [one for one in found["primary"] if one.because == "by-turns"]
    assert turn.start == datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_the_contact_of_the_canary_is_nobody() -> None:
    assert "contact" in duties(TEAM, NOW, NOW + DAY)
    assert "contact" not in duties(replace(TEAM, canary=Canary("canary", DAY)), NOW, NOW + DAY)


def test_a_policy_that_no_service_has_pages_nobody() -> None:
    services = {name: one for name, one in TEAM.services.items() if one.policy != "call"}
    assert "caller" in duties(TEAM, NOW, NOW + DAY)
    assert "caller" not in duties(replace(TEAM, services=services), NOW, NOW + DAY)


CASES = {
    "never tried": (Phone(), [Doubt.UNPROVED]),
    "verified and tested": (Phone(verification=VERIFIED, reached_at=FRESH), []),
    "verified, not tested": (Phone(verification=VERIFIED), [Doubt.STALE]),
    "tested, not verified": (Phone(reached_at=FRESH), [Doubt.UNVERIFIED]),
    "tested long ago": (Phone(reached_at=NOW - 30 * DAY, verification=VERIFIED), [Doubt.STALE]),
    "tested in time": (Phone(reached_at=NOW - 29 * DAY, verification=VERIFIED), []),
    "somebody else's": (Phone(verification=replace(VERIFIED, verified_user="secondary")), [Doubt.UNPROVED]),
    "stopped": (Phone(verification=VERIFIED, reached_at=FRESH, opted_out=True), [Doubt.ONLY_CALLS]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_speaks_against_reaching_somebody(case: str) -> None:
    phone, expected = CASES[case]
    assert doubts(ALICE, phone, NOW) == expected


def test_one_channel_is_a_doubt_and_a_stopped_one_is_the_end() -> None:
    texted = replace(ALICE, rules={Urgency.HIGH: (ContactRule("sms"), ContactRule("sms", DAY))})
    proved = Phone(verification=VERIFIED, reached_at=FRESH)
    assert doubts(texted, proved, NOW) == [Doubt.ONE_CHANNEL]
    stopped = doubts(texted, replace(proved, opted_out=True), NOW)
    assert stopped == [Doubt.STOPPED, Doubt.ONE_CHANNEL]
    assert FATAL & set(stopped) == {Doubt.STOPPED}
    called = replace(ALICE, rules={Urgency.HIGH: (ContactRule("voice"),)})
    assert doubts(called, replace(proved, opted_out=True), NOW) == [Doubt.ONLY_CALLS, Doubt.ONE_CHANNEL]

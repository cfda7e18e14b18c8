"""Twilio is out for everybody: no policy burns meanwhile, and only what belongs to a page proves that it was sent."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night

TEAM = ("primary", "secondary", "manager")


def throttles(night: Night) -> None:
    for user in TEAM:
        night.phone(user).meets(Kind.THROTTLED, times=None)


def breaks(night: Night) -> None:
    for user in TEAM:
        night.phone(user).meets(Kind.BROKEN, times=None)


def closes(night: Night) -> None:
    night.world.wire.closed = True


def comes_back(night: Night) -> None:
    night.world.wire.closed = False
    night.world.network.cancel_faults()


# Twilio's trouble is nobody's fault: whoever was to be paged is still to be paged.
@pytest.mark.parametrize("trouble", [throttles, closes])
def test_two_minutes_without_twilio_burn_no_level(night: Night, trouble: Callable[[Night], None]) -> None:
    trouble(night)
    night.alert("checkout is down")
    night.passes(minutes=2)
    assert night.told("alarm") + night.told("escalated") == 0
    comes_back(night)
    night.passes(seconds=31)
    night.phone("primary").receives("checkout is down").rings().answers("ack").receives("Acknowledged")
    night.phone("secondary").stays_silent()


@pytest.mark.parametrize("trouble", [throttles, breaks, closes])
def test_after_a_longer_outage_somebody_is_paged_within_two_minutes(
    night: Night, trouble: Callable[[Night], None]
) -> None:
    trouble(night)
    night.alert("checkout is down")
    night.passes(minutes=12)
    comes_back(night)
    night.passes(minutes=2)
    assert any(night.phone(user).received() or night.phone(user).calls() for user in TEAM)
    for user in TEAM:
        night.phone(user).has_had_enough()


# What proves that something was sent


def test_a_text_made_before_an_outage_is_found_after_it(night: Night) -> None:
    phone = night.phone("primary").meets(Kind.CALLBACK_MISSING, times=None).meets(Kind.LOST_AFTER, On.TEXT)
    night.alert("checkout is down")
    closes(night)
    night.passes(seconds=40)
    comes_back(night)
    night.passes(seconds=60)
    phone.receives("checkout is down")
    night.resolves("checkout is down")


def test_a_call_is_not_believed_because_of_another_pages_call(night: Night) -> None:
    phone = night.phone("caller").meets(Kind.CALLBACK_MISSING, times=None).meets(Kind.VOICEMAIL, times=None)
    night.world.wire.death = "after"
    night.alert("lines are cut", service="dialled")
    phone.meets(Kind.LOST_BEFORE, On.CALL)
    night.alert("power is out", service="dialled")
    night.passes(minutes=4)
    spoken = [part.text for call in phone.has_had_enough().calls() for part in call.spoken]
    assert any("lines are cut" in words for words in spoken)
    assert any("power is out" in words for words in spoken)


# A call that may not have been made has taken no turn: the next one goes out beside it.
@pytest.mark.parametrize("second_answer", [None, Kind.LOST_AFTER])
def test_a_call_that_was_never_made_is_not_believed_because_of_one_beside_it(
    night: Night, second_answer: Kind | None
) -> None:
    phone = night.phone("caller").meets(Kind.CALLBACK_MISSING, times=None).meets(Kind.VOICEMAIL, times=None)
    phone.meets(Kind.LOST_BEFORE, On.CALL)
    night.alert("lines are cut", service="dialled")
    if second_answer:
        phone.meets(second_answer, On.CALL)
    night.alert("power is out", service="dialled")
    night.passes(minutes=2)
    spoken = [part.text for call in phone.has_had_enough().calls() for part in call.spoken]
    assert any("lines are cut" in words for words in spoken)
    assert any("power is out" in words for words in spoken)


def test_a_call_that_was_never_made_is_not_believed_because_of_the_call_before_it(night: Night) -> None:
    night.alert("lines are cut", service="dialled")
    phone = night.phone("caller").rings().meets(Kind.LOST_BEFORE, On.CALL)
    night.passes(minutes=1)
    night.alert("power is out", service="dialled")
    night.passes(seconds=20)
    phone.rings().picks_up().hears("power is out").presses("4").hears("Acknowledged")


# The list of open pages names the code of each of them: it reached the phone, the page did not.
def test_our_own_answer_is_no_evidence_of_a_page(night: Night) -> None:
    night.alert("stock is wrong", service="stock")
    phone = night.phone("primary").receives("stock is wrong").meets(Kind.LOST_BEFORE, On.TEXT)
    night.passes(minutes=1)
    night.alert("checkout is down")
    phone.answers("ack").receives("2 pages are open here: ", "like ack ")
    night.passes(seconds=30)
    phone.receives("Again: checkout is down. Reply ack ")


# What is late


def test_a_page_hours_late_says_from_when_it_is(night: Night) -> None:
    night.world.queue.forgetful = True
    night.world.sweeps = False
    night.alert("reports are missing", service="reports")
    night.passes(hours=3)
    night.world.sweep()
    night.passes(seconds=3)
    assert night.phone("primary").receives().text.startswith("From 02:14 UTC: reports are missing")


def test_a_page_on_time_does_not_say_from_when_it_is(night: Night) -> None:
    with night.delayed(minutes=1):
        night.alert("checkout is down")
    night.passes(minutes=1)
    assert night.phone("primary").receives().text.startswith("checkout is down")


# One request of a sweep may take nine seconds; the next sweep begins beside it.
def test_a_sweep_longer_than_a_claim_holds_pages_nobody_twice(night: Night) -> None:
    night.world.sweeps = False
    night.world.queue.forgetful = True
    crowd = night.joins(9)
    night.pages("reports", *crowd)
    night.alert("report is late", service="reports")
    night.world.takes(timedelta(seconds=9))
    night.world.now += timedelta(seconds=10)
    night.world.sweep()
    night.passes(seconds=3)
    for person in crowd:
        night.phone(person.id).receives("Reports: report is late")

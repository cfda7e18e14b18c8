"""What opens again and again is one incident and one page until it is stable; what stays broken is paged on."""

from datetime import timedelta

import pytest

from tests.stories.night import Night
from tocsin.domain.config import Flapping, Rule


@pytest.fixture
def flapping(night: Night) -> Night:
    """Give a night in which checkout has failed and recovered twice, and fails once more."""
    night.changes("services", "checkout", flapping=Flapping(3, timedelta(hours=1), timedelta(minutes=10)))
    phone = night.phone("primary")
    for _ in range(2):
        night.alert("checkout is down")
        phone.receives("checkout is down")
        night.resolves("checkout is down")
        night.passes(minutes=1)
    night.alert("checkout is down")
    phone.receives("Flapping, 3 times in 1h: checkout is down")
    assert night.told("flapping: 3 times in 1h: it is resolved when nothing has come for 10m") == 1
    return night


def test_while_it_flaps_it_stays_one_incident_and_pages_nobody_again(flapping: Night) -> None:
    flapping.phone("primary").answers("ack").receives("Acknowledged")
    for _ in range(5):
        flapping.resolves("checkout is down")
        flapping.passes(minutes=2)
        flapping.alert("checkout is down")
        flapping.passes(minutes=2)
    assert len(flapping.incidents()) == 3
    assert flapping.is_acknowledged()


def test_it_is_resolved_once_it_has_been_stable(flapping: Night) -> None:
    flapping.resolves("checkout is down")
    flapping.passes(minutes=9)
    assert flapping.is_open()
    flapping.passes(minutes=2)
    assert flapping.is_resolved(by="Tocsin")
    assert flapping.told("resolved", "because it has been stable for 10m") == 1


def test_saying_again_that_it_is_over_does_not_begin_the_wait_anew(flapping: Night) -> None:
    for _ in range(4):
        flapping.resolves("checkout is down")
        flapping.passes(minutes=3)
    assert flapping.is_resolved(by="Tocsin")


def test_what_is_over_and_settles_is_not_merged(flapping: Night) -> None:
    code = flapping.phone("primary").code
    flapping.alert("disk is full")
    flapping.passes(minutes=1)
    other = flapping.phone("primary").receives("disk is full")
    flapping.resolves("checkout is down")
    other.answers(f"merge {code} {other.code}").receives("is not merged: nothing was changed")
    other.answers(f"ack {other.code}").receives("Acknowledged")
    flapping.passes(minutes=12)
    assert sorted(one.status.value for one in flapping.incidents()) == ["acknowledged", *["resolved"] * 3]


def test_somebody_who_has_it_need_not_resolve_it(flapping: Night) -> None:
    flapping.phone("primary").answers("ack").receives("Acknowledged")
    flapping.resolves("checkout is down")
    flapping.passes(minutes=12)
    assert flapping.is_resolved(by="Tocsin")


def test_an_answer_while_it_settles_does_not_keep_it_open(flapping: Night) -> None:
    flapping.resolves("checkout is down")
    flapping.phone("primary").answers("ack").receives("Acknowledged")
    flapping.passes(minutes=12)
    assert flapping.is_resolved(by="Tocsin")


def test_what_stays_broken_is_paged_on(flapping: Night) -> None:
    flapping.resolves("checkout is down")
    flapping.passes(minutes=1)
    flapping.alert("checkout is down")
    flapping.passes(minutes=9, seconds=50)
    flapping.phone("primary").stays_silent()
    flapping.phone("secondary").stays_silent()
    flapping.passes(seconds=20)
    flapping.phone("secondary").receives("Flapping").answers("ack").receives("Acknowledged")


def test_what_stays_broken_from_the_beginning_is_escalated_as_ever(flapping: Night) -> None:
    flapping.passes(minutes=5, seconds=5)
    flapping.phone("primary").rings()
    flapping.phone("secondary").receives("Flapping").answers("ack").receives("Acknowledged")


def test_no_page_is_sent_for_what_is_over_at_the_moment(flapping: Night) -> None:
    flapping.passes(minutes=1)
    flapping.resolves("checkout is down")
    flapping.passes(minutes=8)
    flapping.phone("primary").stays_silent()


def test_with_its_timer_lost_it_is_settled_by_the_sweep(flapping: Night) -> None:
    flapping.resolves("checkout is down")
    flapping.world.queue.jobs.clear()
    flapping.passes(minutes=12)
    assert flapping.is_resolved(by="Tocsin")


def test_a_resolve_that_was_overtaken_settles_nothing_that_has_come_since(flapping: Night) -> None:
    flapping.phone("primary").answers("ack").receives("Acknowledged")
    with flapping.delayed(minutes=3):
        flapping.resolves("checkout is down")
    flapping.passes(minutes=1)
    flapping.alert("checkout is down")
    flapping.passes(minutes=20)
    assert flapping.is_acknowledged()


def test_openings_of_long_ago_do_not_count(night: Night) -> None:
    night.changes("services", "checkout", flapping=Flapping(3, timedelta(hours=1), timedelta(minutes=10)))
    for _ in range(4):
        night.alert("checkout is down")
        night.phone("primary").receives("checkout is down")
        night.resolves("checkout is down")
        night.passes(minutes=31)
    assert [one.flapping for one in night.incidents()] == [""] * 4


def test_a_service_can_do_without(night: Night) -> None:
    night.changes("services", "checkout", flapping=None)
    for _ in range(8):
        night.alert("checkout is down")
        night.resolves("checkout is down")
    assert night.is_resolved(by="checkout-alertmanager")
    night.phone("primary").has_had_enough()


def test_what_fires_again_within_its_pause_pages_nobody_before_that_is_over(night: Night) -> None:
    night.changes("services", "checkout", flapping=Flapping(1, timedelta(hours=1), timedelta(minutes=2)))
    night.rules(Rule("patient", pause=timedelta(minutes=10)))
    night.alert("checkout is down")
    night.resolves("checkout is down")
    night.alert("checkout is down")
    night.passes(minutes=9)
    night.phone("primary").stays_silent()
    night.passes(minutes=2)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")

"""A canary goes to a test contact and back: while none comes through, the watcher outside hears nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from infra.local.phones.faults import Kind
from tests.stories.night import Night, Phone
from tocsin.domain.canary import Flight
from tocsin.domain.config import Canary, Target, TargetKind
from tocsin.records import from_document

EVERY = timedelta(minutes=10)


@pytest.fixture
def watched(night: Night) -> Night:
    """A night with a canary every ten minutes."""
    return with_canary(night)


@pytest.fixture
def answered(night: Night) -> Night:
    """The same, with a phone that answers."""
    return with_canary(night, answers=True)


def with_canary(night: Night, *, answers: bool = False) -> Night:
    night.world.config = replace(night.world.config, canary=Canary("canary", EVERY, answers))
    return night


def flight(night: Night) -> Flight:
    return from_document(Flight, night.world.store.get("canary/current") or {})


def beats(night: Night, minutes: int) -> int:
    """Let time pass, and count the heartbeats that the watcher heard in it."""
    before = len(night.world.watcher.beats)
    night.passes(minutes=minutes)
    return len(night.world.watcher.beats) - before


def reads_all(phone: Phone) -> None:
    while len(phone.received()) > phone.read:
        phone.receives("Canary of")


def test_a_canary_is_a_real_page_and_closes_by_itself(watched: Night) -> None:
    assert beats(watched, minutes=3) == 3
    watched.phone("contact").receives("Canary of 02:15 UTC, a test of this pager")
    assert watched.is_resolved(by="the canary")
    assert flight(watched).routed_at
    assert flight(watched).texted_at


def test_another_one_follows_in_time(watched: Night) -> None:
    assert beats(watched, minutes=35) == 35
    for at in ("02:15", "02:25", "02:35", "02:45"):
        watched.phone("contact").receives(f"Canary of {at}")
    assert {str(one.status) for one in watched.incidents()} == {"resolved"}


def test_canaries_take_each_of_the_two_subscriptions_in_turn(watched: Night) -> None:
    assert beats(watched, minutes=35) == 35
    assert watched.world.queue.published == {True: 2, False: 2}
    reads_all(watched.phone("contact"))


def test_a_subscription_that_pushes_to_nobody_is_seen(watched: Night, capsys: pytest.CaptureFixture[str]) -> None:
    watched.world.queue.dead = {False}
    assert beats(watched, minutes=16) == 16
    assert beats(watched, minutes=4) == 0
    assert "was published, no further; of the subscriptions it took the ordinary one" in capsys.readouterr().out
    reads_all(watched.phone("contact"))


def test_a_dead_subscription_is_not_alive_because_a_canary_comes_back_by_the_other(
    watched: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    watched.world.queue.dead = {False}
    beats(watched, minutes=16)
    assert beats(watched, minutes=13) == 0
    assert "was texted; before it nothing came through by the ordinary one" in capsys.readouterr().out
    watched.world.queue.dead = set()
    assert beats(watched, minutes=10) == 8
    reads_all(watched.phone("contact"))


def test_a_phone_that_was_just_paged_takes_a_canary_all_the_same(watched: Night) -> None:
    watched.pages("reports", Target(TargetKind.USER, "contact"))
    watched.passes(seconds=50)
    watched.alert("disk is full", service="reports")
    watched.phone("contact").receives("disk is full")
    watched.passes(seconds=15)
    watched.phone("contact").receives("Canary of 02:15 UTC")


def test_without_a_canary_nothing_is_sent(night: Night) -> None:
    night.passes(hours=1)
    assert night.incidents() == []


def test_a_canary_whose_text_never_leaves_silences_the_heartbeat_and_wakes_nobody(watched: Night) -> None:
    watched.phone("contact").meets(Kind.REFUSED, times=None, code=30006)
    assert beats(watched, minutes=6) == 6
    assert beats(watched, minutes=54) == 0
    for somebody in ("primary", "secondary", "manager", "contact"):
        watched.phone(somebody).stays_silent()


def test_a_canary_that_is_not_delivered_has_not_come_through(watched: Night) -> None:
    watched.phone("contact").meets(Kind.UNDELIVERED, times=None, code=30003)
    beats(watched, minutes=6)
    assert beats(watched, minutes=30) == 0
    assert flight(watched).texted_at is None
    for _ in watched.phone("contact").calls():
        watched.phone("contact").rings()


def test_the_heartbeat_comes_back_with_the_first_canary_that_comes_through(watched: Night) -> None:
    watched.phone("contact").meets(Kind.UNDELIVERED, times=1, code=30003)
    beats(watched, minutes=6)
    assert beats(watched, minutes=5) == 0
    assert beats(watched, minutes=10) == 10
    watched.phone("contact").rings().receives("Canary of 02:25")


def test_while_the_topic_refuses_canaries_the_watcher_hears_nothing(watched: Night) -> None:
    watched.world.queue.topic_down = True
    assert beats(watched, minutes=10) == 0
    watched.world.queue.topic_down = False
    assert beats(watched, minutes=10) == 10
    watched.phone("contact").receives("Canary of 02:25")


def test_while_nothing_is_routed_the_watcher_hears_nothing(watched: Night) -> None:
    watched.world.queue.delay = timedelta(hours=2)
    assert beats(watched, minutes=6) == 6
    assert beats(watched, minutes=30) == 0


def test_a_canary_that_is_routed_when_another_one_is_out_already_ends_by_itself(watched: Night) -> None:
    watched.world.queue.delay = timedelta(minutes=15)
    watched.passes(minutes=2)
    watched.world.queue.delay = timedelta(0)
    watched.passes(minutes=40)
    reads_all(watched.phone("contact"))
    assert {str(one.status) for one in watched.incidents()} == {"resolved"}
    watched.phone("manager").stays_silent()


def test_only_an_answer_will_do_where_the_phone_answers(answered: Night) -> None:
    answered.passes(minutes=2)
    answered.phone("contact").receives("Canary of 02:15").answers("ack").receives("Acknowledged")
    assert beats(answered, minutes=5) == 5
    assert flight(answered).answered_at
    assert answered.is_resolved(by="the canary")
    assert beats(answered, minutes=9) == 9
    assert beats(answered, minutes=5) == 0
    answered.phone("contact").receives("Canary of 02:25").receives("Canary of 02:35")


def test_a_level_that_ends_without_an_answer_pages_nobody_else(answered: Night) -> None:
    answered.passes(minutes=9)
    answered.phone("contact").receives("Canary of 02:15")
    assert answered.is_resolved(by="the canary")
    assert answered.told("resolved", "nobody else is asked for a test") == 1


def test_a_canary_stands_in_nobodys_way(watched: Night) -> None:
    watched.passes(minutes=1)
    watched.alert("checkout is down")
    watched.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    watched.phone("contact").receives("Canary of 02:15")


def test_a_canary_that_is_on_nobodys_record_does_not_stay_open(answered: Night) -> None:
    """Its publishing seemed to fail, or two sweeps sent one each: the contact answers it, and nothing else would."""
    answered.passes(minutes=1, seconds=5)
    answered.phone("contact").receives("Canary of").answers("ack").receives("Acknowledged")
    answered.world.store.spoils("canary/current", id="f" * 32)
    assert answered.is_acknowledged()
    answered.passes(minutes=1)
    assert answered.is_resolved(by="the canary")

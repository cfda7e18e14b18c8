"""Whose turn it is at a phone that has had its share, without the sweep, which would see to everybody in the end."""

from datetime import timedelta

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night
from tests.stories.test_digests import HOSTS, storm
from tocsin.domain import phone
from tocsin.domain.config import Target, TargetKind


@pytest.fixture(autouse=True)
def unswept(night: Night) -> None:
    night.world.sweeps = False


def test_texts_and_calls_to_one_phone_wait_apart(night: Night) -> None:
    night.changes("users", "caller", phone=night.phone("primary").number)
    phone = night.phone("primary")
    night.alert("disk is full", service="reports")
    night.alert("lines are cut", service="dialled")
    night.alert("power is out", service="dialled")
    night.alert("host-1 is down", service="reports")
    phone.receives("disk is full").rings()
    night.passes(seconds=50)
    phone.receives("Reports: host-1 is down. Reply ack ")
    night.passes(seconds=5)
    phone.rings().picks_up().hears("power is out").presses("4").hears("Acknowledged")


def test_a_page_that_has_to_wait_for_a_minute_does_not_wait_for_the_turn_of_a_repeat(night: Night) -> None:
    night.pages("reports", Target(TargetKind.USER, "primary"), every=timedelta(minutes=2), times=9)
    night.alert("disk is full", service="reports")
    night.passes(minutes=5, seconds=27)
    night.alert("host-1 is down", service="stock")
    assert len(night.phone("primary").received()) == 4
    night.phone("primary").has_had_enough()
    night.passes(seconds=32)
    night.alert("host-2 is down", service="stock")
    night.passes(seconds=25)
    night.phone("primary").receives("2 incidents", "disk is full", "host-2 is down")


def test_a_third_trouble_calls_at_once_though_a_text_has_told_of_it_before(night: Night) -> None:
    for title in HOSTS:
        night.alert(title)
        night.phone("primary").receives(title)
        night.passes(minutes=2)
        night.phone("primary").rings().picks_up().hears(title).presses("4").hears("Acknowledged")
        night.passes(minutes=2)


# What takes nobody's turn


def test_what_may_be_lost_takes_no_turn_and_is_sent_again_without_waiting_for_one(night: Night) -> None:
    phone = night.phone("primary").meets(Kind.LOST_BEFORE, On.TEXT)
    night.alert("disk is full", service="reports")
    night.alert("host-1 is down", service="reports")
    phone.receives("host-1 is down")
    night.passes(seconds=20)
    phone.receives("Again: Reports: disk is full")


def test_what_the_provider_refuses_takes_no_turn(night: Night) -> None:
    night.phone("primary").meets(Kind.REFUSED, On.TEXT, code=21211)
    night.alert("checkout is down")
    night.alert("host-1 is down", service="reports")
    night.phone("primary").rings().receives("host-1 is down")


def test_a_second_copy_leaves_those_that_wait_their_turn(night: Night) -> None:
    phone = night.phone("primary").meets(Kind.LOST_BEFORE, On.TEXT)
    night.alert("disk is full", service="reports")
    for title in HOSTS:
        night.alert(title, service="reports")
    phone.receives(HOSTS[0]).meets(Kind.REFUSED, On.TEXT, code=21211)
    night.passes(seconds=20)
    phone.rings()
    night.passes(seconds=40)
    phone.receives("2 incidents", *HOSTS[1:])


def test_the_turn_that_an_instance_took_with_it_when_it_died_is_given_back(night: Night) -> None:
    night.world.sweeps = True
    night.world.wire.death = "before"
    night.alert("disk is full", service="reports")
    night.passes(seconds=67)
    night.phone("primary").receives("Again: Reports: disk is full")
    for number in range(4):
        night.passes(minutes=1)
        night.alert(f"host-{number} is down", service="reports")
        night.phone("primary").receives(f"host-{number} is down")
    night.phone("secondary").has_had_enough()


# Two at once


def test_a_turn_that_another_instance_has_just_taken_is_not_taken_again(night: Night) -> None:
    storm(night, "disk is full", "host-1 is down")
    night.passes(seconds=50)
    where = phone.path(night.phone("primary").number)
    known = night.world.store.get(where) or {}
    taken = {"sms": [*known["paged"]["sms"], night.world.now]}
    night.world.store.rival = lambda: night.world.store.spoils(where, paged=taken)
    night.passes(seconds=30)
    night.phone("primary").stays_silent()
    night.passes(seconds=32)
    night.phone("primary").receives("host-1 is down")


def test_what_is_dropped_at_the_last_moment_is_dropped_once_and_not_told(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    night.passes(seconds=40)

    def answered() -> None:
        night.operator_acknowledges()
        [page] = [one for one, _ in night.world.store.query("notifications", ("incident", "==", night.incident.id))]
        night.world.queue.create("notify", {"notification": page})
        night.world.settle()

    night.claimed_after(answered)
    night.passes(seconds=20)
    night.phone("primary").receives("2 incidents", *HOSTS[:2])
    assert night.told("dropped", "already acknowledged by Olga Operator") == 1
    pages = [data["history"] for _, data in night.world.store.query("notifications", limit=1000)]
    assert sum(line["what"] == "dropped" for history in pages for line in history) == 1


def test_a_turn_that_nobody_needs_is_handed_on_though_another_page_has_just_been_sent(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    night.resolves("host-1 is down", service="reports")
    night.passes(seconds=40)
    where = phone.path(night.phone("primary").number)
    known = night.world.store.get(where) or {}
    night.world.store.spoils(where, paged={"sms": [*known["paged"]["sms"], night.world.now]})
    night.passes(seconds=40)
    night.phone("primary").stays_silent()
    night.passes(seconds=30)
    night.phone("primary").receives("2 incidents", *HOSTS[1:])


def test_what_another_instance_has_sent_at_the_last_moment_is_not_told_once_more(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    night.passes(seconds=40)
    [page] = [one for one, _ in night.world.store.query("notifications", ("incident", "==", night.incident.id))]
    night.claimed_after(lambda: night.world.store.spoils(f"notifications/{page}", state="sent", held="", next_at=None))
    night.passes(seconds=20)
    night.phone("primary").receives("2 incidents", *HOSTS[:2])


def test_a_page_that_has_been_sent_is_never_given_a_turn(night: Night) -> None:
    storm(night, "disk is full", "host-1 is down")
    night.passes(minutes=1)
    night.phone("primary").receives("host-1 is down")
    for title in HOSTS[1:]:
        night.alert(title, service="reports")
    night.resolves("host-2 is down", service="reports")
    night.passes(minutes=1)
    night.phone("primary").receives("host-3 is down")

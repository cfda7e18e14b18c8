"""Turns and digests when something goes wrong beside them: nobody's turn is lost, and nobody is told what is not so."""

from datetime import timedelta

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night
from tests.stories.test_digests import HOSTS, storm
from tests.stories.test_digests_in_trouble import put_off
from tocsin.domain.config import Target, TargetKind

ALERTMANAGER = "alertmanager/key-of-reports-alertmanager"


def test_several_in_a_row_that_need_no_turn_give_it_to_the_next(night: Night) -> None:
    night.world.sweeps = False
    storm(night, "disk is full", *HOSTS)
    night.resolves("host-1 is down", service="reports")
    night.resolves("host-2 is down", service="reports")
    night.passes(minutes=1)
    night.phone("primary").receives("host-3 is down")


def test_what_nobody_needs_any_more_is_not_asked_about_for_ever(night: Night) -> None:
    titles = [f"trouble {number}" for number in range(120)]
    for state in ("firing", "resolved"):
        alerts = [{"status": state, "labels": {"alertname": title}} for title in titles]
        night.world.post(ALERTMANAGER, {"version": "4", "alerts": alerts})
    night.passes(minutes=5)
    night.phone("primary").has_had_enough()
    for title in HOSTS:
        night.alert(title, service="reports")
    night.passes(minutes=2)
    night.phone("primary").receives("host-1 is down").receives("2 incidents", "host-2 is down", "host-3 is down")


def test_a_page_that_speaks_for_a_later_one_of_its_trouble_can_be_passed_on(night: Night) -> None:
    night.pages("reports", Target(TargetKind.USER, "primary"), every=timedelta(seconds=25), times=9)
    night.alert("disk is full", service="reports")
    night.passes(seconds=58)
    night.phone("primary").receives("disk is full").receives("disk is full").answers("{code}e").receives("Escalated")
    for user in ("primary", "manager"):
        night.phone(user).has_had_enough()


def test_a_second_copy_of_an_older_page_can_be_passed_on(night: Night) -> None:
    night.pages("reports", Target(TargetKind.USER, "primary"), every=timedelta(seconds=15), times=9)
    night.phone("primary").meets(Kind.LOST_BEFORE, On.TEXT)
    night.alert("disk is full", service="reports")
    night.passes(seconds=22)
    night.phone("primary").receives("disk is full").receives("Again").answers("{code}e").receives("Escalated")
    for user in ("primary", "manager"):
        night.phone(user).has_had_enough()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_digest_that_is_put_off_takes_no_turn_from_what_comes_meanwhile(night: Night, *, at_once: bool) -> None:
    night.world.sweeps = False
    put_off(night)
    titles = ("tape is torn", "fan is dead")
    if at_once:
        alerts = [{"status": "firing", "labels": {"alertname": title}} for title in titles]
        night.world.post(ALERTMANAGER, {"version": "4", "alerts": alerts})
    else:
        for title in titles:
            night.alert(title, service="reports")
    night.passes(minutes=3)
    texts = " / ".join(one.body for one in night.phone("primary").received())
    night.phone("primary").has_had_enough()
    for words in (*titles, "3 incidents"):
        assert texts.count(words) == 1


def test_the_first_copy_of_a_digest_fails_nothing_once_the_second_has_arrived(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    phone = night.phone("primary").meets(Kind.LOST_AFTER, On.TEXT).meets(Kind.UNDELIVERED, On.TEXT)
    phone.meets(Kind.CALLBACK_LATE, On.TEXT, times=4, seconds=60)
    night.world.wire.silent = True
    night.passes(minutes=3, seconds=30)
    phone.receives("Again: 3 incidents")
    assert not [one.title for one in night.incidents() if night.told_of(one, "failed")]


def test_a_probe_whose_claim_was_in_doubt_opens_the_channel_for_all(night: Night) -> None:
    night.world.sweeps = False
    crowd = night.joins(4)
    night.pages("reports", *crowd)
    for person in crowd:
        night.phone(person.id).meets(Kind.THROTTLED, On.TEXT)
    night.alert("report is late", service="reports")
    night.passes(seconds=3)
    night.world.network.cancel_faults()
    night.world.store.loses = 1
    night.passes(seconds=6)
    for person in crowd:
        night.phone(person.id).receives("report is late")

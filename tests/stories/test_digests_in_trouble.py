"""A digest is put off, loses what it speaks for, fails: each page is told once, and answered by its own code."""

from datetime import timedelta

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night
from tests.stories.test_digests import HOSTS, storm
from tocsin.domain import phone
from tocsin.domain.config import Target, TargetKind
from tocsin.domain.incident import Status


def put_off(night: Night) -> None:
    """Let the provider ask for patience when it is asked for a digest."""
    storm(night, "disk is full", *HOSTS)
    night.phone("primary").meets(Kind.THROTTLED, On.TEXT)
    night.passes(seconds=48)
    assert sum(night.told_of(one, "postponed") for one in night.incidents()) == 1


def test_a_digest_that_is_put_off_is_not_told_in_another_page(night: Night) -> None:
    put_off(night)
    alerts = [{"status": "firing", "labels": {"alertname": title}} for title in ("tape is torn", "fan is dead")]
    night.world.post("alertmanager/key-of-reports-alertmanager", {"version": "4", "alerts": alerts})
    night.passes(minutes=3)
    night.phone("primary").receives("Reports: tape is torn. Reply ack ")
    night.phone("primary").receives("Reports: fan is dead. Reply ack ")
    night.phone("primary").receives("3 incidents", *HOSTS).answers("{code}").receives("Acknowledged", "(all 3)")


def test_a_digest_that_is_put_off_says_the_same_later_and_nothing_that_came_meanwhile(night: Night) -> None:
    put_off(night)
    for title in ("tape is torn", "fan is dead"):
        night.alert(title, service="reports")
    night.passes(minutes=3)
    night.phone("primary").receives("Reports: tape is torn. Reply ack ").receives("3 incidents", *HOSTS)
    night.phone("primary").receives("Reports: fan is dead. Reply ack ")


def test_a_digest_that_is_put_off_says_the_same_to_the_phone_it_was_made_for(night: Night) -> None:
    put_off(night)
    night.changes("users", "primary", phone=night.phone("stranger").number)
    night.passes(seconds=3)
    night.phone("primary").receives("3 incidents", *HOSTS)


def test_what_a_digest_spoke_for_speaks_for_itself_when_nobody_needs_the_digest(night: Night) -> None:
    night.world.sweeps = False
    put_off(night)
    night.resolves("host-1 is down", service="reports")
    night.phone("primary").receives("host-2 is down")
    night.passes(minutes=1)
    night.phone("primary").receives("host-3 is down")


# The digest was made, its answer was lost, and nobody needs it any more when the carrier says that it cannot arrive.
def test_what_spoke_for_itself_does_not_fail_with_the_digest_that_should_have(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    phone = night.phone("primary").meets(Kind.LOST_AFTER, On.TEXT).meets(Kind.UNDELIVERED, On.TEXT)
    phone.meets(Kind.CALLBACK_LATE, On.TEXT, times=None, seconds=90)
    night.world.wire.silent = True
    night.passes(seconds=48)
    night.resolves("host-1 is down", service="reports")
    night.passes(minutes=3)
    phone.receives("host-2 is down").receives("host-3 is down")
    assert [one.title for one in night.incidents() if night.told_of(one, "failed")] == ["host-1 is down"]


def test_a_trouble_told_in_a_digest_has_a_code_of_its_own_when_it_is_told_alone(night: Night) -> None:
    night.pages("reports", Target(TargetKind.USER, "primary"), times=3)
    storm(night, "disk is full", *HOSTS[:2])
    night.passes(minutes=1)
    of_all = night.phone("primary").receives("2 incidents").code
    for title in ("disk is full", HOSTS[1]):
        night.resolves(title, service="reports")
    night.passes(minutes=5)
    assert night.phone("primary").receives("Reports: host-1 is down. Reply ack ").code != of_all
    night.phone("primary").answers("{code}").receives("Acknowledged", "host-1 is down. Nobody else")


def test_a_bare_ack_answers_what_is_left_of_a_digest(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    phone = night.phone("primary").answers("{code}").receives("Acknowledged")
    night.passes(minutes=1)
    phone.receives("3 incidents")
    night.resolves("host-2 is down", service="reports")
    phone.answers("ack").receives("Acknowledged", "(2 of 3, the others were answered before)")
    assert not [one for one in night.incidents() if one.status is Status.TRIGGERED]


def test_a_digest_with_two_pages_about_one_trouble_can_be_passed_on(night: Night) -> None:
    """What counts is the last time that the phone was told of it."""
    night.pages("reports", Target(TargetKind.USER, "primary"), every=timedelta(seconds=25), times=9)
    night.alert("disk is full", service="reports")
    night.alert("host-1 is down", service="stock")
    night.passes(seconds=55)
    night.phone("primary").receives("disk is full").receives("2 incidents").answers("{code}e")
    night.phone("primary").receives("Escalated", "(all 2)")
    for user in ("primary", "manager"):
        night.phone(user).has_had_enough()


# Both ways to somebody were lost at the provider, the second one in a digest: the person may be there all the same.
def test_nobody_is_given_up_because_a_provider_has_lost_a_digest(night: Night) -> None:
    caller = night.phone("caller").meets(Kind.BROKEN, times=None)
    where = phone.path(caller.number)
    night.world.store.spoils(where, paged={"sms": [night.world.now + timedelta(seconds=110)]})
    for title in ("lines are cut", "power is out"):
        night.alert(title, service="dialled")
    night.passes(minutes=4, seconds=40)
    assert any(night.told_of(one, "carried") for one in night.incidents())
    for incident in night.incidents():
        assert night.told_of(incident, "alarm", "the provider does not answer") == 1
        assert night.told_of(incident, "alarm", "can't be reached") == 0

"""Where a service wants it, an incident that no alert joins for long is resolved, and says so."""

from datetime import UTC, datetime, time, timedelta

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night
from tocsin.domain.calendar import Hours
from tocsin.domain.config import Rule
from tocsin.errors import Unavailable


def test_an_incident_that_nothing_joins_is_resolved_after_a_while(night: Night) -> None:
    night.changes("services", "checkout", auto_resolve=timedelta(hours=4))
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(hours=3, minutes=58)
    assert night.is_acknowledged()
    night.passes(minutes=4)
    assert night.is_resolved(by="Tocsin")
    assert night.told("resolved", "Tocsin resolved because no alert has come for 4h") == 1
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    assert len(night.incidents()) == 2


def test_each_alert_that_joins_begins_the_wait_anew(night: Night) -> None:
    night.changes("services", "checkout", auto_resolve=timedelta(hours=4))
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(hours=3)
    night.alert("checkout is down")
    night.passes(hours=3, minutes=58)
    assert night.is_acknowledged()
    night.passes(minutes=4)
    assert night.is_resolved(by="Tocsin")


def test_what_nobody_answers_is_paged_until_it_is_idle(night: Night) -> None:
    night.changes("services", "checkout", auto_resolve=timedelta(minutes=20))
    night.alert("checkout is down")
    night.passes(minutes=22)
    night.phone("primary").receives("down").rings().receives("down").rings()
    night.phone("secondary").has_had_enough()
    assert night.is_resolved(by="Tocsin")
    night.passes(hours=2)


def test_a_snoozed_incident_is_not_resolved_before_it_comes_back(night: Night) -> None:
    night.changes("services", "checkout", auto_resolve=timedelta(minutes=30))
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("snooze {code} 2h").receives("Snoozed")
    night.passes(hours=1, minutes=59)
    assert night.is_acknowledged()
    night.passes(minutes=3)
    assert night.is_resolved(by="Tocsin")
    night.phone("primary").has_had_enough()


def test_an_alert_that_was_accepted_before_and_arrives_after_it_was_closed_opens_a_new_one(night: Night) -> None:
    night.changes("services", "checkout", auto_resolve=timedelta(minutes=30))
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(minutes=29)
    with night.delayed(minutes=5):
        night.alert("checkout is down")
    night.passes(minutes=3)
    assert night.is_resolved(by="Tocsin")
    night.passes(minutes=2, seconds=30)
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    assert len(night.incidents()) == 2


def test_without_the_wish_an_incident_stays_open(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    assert night.incident.idle_at is None
    night.passes(days=2)
    assert night.is_acknowledged()


def test_what_nobody_has_been_told_of_yet_is_not_closed(night: Night) -> None:
    night.begins(datetime(2026, 11, 21, 2, 14, tzinfo=UTC))
    sleep = Hours(tuple(range(7)), time(22), time(7))
    night.changes("users", "primary", quiet_hours=sleep, time_zone="Europe/London")
    night.changes("services", "reports", auto_resolve=timedelta(hours=2))
    night.alert("report is late", service="reports")
    night.passes(hours=4, minutes=45)
    assert night.is_open()
    night.passes(minutes=5)
    night.phone("primary").receives("report is late")
    assert night.is_resolved(by="Tocsin")


def test_what_is_paused_for_longer_than_it_may_be_idle_is_paged_before_it_is_closed(night: Night) -> None:
    night.rules(Rule("patient", pause=timedelta(hours=1)))
    night.changes("services", "checkout", auto_resolve=timedelta(minutes=30))
    night.alert("checkout is down")
    night.passes(minutes=59)
    assert night.incident.is_paused
    night.passes(minutes=4)
    night.phone("primary").receives("checkout is down").has_had_enough()
    assert night.is_resolved(by="Tocsin")


def test_what_reaches_nobody_stays_open_until_somebody_is_told(night: Night) -> None:
    night.changes("services", "checkout", auto_resolve=timedelta(minutes=20))
    for name in ("primary", "secondary", "manager"):
        night.phone(name).meets(Kind.UNDELIVERED, On.TEXT, times=None).meets(Kind.FAILED, On.CALL, times=None)
    night.alert("checkout is down")
    night.passes(minutes=25)
    for name in ("primary", "secondary", "manager"):
        night.phone(name).has_had_enough()
    night.world.network.cancel_faults()
    night.passes(minutes=10)
    night.phone("manager").receives("checkout is down").has_had_enough()
    assert night.is_resolved(by="Tocsin")


def test_what_joined_just_before_it_was_closed_opens_a_new_one_though_the_process_died_between(night: Night) -> None:
    night.changes("services", "checkout", auto_resolve=timedelta(minutes=30))
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down").answers("ack").receives("Acknowledged")

    def dies() -> None:
        raise Unavailable("the process died")

    def joins() -> None:
        night.alert("checkout is down")
        night.world.store.meanwhile["events"] = dies

    def looks_for_what_was_suppressed() -> None:
        night.world.store.meanwhile["events"] = joins

    night.passes(minutes=30)
    night.world.store.meanwhile["events"] = looks_for_what_was_suppressed
    night.passes(minutes=1)
    assert (len(night.incidents()), night.alerts()) == (1, 2)
    assert night.is_resolved(by="Tocsin")
    night.passes(minutes=1)
    phone.receives("down").answers("ack").receives("Acknowledged")
    assert len(night.incidents()) == 2
    night.passes(minutes=10)

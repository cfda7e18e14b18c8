"""What is acknowledged is not forgotten: it comes back when it was snoozed, or when nobody resolves it in time."""

from datetime import timedelta

from tests.stories.night import Night


def test_what_is_acknowledged_and_not_resolved_in_time_is_paged_again_from_the_first_level(night: Night) -> None:
    night.changes("services", "checkout", acknowledgement_timeout=timedelta(minutes=30))
    night.alert("checkout is down")
    night.passes(minutes=6)
    night.phone("primary").receives("down").rings()
    night.phone("secondary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(minutes=29)
    night.phone("primary").stays_silent()
    night.passes(minutes=1)
    night.phone("primary").receives("Not resolved yet: checkout is down. Reply ack")
    assert night.is_open()
    assert night.told("triggered again", "Secondary Person acknowledged, and it is not resolved in time") == 1
    night.passes(minutes=5)
    night.phone("primary").rings()
    night.phone("secondary").receives("checkout is down").answers("resolve {code}").receives("Resolved")
    night.passes(hours=2)


def test_an_acknowledgement_that_lapses_does_so_each_time(night: Night) -> None:
    night.changes("services", "checkout", acknowledgement_timeout=timedelta(minutes=30))
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    for _ in range(3):
        phone.answers("ack").receives("Acknowledged")
        night.passes(minutes=30)
        phone.receives("Not resolved yet")
    phone.answers("resolve {code}").receives("Resolved")
    night.passes(hours=2)


def test_without_a_time_out_an_acknowledgement_holds(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(days=3)
    assert night.is_acknowledged()


def test_the_sweep_alone_brings_an_acknowledged_incident_back(night: Night) -> None:
    night.changes("services", "checkout", acknowledgement_timeout=timedelta(minutes=30))
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.world.queue.jobs.clear()
    night.passes(minutes=32)
    night.phone("primary").receives("Not resolved yet")


def test_an_operators_acknowledgement_lapses_as_well(night: Night) -> None:
    night.changes("services", "checkout", acknowledgement_timeout=timedelta(minutes=30))
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.operator_acknowledges()
    night.passes(minutes=32)
    night.phone("primary").receives("Not resolved yet")


def test_a_timer_that_is_delivered_twice_pages_once(night: Night) -> None:
    night.changes("services", "checkout", acknowledgement_timeout=timedelta(minutes=30))
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.world.queue.jobs += [job for job in night.world.queue.jobs if job.function == "escalate"]
    night.passes(minutes=30, seconds=10)
    night.phone("primary").receives("Not resolved yet")
    assert night.told("triggered again") == 1

"""What does not wait for the sweep: with it switched off people are paged in time, and no task is asked for in vain."""

from datetime import timedelta

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night


@pytest.fixture(autouse=True)
def unswept(night: Night) -> None:
    night.world.sweeps = False


def test_what_opens_again_after_an_older_resolve_is_paged_at_once(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.passes(minutes=1)
    with night.delayed(seconds=30):
        night.resolves("checkout is down")
    night.alert("checkout is down")
    night.passes(seconds=30)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_an_escalation_whose_pages_the_queue_refuses_pages_as_soon_as_it_takes_them(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=4, seconds=30)
    night.phone("primary").receives("checkout is down").rings()
    night.world.queue.down = True
    night.passes(minutes=1)
    night.phone("secondary").stays_silent()
    night.world.queue.down = False
    night.passes(seconds=31)
    night.phone("secondary").receives("checkout is down")
    night.passes(minutes=2)
    night.phone("secondary").rings()


# The clock of the instance that a task reaches may be behind that of the one that asked for it.
def test_what_comes_before_its_time_is_asked_for_again_and_happens_in_time(night: Night) -> None:
    night.world.queue.early = timedelta(seconds=10)
    night.alert("checkout is down")
    night.world.queue.early = timedelta(0)
    night.passes(seconds=112)
    night.phone("primary").receives("checkout is down").stays_silent()
    night.passes(seconds=6)
    night.phone("primary").rings()
    night.passes(minutes=2, seconds=55)
    night.phone("secondary").stays_silent()
    night.passes(seconds=6)
    night.phone("secondary").receives("checkout is down")


def test_a_lost_text_is_sent_again_though_twilio_cannot_say_what_it_has(night: Night) -> None:
    night.world.wire.silent = True
    night.phone("primary").meets(Kind.LOST_BEFORE, On.TEXT)
    night.alert("checkout is down")
    night.passes(seconds=30)
    night.phone("primary").receives("Again: checkout is down").answers("ack").receives("Acknowledged")


def test_a_timer_that_is_delivered_twice_sets_one_timer(night: Night) -> None:
    night.alert("checkout is down")
    night.world.queue.doubles("escalate")
    night.passes(minutes=6)
    night.phone("primary").receives("checkout is down").rings()
    night.phone("secondary").receives("checkout is down")
    assert night.world.queue.taken["escalate"] == 2


def test_a_page_that_is_delivered_twice_while_it_is_put_off_is_put_off_once(night: Night) -> None:
    night.phone("primary").meets(Kind.THROTTLED, On.TEXT, times=2)
    night.alert("report is late", service="reports")
    for _ in range(2):
        night.world.queue.doubles("notify")
        night.passes(seconds=8)
    night.phone("primary").receives("report is late")
    assert night.told("text to Primary Person: postponed") == 2
    assert night.world.queue.taken["notify"] == 1 + 2


def test_a_repeat_of_an_alert_asks_for_nothing(night: Night) -> None:
    night.alert("checkout is down")
    before = dict(night.world.queue.taken)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    assert night.world.queue.taken == before

"""The sweep, every minute: what was lost on the way happens all the same, a little later."""

import pytest

from infra.local.phones.faults import Kind
from tests.stories.night import Night


@pytest.mark.parametrize("trouble", ["forgetful", "down"])
def test_without_a_queue_the_sweep_alone_pages_and_escalates_everybody(night: Night, trouble: str) -> None:
    setattr(night.world.queue, trouble, True)
    night.alert("checkout is down")
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down")
    night.passes(minutes=2)
    night.phone("primary").rings()
    night.passes(minutes=4)
    night.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(hours=1)
    assert night.is_acknowledged(by="Secondary Person")


def test_without_a_queue_the_sweep_goes_on_to_the_catch_all(night: Night) -> None:
    night.world.queue.forgetful = True
    night.alert("cards are refused", service="payments")
    night.passes(minutes=16)
    night.phone("primary").receives("cards").rings()
    night.phone("secondary").receives("cards").rings()
    night.phone("manager").receives("cards").rings().receives("cards").rings()


def test_a_queue_that_comes_back_pages_at_once_without_the_sweep(night: Night) -> None:
    night.world.sweeps = False
    night.world.queue.down = True
    night.alert("checkout is down")
    night.phone("primary").stays_silent()
    night.world.queue.down = False
    night.passes(seconds=30)
    night.phone("primary").receives("checkout is down")


def test_without_the_sweep_a_quiet_night_goes_its_whole_way(night: Night) -> None:
    night.world.sweeps = False
    night.alert("checkout is down")
    night.passes(minutes=6)
    night.phone("primary").receives("checkout is down").rings()
    night.phone("secondary").receives("checkout is down")


@pytest.mark.parametrize("words", ["ack", "ack {code}", "resolve {code}"])
def test_a_reply_whose_webhook_was_lost_is_found_and_answered_within_two_minutes(night: Night, words: str) -> None:
    night.phone("primary").meets(Kind.REPLY_LOST)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers(words).stays_silent()
    assert night.is_open()
    night.passes(minutes=2)
    night.phone("primary").receives("checkout is down")
    assert not night.is_open()
    night.passes(hours=1)


def test_a_stranger_whose_webhook_was_lost_is_not_answered_either(night: Night) -> None:
    night.phone("stranger").meets(Kind.REPLY_LOST)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.phone("stranger").answers("ack")
    night.passes(seconds=100)
    assert night.is_open()


def test_sweeping_again_and_again_changes_nothing(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("what?").receives("Reply ack")
    swept = [one for _ in range(5) for one in night.world.sweep()]
    assert {(one.notifications, one.timers, one.replies, one.failures) for one in swept} == {(0, 0, 0, 0)}


def test_a_reply_answered_by_its_webhook_is_not_answered_again_by_the_sweep(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(minutes=5)
    night.phone("primary").stays_silent()


def test_an_instance_that_dies_before_it_sends_is_followed_by_another(night: Night) -> None:
    night.world.wire.death = "before"
    night.alert("checkout is down")
    night.passes(minutes=1)
    night.phone("primary").receives("Again: checkout is down").answers("ack").receives("Acknowledged")


def test_an_instance_that_dies_after_it_has_sent_is_not_followed_by_a_second_text(night: Night) -> None:
    night.world.wire.death = "after"
    night.alert("checkout is down")
    night.passes(seconds=100)
    night.phone("primary").receives("checkout is down").stays_silent()


def test_a_stop_whose_webhook_was_lost_is_known_after_the_sweep(night: Night) -> None:
    night.alert("report is late", service="reports")
    night.phone("primary").receives("late").answers("ack").receives("Acknowledged").meets(Kind.REPLY_LOST).answers(
        "STOP"
    )
    night.passes(minutes=2)
    night.alert("checkout is down")
    night.phone("primary").rings()
    assert night.told("text to Primary Person: failed", "opted out of texts with STOP") == 1


def test_a_bare_ack_that_is_found_late_never_means_a_page_that_came_after_it(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").meets(Kind.REPLY_LOST).answers("ack")
    night.resolves("checkout is down")
    night.passes(seconds=51)
    night.alert("stock is wrong", service="stock")
    night.phone("primary").receives("stock is wrong")
    night.passes(seconds=100)
    night.phone("primary").receives("Nothing is open on this phone")
    assert night.is_open()


def test_a_page_over_a_channel_nobody_knows_does_not_hold_up_the_others(night: Night) -> None:
    night.world.sweeps = False
    night.world.queue.forgetful = True
    night.alert("report is late", service="reports")
    [(page, _)] = night.world.store.query("notifications")
    night.world.store.spoils(f"notifications/{page}", channel="email")
    night.alert("checkout is down")
    night.passes(seconds=10)
    [swept] = night.world.sweep()
    night.passes(seconds=3)
    night.phone("primary").receives("checkout is down")
    assert (swept.notifications, swept.failures) == (1, 1)


def test_an_incident_nobody_can_read_does_not_hold_up_the_others(night: Night) -> None:
    night.world.store.spoils("incidents/odd", next_at=night.world.now, status="triggered")
    night.world.queue.forgetful = True
    night.alert("checkout is down")
    night.passes(minutes=7)
    night.phone("primary").receives("checkout is down").rings()
    night.phone("secondary").receives("checkout is down")

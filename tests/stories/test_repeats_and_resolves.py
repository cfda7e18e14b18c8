"""Tools repeat themselves and messages overtake each other: one trouble is one page, and over is over."""

from tests.stories.night import Night


def test_a_repeat_joins_and_pages_nobody(night: Night) -> None:
    for _ in range(5):
        night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").stays_silent()
    assert night.alerts() == 5


def test_a_repeat_of_an_acknowledged_trouble_is_silent(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.alert("checkout is down")
    night.passes(hours=1)
    assert (len(night.incidents()), night.alerts()) == (1, 2)


def test_a_repeat_does_not_put_the_escalation_off(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=4, seconds=30)
    night.alert("checkout is down")
    night.passes(seconds=27)
    night.phone("primary").receives("down").rings()
    night.phone("secondary").receives("checkout is down")


def test_a_resolve_stops_everything(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.resolves("checkout is down")
    night.passes(hours=2)
    assert night.is_resolved(by="checkout-alertmanager")
    assert night.told("call to Primary Person: dropped", "already resolved by checkout-alertmanager") == 1


def test_a_resolve_closes_what_is_acknowledged(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.resolves("checkout is down")
    assert night.is_resolved()


def test_the_same_trouble_after_its_end_is_a_new_one_with_another_code(night: Night) -> None:
    night.alert("checkout is down")
    code = night.phone("primary").receives("checkout is down").code
    night.resolves("checkout is down")
    night.passes(minutes=1)
    night.alert("checkout is down")
    assert night.phone("primary").receives("checkout is down").code != code
    assert len(night.incidents()) == 2


def test_an_ack_of_the_old_page_does_not_touch_the_new_one(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("resolve {code}").receives("Resolved")
    night.passes(minutes=1)
    night.alert("checkout is down")
    night.phone("primary").answers("ack {code}").receives("checkout is down").receives("Already resolved")
    assert night.is_open()


def test_a_resolve_that_overtakes_its_trigger_leaves_nothing_open(night: Night) -> None:
    with night.delayed(seconds=30):
        night.alert("checkout is down")
    night.resolves("checkout is down")
    night.passes(hours=1)
    assert night.incidents() == []
    assert "route: late: older than the resolve: opens nothing" in night.world.reasons


def test_a_late_repeat_older_than_the_resolve_opens_nothing(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    with night.delayed(seconds=30):
        night.alert("checkout is down")
    night.resolves("checkout is down")
    night.passes(hours=1)
    assert len(night.incidents()) == 1


def test_an_older_resolve_that_comes_after_a_newer_trigger_opens_the_trouble_again(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    with night.delayed(seconds=30):
        night.resolves("checkout is down")
    night.alert("checkout is down")
    night.phone("primary").stays_silent()
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert [str(one.status) for one in night.incidents()] == ["acknowledged", "resolved"]


def test_an_older_resolve_does_not_close_a_trouble_that_is_newer(night: Night) -> None:
    with night.delayed(seconds=30):
        night.resolves("checkout is down")
    night.alert("checkout is down")
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down")
    assert night.is_open()


def test_an_acknowledge_that_overtakes_its_trigger_is_remembered(night: Night) -> None:
    with night.delayed(seconds=30):
        night.event("trigger", "checkout is down")
    night.event("acknowledge", "checkout is down")
    night.passes(hours=1)
    assert night.is_acknowledged(by="checkout-pagerduty")


def test_a_flapping_trouble_pages_each_time_and_ends_closed(night: Night) -> None:
    for _ in range(3):
        night.alert("checkout flaps")
        night.phone("primary").receives("checkout flaps")
        night.resolves("checkout flaps")
        night.passes(minutes=1)
    night.passes(hours=1)
    assert {str(one.status) for one in night.incidents()} == {"resolved"}


def test_a_trouble_a_person_has_closed_opens_anew_when_it_fires_again(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("{code}r").receives("Resolved")
    night.passes(minutes=1)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    assert night.is_open()


def test_an_older_resolve_of_an_acknowledged_trouble_does_not_hide_the_newer_one(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    with night.delayed(seconds=30):
        night.resolves("checkout is down")
    night.alert("checkout is down")
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down")
    assert night.is_open()


def test_a_message_nobody_can_read_is_put_aside_and_holds_up_nobody(night: Night) -> None:
    night.world.queue.publish_now(b'{"id": 7')
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    assert night.world.reasons[0].startswith("route: quarantined: this is no Event")


def test_a_late_trigger_does_not_silence_a_page_that_somebody_has_passed_on(night: Night) -> None:
    night.event("trigger", "checkout is down")
    with night.delayed(minutes=1):
        night.event("trigger", "checkout is down")
    night.event("acknowledge", "checkout is down")
    night.phone("primary").receives("checkout is down").answers("escalate {code}").receives("Escalated")
    night.phone("secondary").receives("checkout is down")
    night.passes(minutes=3)
    night.phone("secondary").rings()
    assert night.is_open()


def test_a_late_repeat_older_than_a_persons_resolve_opens_nothing(night: Night) -> None:
    night.alert("checkout is down")
    with night.delayed(seconds=30):
        night.alert("checkout is down")
    night.phone("primary").receives("down").answers("{code}r").receives("Resolved")
    night.passes(hours=1)
    assert len(night.incidents()) == 1


def test_what_is_over_stays_over_when_the_operator_acknowledges_it(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.resolves("checkout is down")
    night.operator_acknowledges()
    assert night.is_resolved(by="checkout-alertmanager")
    night.passes(minutes=1)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")

"""How late the oldest page is that nobody was sent: what an operator is woken by first."""

from infra.local.phones.faults import Kind
from tests.stories.night import Night
from tocsin.backlog import backlog


def unsent(night: Night) -> int:
    return backlog(night.world.store, night.world.now).unsent


def test_a_page_that_went_out_is_not_late_and_one_that_is_due_later_neither(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down")
    assert unsent(night) == 0
    night.phone("primary").answers("ack").receives("Acknowledged")
    night.passes(minutes=10)
    assert unsent(night) == 0


def test_while_the_provider_fails_the_page_grows_later_and_each_sweep_says_by_how_much(night: Night) -> None:
    night.phone("primary").meets(Kind.THROTTLED, times=None, seconds=1)
    night.alert("checkout is down")
    night.passes(minutes=2)
    assert 110 <= unsent(night) <= 123
    [swept] = night.world.sweep()
    assert swept.unsent == unsent(night)


def test_what_waits_for_its_turn_at_a_phone_and_what_a_digest_speaks_for_is_not_late(night: Night) -> None:
    for number in range(3):
        night.alert(f"shelf {number} is down", service="reports")
    night.passes(seconds=40)
    held = night.world.store.query("notifications", ("held", "==", "sms"))
    assert len(held) == 2
    assert unsent(night) == 0
    night.phone("primary").receives("shelf 0")
    night.passes(seconds=30)
    night.phone("primary").receives("2 incidents")
    assert unsent(night) == 0

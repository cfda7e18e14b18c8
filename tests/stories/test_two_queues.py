"""What is urgent has a queue of its own until everybody of its levels was asked: nothing else stands before it."""

from collections import Counter

from tests.stories.night import Night
from tocsin.domain.config import ServiceUrgency


def asked(night: Night, **length: float) -> Counter[tuple[str, bool]]:
    """Let time pass, and count the tasks asked for in it: which function, and whether in the urgent queue."""
    before = Counter(night.world.queue.lanes)
    night.passes(**length)
    return night.world.queue.lanes - before


def test_the_pages_and_the_timer_of_what_is_urgent_are_urgent(night: Night) -> None:
    night.alert("checkout is down")
    assert night.world.queue.lanes == {("notify", True): 2, ("escalate", True): 1}
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")


def test_what_can_wait_is_in_the_other_queue(night: Night) -> None:
    night.alert("a report is late", service="reports")
    assert night.world.queue.lanes == {("notify", False): 1, ("escalate", False): 1}
    night.phone("primary").receives("late").answers("ack").receives("Acknowledged")


def test_each_level_is_urgent_once_and_the_second_round_is_not(night: Night) -> None:
    night.alert("checkout is down")
    second = asked(night, minutes=5, seconds=3)
    assert set(second) == {("notify", True), ("escalate", True)}
    again = asked(night, minutes=10)
    assert set(again) == {("notify", False), ("escalate", False)}
    for user in ("primary", "secondary"):
        night.phone(user).has_had_enough()


def test_a_service_without_levels_has_one_urgent_page_too(night: Night) -> None:
    night.loses_service("checkout")
    night.alert("checkout is down")
    assert ("notify", True) in night.world.queue.lanes
    night.phone("manager").receives("down").answers("ack").receives("Acknowledged")


def test_what_becomes_urgent_after_all_were_asked_in_vain_is_no_repeat(night: Night) -> None:
    night.changes("services", "checkout", urgency=ServiceUrgency.BY_SEVERITY)
    night.event("trigger", "cart is slow", "warning")
    assert not any(urgent for _, urgent in asked(night, minutes=50))
    before = Counter(night.world.queue.lanes)
    night.event("trigger", "cart is slow", "critical")
    made = night.world.queue.lanes - before
    assert (night.incident.urgency, set(made)) == ("high", {("notify", True), ("escalate", True)})
    for phone in night.phones.values():
        phone.has_had_enough()

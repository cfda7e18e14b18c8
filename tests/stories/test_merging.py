"""Two incidents become one: nothing of either is forgotten, and what was said of one is not taken for the other."""

from tests.stories.night import Night
from tocsin.domain.incident import Incident, Status


def _named(night: Night, title: str) -> Incident:
    return next(one for one in night.incidents() if one.title == title)


def test_a_late_trigger_of_what_was_merged_does_not_acknowledge_what_nobody_has(night: Night) -> None:
    night.event("trigger", "queue is long")
    phone = night.phone("primary").receives("queue is long")
    first = phone.code
    with night.delayed(minutes=4):
        night.event("trigger", "queue is long")
    night.event("acknowledge", "queue is long")
    night.passes(minutes=1)
    night.alert("checkout is down")
    phone.receives("checkout is down").answers(f"merge {first} {{code}}").receives("Merged")
    night.passes(minutes=3, seconds=30)
    assert _named(night, "checkout is down").status is Status.TRIGGERED
    phone.rings().answers("ack").receives("Acknowledged")

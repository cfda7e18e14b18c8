"""A channel that fails is left alone, one page finds out if it works, and what is a person's trouble is no failure."""

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night


@pytest.fixture(autouse=True)
def unswept(night: Night) -> None:
    night.world.sweeps = False


def crowd(night: Night, number: int, kind: Kind, failing: int | None = None) -> list[str]:
    """Let so many people be paged for the reports; texts to the first `failing` of them, or to all, meet trouble."""
    targets = night.joins(number)
    night.pages("reports", *targets)
    people = [one.id for one in targets]
    for person in people[:failing]:
        night.phone(person).meets(kind, On.TEXT, times=None, code=21211)
    return people


def made(night: Night) -> int:
    return night.world.wire.made["Messages"]


@pytest.mark.parametrize("kind", [Kind.THROTTLED, Kind.BROKEN, Kind.LOST_BEFORE])
def test_after_three_failures_nobody_else_is_texted_for_ten_seconds(night: Night, kind: Kind) -> None:
    people = crowd(night, 8, kind, failing=3)
    night.alert("report is late", service="reports")
    night.passes(seconds=6)
    assert made(night) == 3
    night.passes(seconds=2)
    night.world.network.cancel_faults()
    night.passes(seconds=30)
    for person in people:
        night.phone(person).receives("report is late")


def test_three_people_out_of_reach_are_no_failure_of_the_channel(night: Night) -> None:
    *absent, present = crowd(night, 4, Kind.REFUSED, failing=3)
    night.alert("report is late", service="reports")
    night.phone(present).receives("report is late")
    for person in absent:
        night.phone(person).rings()


def test_whoever_is_paged_while_texts_fail_for_others_is_called_at_once(night: Night) -> None:
    crowd(night, 3, Kind.THROTTLED)
    night.alert("report is late", service="reports")
    night.alert("checkout is down")
    night.phone("primary").rings().picks_up().presses("4").hears("Acknowledged")
    assert night.told("call to Primary Person: hastened", "sms fails since 02:14:00 UTC") == 1


@pytest.mark.parametrize("at_once", ["while it is sent", "while it is claimed"])
def test_of_two_that_come_at_once_one_finds_out_whether_the_channel_works(night: Night, at_once: str) -> None:
    crowd(night, 5, Kind.THROTTLED)
    night.alert("report is late", service="reports")
    night.passes(seconds=6)
    assert made(night) == 3
    if at_once == "while it is sent":
        night.world.wire.waits = night.world.settle
    else:
        night.claimed_after(night.world.settle)
    night.passes(seconds=2)
    assert made(night) == 4


def test_what_is_put_off_is_asked_for_again_though_nobody_could_note_that_the_channel_failed(night: Night) -> None:
    night.phone("primary").meets(Kind.THROTTLED, On.TEXT, times=2)

    def the_next_commit_but_one_is_lost() -> None:
        night.world.store.loses = 2 if made(night) == 2 else 0

    night.world.wire.waits = the_next_commit_but_one_is_lost
    night.alert("report is late", service="reports")
    night.passes(seconds=5)
    night.phone("primary").receives("report is late")


# Texts to others arrive in between: the channel works, and is never left alone.
def test_whoever_alone_cannot_be_texted_is_called_after_four_refusals(night: Night) -> None:
    first, second = night.joins(2)
    night.pages("reports", first)
    night.pages("stock", second)
    night.phone("primary").meets(Kind.THROTTLED, On.TEXT, times=None)
    night.alert("checkout is down")
    night.alert("report is late", service="reports")
    night.alert("stock is wrong", service="stock")
    for guest in (first, second):
        night.phone(guest.id).has_had_enough()
    night.passes(seconds=4)
    night.phone("primary").stays_silent()
    night.passes(seconds=2)
    night.phone("primary").rings().picks_up().presses("4").hears("Acknowledged")


def test_a_call_that_is_refused_does_not_undo_a_stop(night: Night) -> None:
    phone = night.phone("primary").answers("STOP")
    phone.meets(Kind.REFUSED, On.CALL, code=21211)
    night.alert("checkout is down")
    night.phone("secondary").receives("checkout is down")
    night.alert("stock is wrong", service="stock")
    phone.rings()
    assert made(night) == 1

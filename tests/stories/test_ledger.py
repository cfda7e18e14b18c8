"""The books of a night: whatever happened, they balance; and what is lost or stuck is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night
from tocsin.domain.balance import LATE, Balance
from tocsin.domain.config import Rule, Threshold
from tocsin.domain.maintenance import Maintenance
from tocsin.ledger import MOST, Ledger, ledger


def read(night: Night, most: int = MOST, **back: float) -> Ledger:
    return ledger(night.world.store, night.world.now - timedelta(**(back or {"days": 1})), night.world.now, most)


def books(night: Night) -> Balance:
    return read(night).balance


def sentences(night: Night) -> list[str]:
    return [one.sentence for one in books(night).differences]


def change(night: Night, path: str, **fields: Any) -> None:
    """Plant an error: the document is there, and something in it is not as it must be."""
    night.world.store.spoils(path, **fields)


def remove(night: Night, path: str) -> None:
    """Plant an error: the document is gone."""
    collection, _, identity = path.partition("/")
    night.world.store._db.execute(  # noqa: SLF001 - nothing of the pager ever deletes
        "DELETE FROM documents WHERE collection = ? AND id = ?", (collection, identity)
    )


def test_a_night_without_alerts_balances(night: Night) -> None:
    sums = books(night)
    assert (sums.accepted, sums.ended, sums.open, sums.unsent_since, sums.differences) == (0, 0, 0, None, ())


def test_a_night_with_every_outcome_balances(night: Night) -> None:
    with night.delayed(minutes=2):
        night.event("trigger", "slow trigger")
    night.event("resolve", "slow trigger")
    night.event("trigger", "checkout is down")
    night.event("trigger", "checkout is down")
    night.event("acknowledge", "checkout is down")
    night.event("resolve", "checkout is down")
    night.event("acknowledge", "never heard of")
    night.change("release 4711")
    night.rules(Rule("twice", threshold=Threshold(2, timedelta(minutes=1))))
    night.event("trigger", "cart is slow")
    move = Maintenance("move", ("checkout",), night.world.now, night.world.now + timedelta(minutes=5))
    night.world.config = replace(night.world.config, maintenance=(move,))
    night.event("trigger", "disk full")
    night.passes(minutes=1)
    night.world.queue.publish_now(b"not an event")
    night.passes(minutes=3)
    night.phone("primary").receives("checkout is down")
    sums = books(night)
    assert (sums.accepted, sums.ended, sums.open, sums.not_replayed) == (11, 11, 0, 1)
    assert sums.outcomes == {
        "opened": 1,
        "joined": 1,
        "suppressed": 1,
        "waiting": 1,
        "acknowledged": 1,
        "resolved": 1,
        "late": 1,
        "nothing open": 2,
        "recorded": 1,
        "quarantined": 1,
    }
    assert sums.differences == ()


def test_what_is_kept_aside_is_open_until_the_sweep_has_routed_it(night: Night) -> None:
    night.world.queue.topic_down = True
    night.alert("checkout is down")
    sums = books(night)
    assert (sums.accepted, sums.ended, sums.open, sums.differences) == (1, 0, 1, ())
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down")
    sums = books(night)
    assert (sums.accepted, sums.ended, sums.open, sums.differences) == (1, 1, 0, ())


def test_what_is_kept_aside_and_never_swept_is_named_however_old(night: Night) -> None:
    night.world.sweeps = False
    night.world.queue.topic_down = True
    night.alert("checkout is down")
    night.passes(seconds=LATE.total_seconds())
    [one] = read(night, seconds=10).balance.differences
    assert one.document.startswith("spill/")
    assert "has been waiting for 153 s" in one.sentence


def test_what_waits_though_it_was_routed_long_ago_is_no_difference(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    [(identity, event)] = night.world.store.query("events")
    change(night, f"spill/{identity}", body="", accepted_at=event["accepted_at"], next_at=event["accepted_at"])
    night.world.sweeps = False
    night.passes(minutes=9)
    sums = read(night, minutes=1).balance
    assert (sums.accepted, sums.ended, sums.open, sums.differences) == (1, 1, 0, ())


def test_what_is_kept_aside_and_cannot_be_read_is_quarantined(night: Night) -> None:
    kept = {"body": "half an ev", "accepted_at": night.world.now, "next_at": night.world.now}
    night.world.store.spoils("spill/1", **kept)
    night.passes(minutes=1)
    sums = books(night)
    assert (sums.outcomes["quarantined"], sums.open, sums.not_replayed, sums.differences) == (1, 0, 1, ())


@pytest.mark.parametrize(
    ("lost", "sentence"), [("events", "nothing says what became of it"), ("incidents", "is opened, but its incident")]
)
def test_an_event_that_left_no_trace_is_named(night: Night, lost: str, sentence: str) -> None:
    night.world.queue.topic_down = True
    night.alert("checkout is down")
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down")
    [(identity, _)] = night.world.store.query(lost)
    remove(night, f"{lost}/{identity}")
    assert sentence in sentences(night)[0]


def test_an_event_without_an_outcome_is_named_and_missing_in_the_sum(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    [(identity, _)] = night.world.store.query("events")
    change(night, f"events/{identity}", outcome="")
    sums = books(night)
    assert (sums.accepted, sums.ended, sums.open) == (1, 0, 0)
    assert [one.document for one in sums.differences] == [f"events/{identity}"]


def _without_timer(night: Night) -> str:
    change(night, f"incidents/{night.incident.id}", next_at=None)
    return "nobody else is asked"


def _with_timer_long_ago(night: Night) -> str:
    change(night, f"incidents/{night.incident.id}", next_at=night.world.now - LATE - timedelta(seconds=1))
    return "its escalation has been overdue for 151 s"


def _with_nothing(night: Night) -> str:
    for identity, _ in night.world.store.query("notifications"):
        remove(night, f"notifications/{identity}")
    _without_timer(night)
    return "it has no notification and no timer"


@pytest.mark.parametrize("plant", [_without_timer, _with_timer_long_ago, _with_nothing])
def test_an_incident_that_is_stuck_is_named(night: Night, plant: Callable[[Night], str]) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    assert sentences(night) == []
    sentence = plant(night)
    assert len(sentences(night)) == 1
    assert sentence in sentences(night)[0]


def test_an_incident_that_no_event_opened_is_named(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    [(identity, _)] = night.world.store.query("events")
    remove(night, f"events/{identity}")
    assert sentences(night) == ['"checkout is down" was opened by nothing: no accepted event names it']


def test_without_queue_and_sweep_the_page_grows_old_and_is_named_until_somebody_answers(night: Night) -> None:
    night.world.sweeps = False
    night.world.queue.forgetful = True
    night.alert("checkout is down")
    opened = night.world.now - timedelta(seconds=3)
    night.passes(seconds=100)
    assert books(night).unsent_since == opened
    assert sentences(night) == []
    night.passes(seconds=60)
    assert sentences(night) == ['the sms to Primary Person about "checkout is down" was due 163 s ago and is pending']
    night.operator_acknowledges()
    assert books(night).unsent_since is None
    assert sentences(night) == []


def test_a_send_whose_answer_was_lost_is_of_unknown_fate_until_there_is_evidence(night: Night) -> None:
    night.phone("primary").meets(Kind.LOST_BEFORE, On.TEXT)
    night.world.sweeps = False
    night.alert("checkout is down")
    before = books(night).unknown_sends
    night.passes(minutes=1)
    night.phone("primary").receives("Again: checkout is down")
    assert (before, books(night).unknown_sends) == (1, 0)


def test_the_books_are_read_to_the_end_and_a_part_is_called_a_part(night: Night) -> None:
    for number in range(7):
        night.event("trigger", f"trouble {number}")
    night.phone("primary").has_had_enough()
    assert (books(night).accepted, read(night, most=7).cut) == (7, ())
    assert read(night, most=6).cut == ("events", "incidents", "incidents")


def test_an_event_of_today_that_joined_an_incident_of_yesterday_finds_it(night: Night) -> None:
    night.event("trigger", "checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.world.sweeps = False
    night.passes(hours=30)
    night.event("trigger", "checkout is down")
    sums = books(night)
    assert (sums.accepted, sums.outcomes["joined"], sums.differences) == (1, 1, ())


# Pub/Sub delivers the older resolve twice at once: both find the trouble that goes on, one of them opens it again.
def test_a_resolve_delivered_twice_at_once_opens_what_goes_on_once_and_the_books_balance(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.passes(minutes=1)
    with night.delayed(seconds=30):
        night.resolves("checkout is down")
    night.alert("checkout is down")
    [resolve] = [job for job in night.world.queue.jobs if job.function == "route"]

    def delivered_again() -> None:
        night.world.queue.publish_now(resolve.body)
        night.world.settle()

    night.world.store.meanwhile["events"] = delivered_again
    night.passes(seconds=30)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    sums = books(night)
    assert (sums.outcomes["opened"], sums.outcomes["joined"], sums.differences) == (2, 0, ())


# The dice fell twice alike: the older incident is not written over.
def test_an_id_that_is_taken_is_not_given_to_another_trouble(night: Night) -> None:
    night.alert("cards are refused", service="payments")
    for user in ("primary", "secondary"):
        night.phone(user).receives("cards are refused")
    night.passes(minutes=1)
    thrown = iter(["e" * 32, night.incident.id])
    thrown_anew = night.world.new_id
    night.world.new_id = lambda: next(thrown, "") or thrown_anew()
    night.alert("cards are slow", service="payments")
    for user in ("primary", "secondary"):
        night.phone(user).receives("cards are slow")
    assert {one.title for one in night.incidents()} == {"cards are refused", "cards are slow"}
    assert sentences(night) == []

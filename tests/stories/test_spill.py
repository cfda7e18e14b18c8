"""What an outage of Pub/Sub leaves behind: a sweep routes what it can, and hands the rest back."""

from datetime import timedelta

import pytest

from tests.stories.night import Night
from tests.stories.test_neighbours import said
from tocsin import spill
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.ledger import Ledger, ledger
from tocsin.records import SCHEMA, to_json

A_SWEEP = 200
"""How many of them a sweep routes itself."""


def leaves(night: Night, count: int, title: str = "shelf") -> None:
    """Let an outage of some minutes ago leave so many troubles of one storm behind."""
    alert = Alert(Action.TRIGGER, title, f"{title} is down", Severity.CRITICAL)
    for number in range(count):
        accepted_at = night.world.now - timedelta(minutes=4) + timedelta(milliseconds=number)
        event = Event(f"{title}-{number}", accepted_at, "checkout-pagerduty", "checkout", alert)
        spill.put_by([event], to_json(event), night.world.store)


def books(night: Night) -> Ledger:
    return ledger(night.world.store, night.world.now - timedelta(minutes=15), night.world.now)


def waiting(night: Night) -> int:
    return len(spill.waiting(night.world.store, night.world.now, 10_000))


@pytest.fixture
def storm(night: Night) -> Night:
    """Give a night in which three sweeps would be needed for what an outage left."""
    leaves(night, 3 * A_SWEEP)
    return night


def test_one_sweep_routes_the_oldest_and_hands_the_rest_back(storm: Night) -> None:
    [swept] = storm.world.sweep()
    assert (swept.spilled, waiting(storm)) == (A_SWEEP + 1, 0)
    assert storm.world.queue.published == {False: 2 * A_SWEEP}
    storm.passes(seconds=3)
    storm.phone("primary").receives("shelf is down").stays_silent()
    sums = books(storm).balance
    assert (sums.accepted, sums.ended, sums.open, sums.differences) == (600, 600, 0, ())


def test_what_one_sweep_can_route_never_goes_by_the_topic(night: Night) -> None:
    leaves(night, A_SWEEP - 1)
    [swept] = night.world.sweep()
    assert (swept.spilled, waiting(night), night.world.queue.published) == (A_SWEEP - 1, 0, {})
    night.passes(seconds=3)
    night.phone("primary").receives("shelf is down")


def test_while_the_topic_is_away_it_waits_for_the_next_sweep(storm: Night) -> None:
    storm.world.queue.topic_down = True
    [swept] = storm.world.sweep()
    assert (swept.spilled, swept.failures, waiting(storm)) == (A_SWEEP, 1, 2 * A_SWEEP)
    storm.passes(seconds=3)
    storm.phone("primary").receives("shelf is down")


def test_what_was_handed_back_and_is_not_delivered_is_routed_by_the_next_sweeps_and_published_once(
    storm: Night,
) -> None:
    storm.world.queue.dead = {False}
    storm.world.sweep()
    storm.passes(seconds=3)
    storm.phone("primary").receives("shelf is down").answers("ack").receives("Acknowledged")
    sums = books(storm).balance
    assert (sums.accepted, sums.ended, sums.open, sums.differences) == (600, 200, 400, ())
    storm.passes(minutes=4)
    sums = books(storm).balance
    assert (sums.ended, sums.open, sums.differences) == (600, 0, ())
    assert storm.world.queue.published == {False: 2 * A_SWEEP}


def test_what_was_handed_back_and_is_routed_is_taken_off_the_list_without_being_routed_again(storm: Night) -> None:
    storm.world.sweep()
    storm.passes(seconds=3)
    storm.phone("primary").receives("shelf is down").answers("ack").receives("Acknowledged")
    storm.world.sweeps = False
    storm.passes(minutes=2)
    [swept] = storm.world.sweep()
    assert (swept.spilled, waiting(storm)) == (1, 0)


def test_what_was_handed_back_and_is_routed_in_part_or_cannot_be_read_is_seen_to_as_well(storm: Night) -> None:
    both, first = said(storm, "first", "second"), said(storm, "first")
    kept = {"accepted_at": storm.world.now, "next_at": storm.world.now}
    storm.world.store.spoils(spill.path("first"), body=both.decode(), **kept)
    storm.world.store.spoils("spill/poison", body="half an ev", **kept)
    storm.world.queue.dead = {False}
    storm.world.sweep()
    storm.world.queue.publish_now(first)
    storm.passes(minutes=5)
    storm.phone("primary").has_had_enough()
    storm.phone("secondary").has_had_enough()
    sums = books(storm).balance
    assert (sums.accepted, sums.open, sums.outcomes["quarantined"], sums.differences) == (603, 0, 1, ())


def test_what_cannot_be_routed_does_not_hold_up_the_rest(night: Night) -> None:
    for number in range(A_SWEEP):
        newer = {"body": "", "accepted_at": night.world.now, "next_at": night.world.now - timedelta(minutes=9)}
        night.world.store.spoils(f"spill/{number}", **newer, schema_version=SCHEMA["Spill"] + (number > 0))
    leaves(night, 1)
    night.world.sweep()
    assert night.world.queue.published == {False: 1}
    night.passes(minutes=1)
    night.phone("primary").receives("shelf is down")


def test_a_publish_and_a_commit_hold_no_more_than_ten_megabytes(night: Night) -> None:
    leaves(night, A_SWEEP)
    for number in range(20):
        kept = {"body": "€" * 300_000, "accepted_at": night.world.now, "next_at": night.world.now}
        night.world.store.spoils(f"spill/{number}", **kept)
    night.world.sweep()
    assert waiting(night) == 0
    assert len(night.world.queue.publishes) > 1
    assert max(night.world.queue.publishes) < 10_000_000
    night.passes(seconds=3)
    night.phone("primary").receives("shelf is down")

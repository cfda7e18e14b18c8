"""The life of a notification: every verdict at every state and time, and statuses that only ever rise."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, NOW, SECOND, notification
from tocsin.domain import delivery
from tocsin.domain import notification as rules
from tocsin.domain.notification import LEASE, LOOK_AGAIN, MOST_TRIES, PATIENCE, Notification, State, Verdict

PENDING = notification()
CLAIMED = rules.claim(PENDING, "worker-1", "4821", NOW)
LOST = rules.lost(CLAIMED, NOW, "the answer was lost")
SENT = rules.sent(CLAIMED, "SM1", NOW, "taken")
FAILED = rules.failed(CLAIMED, NOW, "no such number")
DROPPED = rules.dropped(PENDING, NOW, "answered")
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("one", "after", "verdict"),
    [
        (PENDING, -HOUR, Verdict.EARLY),
        (PENDING, -rules.TOLERANCE - MOMENT, Verdict.EARLY),
        (PENDING, -rules.TOLERANCE, Verdict.SEND),
        (PENDING, timedelta(0), Verdict.SEND),
        (PENDING, 3 * HOUR, Verdict.SEND),
        (CLAIMED, timedelta(0), Verdict.BUSY),
        (CLAIMED, PATIENCE, Verdict.BUSY),
        (CLAIMED, LEASE - MOMENT, Verdict.BUSY),
        (CLAIMED, LEASE, Verdict.SETTLE),
        (CLAIMED, 3 * HOUR, Verdict.SETTLE),
        (replace(CLAIMED, next_at=None), timedelta(0), Verdict.SETTLE),
        (LOST, timedelta(0), Verdict.BUSY),
        (LOST, LOOK_AGAIN - rules.TOLERANCE - MOMENT, Verdict.BUSY),
        (LOST, LOOK_AGAIN - rules.TOLERANCE, Verdict.SETTLE),
        (LOST, LOOK_AGAIN, Verdict.SETTLE),
        (LOST, 3 * HOUR, Verdict.SETTLE),
        *[
            (one, after, Verdict.DONE)
            for one in (SENT, FAILED, DROPPED)
            for after in (-HOUR, timedelta(0), LEASE, HOUR)
        ],
    ],
)
def test_what_is_to_be_done_depends_on_state_and_time(one: Notification, after: timedelta, verdict: Verdict) -> None:
    assert rules.look(one, NOW + after) is verdict


@pytest.mark.parametrize(
    ("tries", "after", "verdict"),
    [
        (1, timedelta(0), Verdict.SETTLE),
        (1, PATIENCE - MOMENT, Verdict.SETTLE),
        (1, PATIENCE, Verdict.SEND),
        (MOST_TRIES - 1, PATIENCE, Verdict.SEND),
        (MOST_TRIES, PATIENCE - MOMENT, Verdict.SETTLE),
        (MOST_TRIES, PATIENCE, Verdict.GIVE_UP),
        (MOST_TRIES + 1, HOUR, Verdict.GIVE_UP),
    ],
)
def test_silence_is_waited_out_then_sent_again_then_given_up(tries: int, after: timedelta, verdict: Verdict) -> None:
    assert rules.after_silence(replace(LOST, tries=tries), NOW + after) is verdict


def test_a_claim_is_believed_for_longer_than_a_send_can_take() -> None:
    assert 2 * timedelta(seconds=3.05 + 10) < LEASE
    assert PATIENCE > LOOK_AGAIN


def test_a_claim_names_its_owner_and_counts() -> None:
    assert (CLAIMED.state, CLAIMED.owner, CLAIMED.tries) == (State.SENDING, "worker-1", 1)
    assert (CLAIMED.claimed_at, CLAIMED.next_at) == (NOW, NOW + LEASE)
    again = rules.claim(LOST, "worker-2", "4821", NOW + HOUR)
    assert (again.tries, again.owner, again.code) == (2, "worker-2", "4821")
    assert (again.history[-1].what, "duplicate" in again.history[-1].why) == ("sending again", True)


@pytest.mark.parametrize("one", [SENT, FAILED, DROPPED])
def test_what_is_finished_is_looked_at_by_nobody(one: Notification) -> None:
    assert one.next_at is None


def test_evidence_counts_in_every_state_and_once() -> None:
    for one in (PENDING, CLAIMED, LOST, FAILED):
        found = rules.sent(one, "SM9", NOW, "found")
        assert (found.state, found.sid, found.next_at) == (State.SENT, "SM9", None)
        assert rules.sent(found, "SM8", NOW + HOUR, "found again") == found


def test_looking_in_vain_is_not_noted_each_time() -> None:
    again = rules.lost(LOST, NOW + HOUR, "still nothing")
    assert again.history == LOST.history
    assert again.next_at == NOW + HOUR + LOOK_AGAIN


def test_a_request_for_patience_costs_no_try() -> None:
    later = rules.postponed(CLAIMED, NOW, 2 * SECOND, "429")
    assert (later.state, later.tries, later.refusals, later.owner) == (State.PENDING, 0, 1, "")
    assert rules.look(later, NOW) is Verdict.EARLY
    assert rules.look(later, NOW + 2 * SECOND) is Verdict.SEND
    assert rules.claim(later, "worker-2", "4821", NOW + 2 * SECOND).history == later.history


def test_hastened_means_now() -> None:
    planned = notification(due=NOW + HOUR, next_at=NOW + HOUR)
    assert rules.look(rules.hastened(planned, NOW, "sms failed"), NOW) is Verdict.SEND


RISING = [
    ("queued", "sending", "sent", "delivered", "read"),
    ("accepted", "sending", "sent", "undelivered"),
    ("scheduled", "queued", "failed"),
    ("initiated", "ringing", "in-progress", "completed"),
    ("initiated", "ringing", "no-answer"),
    ("queued", "ringing", "busy"),
    ("queued", "canceled"),
]


def told(one: Notification, statuses: tuple[str, ...], at: datetime = NOW) -> Notification:
    for status in statuses:
        one = delivery.reported(one, status, "SM7", at, f"the provider says {status}")
    return one


@pytest.mark.parametrize("statuses", RISING, ids="-".join)
def test_statuses_in_any_order_and_twice_end_at_the_highest(statuses: tuple[str, ...]) -> None:
    for order in permutations(statuses):
        after = told(LOST, order + order)
        assert (after.delivery, after.state, after.sid, after.next_at) == (statuses[-1], State.SENT, "SM7", None)


@given(order=st.sampled_from(RISING).flatmap(lambda statuses: st.lists(st.sampled_from(statuses), max_size=20)))
@settings(deadline=None)
def test_each_status_is_told_once_and_only_rises(order: list[str]) -> None:
    after = told(CLAIMED, tuple(order))
    told_of = [line.what for line in after.history if line.why.startswith("the provider says")]
    assert len(told_of) == len(set(told_of))
    assert told(after, tuple(order)) == after
    assert after.delivery in {"", *order}


@pytest.mark.parametrize("status", ["", "unheard-of", "partially_delivered"])
def test_an_unknown_status_changes_nothing(status: str) -> None:
    assert told(CLAIMED, (status,)) == CLAIMED


def test_no_end_replaces_another() -> None:
    for first, second in permutations(["delivered", "undelivered", "failed"], 2):
        assert told(CLAIMED, (first, second)).delivery == first


@pytest.mark.parametrize("one", [FAILED, DROPPED])
def test_a_receipt_does_not_revive_what_is_finished(one: Notification) -> None:
    assert told(one, ("sent", "delivered")).state is one.state


def test_delivered_is_not_an_answer() -> None:
    assert told(CLAIMED, ("delivered",)).state is State.SENT
    assert told(CLAIMED, ("completed",)).state is State.SENT

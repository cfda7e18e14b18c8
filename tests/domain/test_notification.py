"""The life of a notification: every verdict at every state and time, and statuses that only ever rise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise, permutations, product

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
ENDS: tuple[Callable[[Notification], Notification], ...] = (
    lambda one: rules.sent(one, "SM1", NOW, "taken"),
    lambda one: rules.failed(one, NOW, "no such number"),
    lambda one: rules.dropped(one, NOW, "answered"),
)


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


def test_how_soon_a_page_may_be_doubled_and_how_late_given_up() -> None:
    assert (LEASE, PATIENCE) == (45 * SECOND, 20 * SECOND)
    assert (LOOK_AGAIN, rules.TOLERANCE, MOST_TRIES) == (5 * SECOND, SECOND, 3)


def test_a_history_keeps_its_beginning_and_its_end() -> None:
    long = PENDING
    for number in range(401):
        long = long.noting(NOW, "sending again", str(number))
    assert [int(line.why) for line in long.history] == [*range(150), *range(251, 401)]


def test_evidence_is_looked_for_since_the_first_claim() -> None:
    again = rules.claim(LOST, "worker-2", "0042", NOW + HOUR)
    assert (CLAIMED.begun_at, again.begun_at) == (NOW, NOW)
    assert (again.claimed_at, again.code) == (NOW + HOUR, "0042")


def test_what_is_claimed_waits_for_no_turn_and_no_other_page() -> None:
    later = rules.held(PENDING, NOW + SECOND, NOW, "enough for now")
    for waiting in (later, replace(later, carrier="another")):
        claimed = rules.claim(waiting, "worker-1", "4821", NOW)
        assert (claimed.held, claimed.carrier) == ("", "")


def test_a_claim_names_its_owner_and_counts() -> None:
    assert (CLAIMED.state, CLAIMED.owner, CLAIMED.tries) == (State.SENDING, "worker-1", 1)
    assert (CLAIMED.claimed_at, CLAIMED.next_at) == (NOW, NOW + LEASE)
    again = rules.claim(LOST, "worker-2", "4821", NOW + HOUR)
    assert (again.tries, again.owner, again.code) == (2, "worker-2", "4821")
    assert (again.history[-1].what, "duplicate" in again.history[-1].why) == ("sending again", True)


@pytest.mark.parametrize("one", [PENDING, CLAIMED, LOST])
def test_what_is_finished_is_looked_at_by_nobody_and_says_why(one: Notification) -> None:
    one = replace(one, next_at=NOW)
    sent, failed, dropped = (end(one) for end in ENDS)
    assert [(end.state, end.next_at) for end in (sent, failed, dropped)] == [
        (State.SENT, None),
        (State.FAILED, None),
        (State.DROPPED, None),
    ]
    assert [(end.history[-1].what, end.history[-1].why) for end in (sent, failed, dropped)] == [
        ("sent", "taken"),
        ("failed", "no such number"),
        ("dropped", "answered"),
    ]


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


def test_a_request_for_patience_after_a_lost_answer_leaves_that_unknown() -> None:
    """The first attempt may have been sent; only the second one certainly was not."""
    second = rules.claim(LOST, "worker-2", "4821", NOW)
    later = rules.postponed(replace(second, refusals=4), NOW, 2 * SECOND, "429")
    assert (later.state, later.tries, later.refusals) == (State.UNKNOWN, 1, 5)
    assert (later.history[-1].what, later.history[-1].why) == ("postponed", "429")
    third = rules.postponed(rules.claim(second, "worker-3", "4821", NOW), NOW, 2 * SECOND, "429")
    assert (third.state, third.tries) == (State.UNKNOWN, 2)


def test_a_request_for_patience_before_any_try_counts_none() -> None:
    assert rules.postponed(PENDING, NOW, SECOND, "429").tries == 0


def test_hastened_means_now() -> None:
    planned = notification(due=NOW + HOUR, next_at=NOW + HOUR)
    hastened = rules.hastened(planned, NOW, "sms failed")
    assert rules.look(hastened, NOW) is Verdict.SEND
    assert (hastened.due, hastened.history[-1].why) == (NOW, "sms failed")


@pytest.mark.parametrize(("channel", "other"), [("sms", "voice"), ("voice", "sms"), ("pigeon", "voice")])
def test_what_failed_is_tried_over_the_phones_other_channel_as_if_for_the_first_time(channel: str, other: str) -> None:
    tried = replace(told(rules.claim(LOST, "worker-2", "4821", NOW), ("failed",)), refusals=2, channel=channel)
    spare = rules.otherwise(replace(tried, then=("i1-1-1-ada-2",)), NOW + HOUR)
    assert [(line.what, line.why) for line in spare.history] == [
        ("added", f"{channel} failed, and no rule of this person names another channel")
    ]
    assert replace(spare, history=()) == notification(
        id=f"i1-1-1-ada-1-{other}", channel=other, due=NOW + HOUR, next_at=NOW + HOUR
    )


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


RANKS = [
    ("accepted", "scheduled", "queued", "initiated"),
    ("sending", "ringing"),
    ("sent", "in-progress"),
    ("delivered", "completed", "undelivered", "failed", "busy", "no-answer", "canceled"),
    ("read",),
]


@pytest.mark.parametrize(("low", "high"), list(pairwise(RANKS)))
def test_each_status_gives_way_to_those_that_come_later_and_to_no_other(
    low: tuple[str, ...], high: tuple[str, ...]
) -> None:
    for earlier, later in product(low, high):
        assert told(CLAIMED, (earlier, later)).delivery == later
        assert told(CLAIMED, (later, earlier)).delivery == later
    for first, second in permutations(low, 2):
        assert told(CLAIMED, (first, second)).delivery == first


@pytest.mark.parametrize(
    ("status", "news"),
    [
        *[(status, None) for status in ("accepted", "scheduled", "queued", "initiated", "sending", "ringing", "sent")],
        *[(status, None) for status in ("undelivered", "failed", "canceled")],
        ("delivered", "delivered"),
        ("read", "read"),
        ("in-progress", "picked up"),
        ("completed", "ended"),
        ("no-answer", "nobody picked up"),
        ("busy", "declined or busy"),
    ],
)
def test_a_status_is_told_when_it_is_news_to_somebody(status: str, news: str | None) -> None:
    lines = told(SENT, (status,)).history[len(SENT.history) :]
    assert [line.what for line in lines] == ([news] if news else [])


@pytest.mark.parametrize("one", [PENDING, CLAIMED, LOST])
def test_a_receipt_proves_that_the_provider_has_it(one: Notification) -> None:
    after = told(one, ("queued",))
    assert (after.state, after.sid, after.next_at) == (State.SENT, "SM7", None)
    assert after.history[-1].why == "the provider reports queued"


@pytest.mark.parametrize("status", ["", "unheard-of", "partially_delivered"])
def test_an_unknown_status_changes_nothing(status: str) -> None:
    assert told(CLAIMED, (status,)) == CLAIMED
    assert told(SENT, ("queued", status)) == told(SENT, ("queued",))


def test_no_end_replaces_another() -> None:
    for first, second in permutations(["delivered", "undelivered", "failed"], 2):
        assert told(CLAIMED, (first, second)).delivery == first


@pytest.mark.parametrize("one", [FAILED, DROPPED])
def test_a_receipt_does_not_revive_what_is_finished(one: Notification) -> None:
    assert told(one, ("sent", "delivered")).state is one.state


def test_delivered_is_not_an_answer() -> None:
    assert told(CLAIMED, ("delivered",)).state is State.SENT
    assert told(CLAIMED, ("completed",)).state is State.SENT

"""The canary: what counts as having come through, and how long it may take."""

from dataclasses import replace

import pytest

from tests.domain.examples import MINUTE, NOW, SECOND, config, incident, level, named, notification
from tocsin.domain.canary import LATE, NAME, Flight, found, how_far, is_back, is_blocked, round_trip, seen, unrouted
from tocsin.domain.config import Canary
from tocsin.domain.escalation import page_next
from tocsin.domain.incident import Status, acknowledge, resolve

TEXTED = Canary("alertmanager", 10 * MINUTE)
ANSWERED = replace(TEXTED, answers=True)
OUT = Flight("k1", NOW)


@pytest.mark.parametrize("delivery", ["sent", "delivered", "read"])
def test_a_receipt_of_the_carrier_says_that_it_was_texted(delivery: str) -> None:
    assert seen(OUT, incident(), [notification(delivery=delivery)], NOW + SECOND).texted_at == NOW + SECOND


@pytest.mark.parametrize("delivery", ["", "queued", "sending", "undelivered", "failed"])
def test_nothing_else_does(delivery: str) -> None:
    assert seen(OUT, incident(), [notification(delivery=delivery)], NOW).texted_at is None


def test_a_call_proves_nothing_about_texts() -> None:
    assert seen(OUT, incident(), [notification(channel="voice", delivery="read")], NOW).texted_at is None


def test_one_receipt_among_several_notifications_is_enough() -> None:
    pages = [notification(channel="voice"), notification(delivery="delivered"), notification()]
    assert seen(OUT, incident(), pages, NOW + SECOND).texted_at == NOW + SECOND


def test_it_was_routed_when_its_incident_was_opened() -> None:
    assert seen(OUT, incident(opened_at=NOW + SECOND), [], NOW + MINUTE).routed_at == NOW + SECOND


def test_what_was_seen_stays_seen() -> None:
    before = replace(OUT, routed_at=NOW, texted_at=NOW, answered_at=NOW)
    assert seen(before, incident(opened_at=NOW + SECOND), [], NOW + SECOND) == before


def test_an_answer_of_the_contact_counts_and_its_own_end_does_not() -> None:
    answered = acknowledge(incident(), "Ada", NOW, "by text")
    assert seen(OUT, answered, [], NOW + MINUTE).answered_at == NOW
    assert seen(OUT, resolve(incident(), NAME, NOW, "at its end"), [], NOW).answered_at is None
    assert seen(OUT, incident(), [], NOW).answered_at is None


def test_where_the_phone_answers_a_text_is_not_enough() -> None:
    texted = replace(OUT, texted_at=NOW)
    assert (is_back(texted, TEXTED), is_back(texted, ANSWERED)) == (True, False)
    assert is_back(replace(texted, answered_at=NOW), ANSWERED)


def test_a_canary_may_take_five_minutes_and_no_longer() -> None:
    assert 5 * MINUTE == LATE
    assert not is_blocked(OUT, TEXTED, NOW + LATE)
    assert is_blocked(OUT, TEXTED, NOW + LATE + SECOND)


def test_a_young_canary_after_a_lost_one_does_not_mean_that_all_is_well() -> None:
    young = replace(OUT, blocked=True)
    assert is_blocked(young, TEXTED, NOW)
    assert not is_blocked(replace(young, texted_at=NOW), TEXTED, NOW)


def test_a_subscription_that_let_nothing_through_is_proven_alive_by_its_own_canary_only() -> None:
    late = NOW + LATE + SECOND
    assert unrouted(OUT, TEXTED, late) is True
    assert unrouted(replace(OUT, urgent=False), TEXTED, late) is False
    assert unrouted(replace(OUT, routed_at=NOW), TEXTED, late) is None
    assert unrouted(OUT, TEXTED, late - SECOND) is None
    by_the_other = replace(OUT, urgent=False, unrouted=True, texted_at=NOW)
    assert is_blocked(by_the_other, TEXTED, NOW)
    assert unrouted(by_the_other, TEXTED, late) is True
    by_itself = replace(by_the_other, urgent=True)
    assert not is_blocked(by_itself, TEXTED, NOW)
    assert unrouted(by_itself, TEXTED, late) is None
    assert is_blocked(replace(by_itself, texted_at=None), TEXTED, NOW)


def test_how_far_it_came_is_told() -> None:
    routed = replace(OUT, routed_at=NOW)
    texted = replace(routed, texted_at=NOW)
    flights = (OUT, routed, texted, replace(texted, answered_at=NOW))
    assert [how_far(flight) for flight in flights] == ["published", "routed", "texted", "answered"]


def test_its_way_takes_until_the_last_that_was_seen_of_it() -> None:
    routed = replace(OUT, routed_at=NOW + SECOND)
    texted = replace(routed, texted_at=NOW + 2 * SECOND)
    flights = (OUT, routed, texted, replace(texted, answered_at=NOW + 3 * SECOND))
    assert [round_trip(flight) for flight in flights] == [0, 1, 2, 3]


def test_it_says_by_which_subscription_it_went() -> None:
    ways = [found(flight, TEXTED) for flight in (OUT, replace(OUT, urgent=False))]
    assert ways[0] == "was published, no further; of the subscriptions it took the urgent one"
    assert ways[1] == "was published, no further; of the subscriptions it took the ordinary one"
    back = replace(OUT, unrouted=False, texted_at=NOW)
    assert found(back, TEXTED) == "was texted; before it nothing came through by the ordinary one"


def test_a_canary_ends_after_its_level_and_never_reaches_the_catch_all() -> None:
    out = page_next(incident(level(named("ada"))), config(canary=TEXTED), NOW)
    assert out.status is Status.TRIGGERED
    assert out.new
    ended = page_next(out, config(canary=TEXTED), NOW + 10 * MINUTE)
    assert (ended.status, ended.new, ended.next_at, ended.answered_by) == (Status.RESOLVED, (), None, NAME)


def test_every_other_incident_goes_on_to_the_catch_all() -> None:
    other = replace(TEXTED, integration="canary")
    out = page_next(incident(level(named("ada"))), config(canary=other), NOW)
    on = page_next(out, config(canary=other), NOW + 10 * MINUTE)
    assert [one.user for one in on.new[:1]] == ["dana"]

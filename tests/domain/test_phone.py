"""What is known of a number: if it takes texts, when it was paged, whose turn it is; and it stands in no path."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, MINUTE, NOW, SECOND
from tocsin.domain.caps import KEPT
from tocsin.domain.phone import LOCKED, MOST_PASSIVE, MOST_WRONG, Phone, path

CALLED = Phone().paging("voice", NOW - MINUTE).turning("voice", NOW + MINUTE)
MINUTES = st.lists(st.integers(0, 100), max_size=20)


def after(answers: int, *, opted_out: bool = False) -> Phone:
    phone = Phone(opted_out=opted_out)
    for number in range(answers):
        phone = phone.answered(NOW + number * MINUTE)
    return phone


def texted(*minutes: int) -> Phone:
    phone = CALLED
    for minute in minutes:
        phone = phone.paging("sms", NOW + minute * MINUTE)
    return phone


def times(*minutes: int) -> tuple[datetime, ...]:
    return tuple(NOW + minute * MINUTE for minute in minutes)


def test_five_answers_an_hour_are_given_for_nothing_and_no_more() -> None:
    assert MOST_PASSIVE == 5
    assert [after(answers).may_be_answered(NOW + 30 * MINUTE) for answers in range(8)] == [True] * 5 + [False] * 3


def test_an_hour_later_they_are_forgiven() -> None:
    silenced = after(5)
    assert not silenced.may_be_answered(NOW + HOUR - SECOND)
    assert silenced.may_be_answered(NOW + HOUR)
    assert silenced.answered(NOW + HOUR - SECOND) == Phone(passive=6, passive_since=NOW)
    assert silenced.answered(NOW + HOUR) == Phone(passive=1, passive_since=NOW + HOUR)


def test_counting_goes_on_while_nothing_is_answered_and_keeps_the_opt_out() -> None:
    counts = [after(answers).passive for answers in range(10)]
    assert all(later == earlier + 1 for earlier, later in pairwise(counts))
    assert after(3, opted_out=True).opted_out


# When it was paged


@given(minutes=MINUTES)
@settings(deadline=None)
def test_the_last_pages_are_kept_in_order_whatever_order_they_are_counted_in(minutes: list[int]) -> None:
    """Two instances count a moment apart, and their clocks differ."""
    in_order = sorted(minutes)
    assert texted(*in_order).pages("sms") == times(*in_order[-KEPT:])
    if len(minutes) <= KEPT:
        assert texted(*minutes) == texted(*in_order)


def test_as_many_pages_are_kept_as_the_fullest_window_takes() -> None:
    assert KEPT == 11
    assert texted(*range(KEPT)).pages("sms") == times(*range(KEPT))
    assert texted(*range(KEPT + 1)).pages("sms") == times(*range(1, KEPT + 1))


def test_texts_and_calls_are_counted_apart() -> None:
    assert texted(1, 2).pages("voice") == (NOW - MINUTE,)
    assert Phone().pages("sms") == ()


@given(minutes=MINUTES, at=st.integers(0, 100))
@settings(deadline=None)
def test_a_page_that_was_refused_is_as_if_it_had_not_been(minutes: list[int], at: int) -> None:
    before = texted(*sorted(minutes)[: KEPT - 1])
    assert before.paging("sms", NOW + at * MINUTE).unpaged("sms", NOW + at * MINUTE) == before.unpaged("sms", None)


def test_of_two_pages_of_one_instant_only_one_is_taken_back() -> None:
    assert texted(3, 3, 4).unpaged("sms", NOW + 3 * MINUTE).pages("sms") == times(3, 4)


@pytest.mark.parametrize("at", [None, NOW, NOW + 3 * MINUTE + SECOND])
def test_what_was_not_counted_is_not_taken_back(at: datetime | None) -> None:
    assert texted(3, 4).unpaged("sms", at) == texted(3, 4)
    assert texted(3, 4).unpaged("sms", NOW - MINUTE).pages("voice") == (NOW - MINUTE,)


# Whose turn it is


def test_a_turn_is_noted_and_taken_off_for_one_channel_alone() -> None:
    noted = CALLED.turning("sms", NOW)
    assert noted.turn == {"sms": NOW, "voice": NOW + MINUTE}
    assert noted.turning("sms", NOW + HOUR).turn == {"sms": NOW + HOUR, "voice": NOW + MINUTE}
    assert noted.turning("sms", None) == CALLED.turning("sms", None) == CALLED


# STOP and START


def heard(phone: Phone, *, opted_out: bool, at: datetime) -> Phone:
    return phone.heard(opted_out, at)


def test_of_stop_and_start_the_one_written_last_holds_whichever_is_found_first() -> None:
    stopped = heard(Phone(passive=3, passive_since=NOW), opted_out=True, at=NOW + HOUR)
    assert stopped == Phone(opted_out=True, word_at=NOW + HOUR, passive=3, passive_since=NOW)
    assert heard(stopped, opted_out=False, at=NOW) == stopped
    started = heard(stopped, opted_out=False, at=NOW + HOUR + SECOND)
    assert (started.opted_out, started.word_at) == (False, NOW + HOUR + SECOND)


def test_of_two_words_of_the_same_second_the_one_found_last_holds() -> None:
    stopped = heard(Phone(), opted_out=True, at=NOW)
    assert not heard(stopped, opted_out=False, at=NOW).opted_out


def test_a_number_nobody_wrote_from_takes_texts() -> None:
    assert (Phone().opted_out, Phone().passive) == (False, 0)


def test_nothing_that_is_noted_of_a_phone_makes_it_forget_the_rest() -> None:
    full = replace(texted(1, 2), opted_out=True, word_at=NOW, passive=2, passive_since=NOW)
    changed = full.paging("sms", NOW + HOUR).unpaged("sms", NOW + HOUR).turning("sms", NOW).turning("sms", None)
    assert changed == full
    assert replace(full.answered(NOW), passive=2) == full
    assert full.heard(True, NOW) == full  # noqa: FBT003


def test_the_path_hides_the_number() -> None:
    assert path("+15550100101") != path("+15550100102")
    assert path("+15550100101").startswith("phones/")
    assert "5550100101" not in path("+15550100101")


def guessing(*seconds: int) -> Phone:
    phone = CALLED
    for second in seconds:
        phone = phone.guessed(NOW + second * SECOND)
    return phone


def test_ten_wrong_codes_within_an_hour_lock_for_a_quarter_of_one() -> None:
    assert (MOST_WRONG, LOCKED) == (10, 15 * MINUTE)
    last = NOW + HOUR
    locked = guessing(*range(9), 3600)
    assert locked.locked_until(last) == locked.locked_until(last + LOCKED - SECOND) == last + LOCKED
    assert locked.locked_until(last + LOCKED) is None
    assert guessing(*range(9)).locked_until(NOW + 9 * SECOND) is None
    assert guessing(*range(9), 3601).locked_until(last) is None


def test_of_wrong_codes_the_last_ten_count() -> None:
    slow = guessing(0, *range(3700, 3709))
    assert slow.locked_until(NOW + 3708 * SECOND) is None
    assert slow.guessed(NOW + 3709 * SECOND).locked_until(NOW + 3709 * SECOND) == NOW + 3709 * SECOND + LOCKED


def test_while_it_is_locked_no_code_counts_and_after_that_it_begins_anew() -> None:
    locked = guessing(*range(10))
    free = NOW + 9 * SECOND + LOCKED
    assert locked.guessed(free - SECOND) is locked
    once = locked.guessed(free)
    assert (once.wrong, once.locked_until(free)) == ((free,), None)
    assert once.pages("voice") == CALLED.pages("voice")

"""When a channel is left alone and for how long, held against a count of the failures in a row."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import MINUTE, NOW, SECOND
from tocsin.domain.breaker import MOST_FAILURES, Breaker, path

MOMENT = timedelta(microseconds=1)
PAUSES = [10, 20, 30]
"""Seconds for which a channel is left alone after the third failure in a row, the fourth, and every later one."""

ENDS = st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=20)


def after(failures: int, every: timedelta = SECOND) -> Breaker:
    """Let so many sends fail in a row, the last of them now."""
    breaker = Breaker()
    for number in reversed(range(failures)):
        breaker = breaker.failed(NOW - number * every)
    return breaker


@given(ends=ENDS, later=st.integers(0, 40))
@settings(deadline=None)
def test_a_channel_is_left_alone_after_three_failures_in_a_row_and_longer_each_time(
    ends: list[tuple[bool, int]], later: int
) -> None:
    breaker, now, failures = Breaker(), NOW, list[datetime]()
    for failed, pause in ends:
        now += pause * SECOND
        breaker = breaker.failed(now) if failed else Breaker()
        failures = [*failures, now] if failed else []
    pause = PAUSES[min(len(failures) - 3, 2)] if len(failures) >= 3 else 0
    assert breaker.failures == len(failures)
    assert breaker.since == (failures[0] if failures else None)
    assert breaker.is_open(now + later * SECOND) == (later < pause)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (1, 0), (2, 0), (3, 10), (4, 20), (5, 30), (6, 30), (60, 30), (10_000, 30)]
)
def test_it_is_left_alone_to_the_last_instant_and_then_tried(failures: int, seconds: int) -> None:
    assert MOST_FAILURES == 3
    breaker, end = after(failures), NOW + seconds * SECOND
    assert breaker.is_open(NOW) == breaker.is_open(end - MOMENT) == bool(seconds)
    assert not breaker.is_open(end)
    assert not breaker.is_open(end + MOMENT)


def test_the_failures_are_counted_however_far_they_lie_apart() -> None:
    assert after(3, 5 * MINUTE).is_open(NOW)
    assert after(3, 5 * MINUTE).since == NOW - 10 * MINUTE


@pytest.mark.parametrize("failures", [3, 4, 5])
def test_while_one_page_finds_out_the_others_wait_half_a_minute(failures: int) -> None:
    tried = NOW + PAUSES[failures - 3] * SECOND
    probing = after(failures).probing(tried)
    assert (probing.failures, probing.since) == (failures, after(failures).since)
    assert probing.is_open(tried)
    assert probing.is_open(tried + 30 * SECOND - MOMENT)
    assert not probing.is_open(tried + 30 * SECOND)


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_a_channel_that_works_is_not_found_out_about(failures: int) -> None:
    assert after(failures).probing(NOW) == after(failures)


def test_one_page_that_fails_to_find_out_counts_as_another_failure() -> None:
    tried = NOW + 10 * SECOND
    again = after(3).probing(tried).failed(tried + SECOND)
    assert (again.failures, again.since) == (4, after(3).since)
    assert again.probe_at == tried + SECOND + 20 * SECOND


def test_each_channel_has_a_document_of_its_own() -> None:
    assert (path("sms"), path("voice")) == ("breakers/sms", "breakers/voice")

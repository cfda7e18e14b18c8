"""How often a number may be paged, held against a count of every window that a page would fall into."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, MINUTE, NOW, SECOND
from tocsin.domain.caps import KEPT, free_at
from tocsin.domain.thrift import Thrift

QUARTER = 15 * MINUTE
MOST = {
    ("sms", False): {MINUTE: 1, QUARTER: 5, HOUR: 11},
    ("sms", True): {MINUTE: 1, QUARTER: 3, HOUR: 7},
    ("voice", False): {MINUTE: 1, QUARTER: 3},
    ("voice", True): {MINUTE: 1, QUARTER: 2},
}
"""How many pages a window takes, by channel and by whether they are about the same trouble."""

KINDS = st.sampled_from(sorted(MOST))
PAUSES = st.lists(st.integers(0, 900), max_size=30)


def ago(*minutes: float) -> list[datetime]:
    return sorted(NOW - each * MINUTE for each in minutes)


def history(pauses: list[int]) -> list[datetime]:
    """Give pages with these pauses in seconds, whether they were allowed or not; the last one is not after now."""
    back = [NOW]
    for pause in pauses:
        back.append(back[-1] - pause * SECOND)
    return back[:0:-1]


def allowed(sent: list[datetime], kind: tuple[str, bool], at: datetime) -> bool:
    """Count the pages of every window that ends at an instant."""
    return all(sum(at - window < one <= at for one in sent) < most for window, most in MOST[kind].items())


def first_allowed(sent: list[datetime], kind: tuple[str, bool]) -> datetime:
    """Try now, and then each instant at which a page leaves a window."""
    instants = {NOW} | {one + window for one in sent for window in MOST[kind] if one + window > NOW}
    return next(at for at in sorted(instants) if allowed(sent, kind, at))


@given(pauses=PAUSES, kind=KINDS)
@settings(deadline=None)
def test_a_number_is_free_at_the_first_instant_at_which_no_window_is_full(
    pauses: list[int], kind: tuple[str, bool]
) -> None:
    sent, (channel, repeat) = history(pauses), kind
    assert free_at(sent, channel, NOW, repeat=repeat) == first_allowed(sent, kind)


@given(pauses=PAUSES, kind=KINDS)
@settings(deadline=None)
def test_whoever_pages_when_it_is_free_never_fills_a_window_too_much(pauses: list[int], kind: tuple[str, bool]) -> None:
    now, sent, (channel, repeat) = NOW, list[datetime](), kind
    for pause in pauses:
        now = free_at(sent, channel, now + pause * SECOND, repeat=repeat)
        sent.append(now)
    for window, most in MOST[kind].items():
        assert all(sum(first <= one < first + window for one in sent) <= most for first in sent)


@given(pauses=PAUSES, kind=KINDS)
@settings(deadline=None)
def test_older_pages_than_a_phone_keeps_make_no_difference(pauses: list[int], kind: tuple[str, bool]) -> None:
    sent, (channel, repeat) = history(pauses), kind
    assert free_at(sent[-KEPT:], channel, NOW, repeat=repeat) == free_at(sent, channel, NOW, repeat=repeat)


@given(pauses=PAUSES, channel=st.sampled_from(["sms", "voice"]))
@settings(deadline=None)
def test_a_repeat_never_goes_before_something_new(pauses: list[int], channel: str) -> None:
    sent = history(pauses)
    assert NOW <= free_at(sent, channel, NOW) <= free_at(sent, channel, NOW, repeat=True)


# The page that makes a window full leaves it the instant that the window has passed, and not one sooner.
@pytest.mark.parametrize(("kind", "window"), [(kind, window) for kind, windows in MOST.items() for window in windows])
def test_each_window_is_full_to_its_last_instant(kind: tuple[str, bool], window: timedelta) -> None:
    (channel, repeat), most = kind, MOST[kind][window]
    sent = sorted(NOW - number * window / most for number in range(most))
    last = timedelta(microseconds=1)
    oldest = sent[0]
    assert free_at(sent, channel, oldest + window - last, repeat=repeat) == oldest + window
    assert free_at(sent, channel, oldest + window, repeat=repeat) == oldest + window
    assert free_at(sent, channel, oldest + window + last, repeat=repeat) == oldest + window + last
    assert free_at(sent[1:], channel, NOW + MINUTE, repeat=repeat) == NOW + MINUTE


@pytest.mark.parametrize(
    ("minutes", "channel", "new", "repeated"),
    [
        ([], "sms", 0, 0),
        ([0], "sms", 1, 1),
        ([1], "sms", 0, 0),
        ([2, 1], "sms", 0, 0),
        ([3, 2, 1], "sms", 0, 12),
        ([4, 3, 2, 1], "sms", 0, 12),
        ([5, 4, 3, 2, 1], "sms", 10, 12),
        ([14, 0], "sms", 1, 1),
        ([58, 50, 42, 34, 26, 18, 10], "sms", 0, 2),
        ([59, 54, 48, 42, 36, 30, 24, 18, 12, 6, 2], "sms", 1, 24),
        ([0], "voice", 1, 1),
        ([2, 1], "voice", 0, 13),
        ([3, 2, 1], "voice", 12, 13),
        ([1] * 40, "pigeon", 0, 0),
    ],
)
def test_a_phone_waits_as_long_as_its_fullest_window(
    minutes: list[float], channel: str, new: float, repeated: float
) -> None:
    sent = ago(*minutes)
    assert (free_at(sent, channel, NOW) - NOW) / MINUTE == new
    assert (free_at(sent, channel, NOW, repeat=True) - NOW) / MINUTE == repeated


@pytest.mark.parametrize(
    ("minutes", "channel", "sparing", "strict"),
    [
        ([], "sms", 0, 0),
        ([0], "sms", 15, 60),
        ([14], "sms", 1, 46),
        ([50, 30, 20], "sms", 10, 40),
        ([61, 40, 20], "sms", 0, 40),
        ([0], "voice", 60, 180),
        ([61], "voice", 0, 119),
    ],
)
def test_what_can_wait_waits_longer_the_more_must_be_saved(
    minutes: list[float], channel: str, sparing: float, strict: float
) -> None:
    sent = ago(*minutes)
    assert (free_at(sent, channel, NOW, thrift=Thrift.SPARING) - NOW) / MINUTE == sparing
    assert (free_at(sent, channel, NOW, thrift=Thrift.STRICT) - NOW) / MINUTE == strict


@given(pauses=PAUSES, kind=KINDS, thrift=st.sampled_from(Thrift))
@settings(deadline=None)
def test_saving_never_pages_sooner_and_never_later_than_its_longest_window(
    pauses: list[int], kind: tuple[str, bool], thrift: Thrift
) -> None:
    sent, (channel, repeat) = history(pauses), kind
    usual, saved = (free_at(sent, channel, NOW, repeat=repeat, thrift=one) for one in (Thrift.NONE, thrift))
    assert usual <= saved <= NOW + 3 * HOUR


def test_a_storm_without_end_is_eleven_texts_an_hour() -> None:
    now, sent = NOW, list[datetime]()
    while now < NOW + 3 * HOUR:
        sent.append(now)
        now = free_at(sent, "sms", now)
    gaps = [(later - earlier) / MINUTE for earlier, later in pairwise(sent)]
    assert gaps[:11] == [1, 1, 1, 1, 11, 1, 1, 1, 1, 11, 30]
    assert len(sent) == 33

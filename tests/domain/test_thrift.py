"""A month's money: what is counted of it, from when on it is saved, and who is told."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from tests.domain.examples import HOUR, MINUTE, NOW, SECOND, config
from tocsin.domain.calendar import Hours
from tocsin.domain.config import Budget, CatchAll
from tocsin.domain.thrift import ALL, NEARLY, TOLD_FOR, Notice, Spending, Thrift, begins, due, path, thrift

TEN = Budget(10.0, 1.0, 2.0)
EMPTY = Spending(begins(NOW))
LATER = NOW + MINUTE


def test_a_month_begins_in_utc_and_has_one_document() -> None:
    assert begins(NOW) == datetime(2026, 11, 1, tzinfo=UTC)
    assert path(NOW) == "spending/2026-11"


def test_texts_and_calls_are_counted_at_their_prices() -> None:
    counted = EMPTY.counting(2, 1, LATER, TEN, NOW).counting(1, 1, NOW + HOUR, TEN, NOW + HOUR)
    assert (counted.texts, counted.calls, counted.through) == (3, 2, NOW + HOUR)
    assert (counted.spent(TEN), counted.percent(TEN)) == (7.0, 70)
    assert (counted.nearly_at, counted.all_at) == (None, None)


@pytest.mark.parametrize(
    ("texts", "saving", "nearly", "over"),
    [
        (7, Thrift.NONE, False, False),
        (8, Thrift.SPARING, True, False),
        (9, Thrift.SPARING, True, False),
        (10, Thrift.STRICT, True, True),
    ],
)
def test_from_a_share_on_it_is_saved_and_that_is_noted(texts: int, saving: Thrift, nearly: bool, over: bool) -> None:  # noqa: FBT001
    counted = EMPTY.counting(texts, 0, LATER, TEN, LATER)
    assert thrift(counted, TEN) is saving
    assert (counted.nearly_at, counted.all_at) == (LATER if nearly else None, LATER if over else None)


def test_what_was_noted_stays_and_a_budget_that_is_raised_counts_at_once() -> None:
    over = EMPTY.counting(10, 0, LATER, TEN, LATER).counting(1, 0, NOW + HOUR, TEN, NOW + HOUR)
    assert (over.nearly_at, over.all_at) == (LATER, LATER)
    assert thrift(over, replace(TEN, month=100.0)) is Thrift.NONE


def told(spending: Spending, at: datetime = NOW) -> list[str]:
    settings = config(catch_all=CatchAll(("dana", "gone", "carla")))
    return [one.id for one in due(spending, settings, at)]


def test_those_of_the_catch_all_are_told_once_of_each_share_for_a_day() -> None:
    nearly = replace(EMPTY, nearly_at=NOW)
    assert told(EMPTY) == []
    assert told(nearly) == ["budget-2026-11-80-dana", "budget-2026-11-80-carla"]
    assert told(replace(nearly, all_at=NOW)) == ["budget-2026-11-100-dana", "budget-2026-11-100-carla"]
    assert len(told(nearly, NOW + TOLD_FOR - SECOND)) == 2
    assert told(nearly, NOW + TOLD_FOR) == []
    assert (NEARLY, ALL, TOLD_FOR) == (80, 100, 24 * HOUR)


def test_nobody_is_told_in_quiet_hours() -> None:
    settings = config()
    asleep = replace(settings.users["dana"], quiet_hours=Hours(tuple(range(7)), time(0), time(6)))
    settings = replace(settings, users={"dana": asleep})
    spending = replace(EMPTY, nearly_at=NOW)
    assert list(due(spending, settings, NOW)) == []
    assert [one.user for one in due(spending, settings, NOW + 4 * HOUR)] == ["dana"]


@pytest.mark.parametrize(("percent", "how"), [(80, "told less often, in"), (100, "told once an hour, in")])
def test_the_words_say_what_is_saved(percent: int, how: str) -> None:
    words = Notice("2026-11", percent, "dana").words
    assert words.startswith(f"The budget for texts and calls of 2026-11 is used to {percent} %.")
    assert how in words
    assert words.endswith("what is new and urgent at once.")

"""Shift notices: every change of whoever asked is told, nothing else, in words that fit two segments."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, MINUTE, PEOPLE, SECOND, config, user
from tocsin.domain.calendar import Hours, Layer, Override, Schedule
from tocsin.domain.config import Config
from tocsin.domain.gsm import septets
from tocsin.domain.handover import Notice, due, words
from tocsin.domain.schedule import on_call

START = datetime(2026, 3, 28, 9, tzinfo=UTC)
EVENING, HOURS = START + timedelta(hours=11), 8  # the clocks of London change in this night
DAY = timedelta(days=1)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def rota(*users: str, turn: timedelta = 12 * HOUR, overrides: tuple[Override, ...] = (), **more: object) -> Schedule:
    layer = replace(Layer(users, turn, wall("2026-01-05 09:00")), **more)  # type: ignore[arg-type]
    return Schedule("shop", "Europe/London", (layer,), overrides)


def asking(schedule: Schedule, *names: str, **changes: object) -> Config:
    people = {name: replace(user(name), shift_notices=name in names, **changes) for name in PEOPLE}  # type: ignore[arg-type]
    return config(users=people, schedules={"shop": schedule})


def holder(schedule: Schedule, at: datetime) -> str:
    shift = on_call(schedule, at)
    return shift.user if shift else ""


COVERS = st.builds(
    lambda user, begin, length: Override(user, EVENING + begin * MINUTE, EVENING + (begin + length) * MINUTE),
    st.sampled_from(PEOPLE),
    st.integers(-60, 7 * 60),
    st.integers(1, 300),
)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3),
    st.sampled_from([HOUR, 6 * HOUR, 12 * HOUR]),
    st.lists(COVERS, max_size=3),
    st.booleans(),
)
def test_each_change_is_told_and_nothing_else(
    users: list[str],
    turn: timedelta,
    covers: list[Override],
    office: bool,  # noqa: FBT001
) -> None:
    only = (Hours(tuple(range(7)), time(8), time(20)),) if office else ()
    schedule = rota(*users, turn=turn, overrides=tuple(covers), only=only)
    everybody = asking(schedule, *PEOPLE)
    changed = set()
    for minute in range(HOURS * 60):
        at = EVENING + minute * MINUTE
        before, after = holder(schedule, at - SECOND), holder(schedule, at)
        if before != after:
            changed |= {Notice(at, "shop", one, comes=comes) for one, comes in ((before, False), (after, True)) if one}
    told = {one for half in range(2 * HOURS) for one in due(everybody, EVENING + (half + 1) * 30 * MINUTE - SECOND)}
    assert {one for one in told if one.at >= EVENING} == changed
    assert len({one.id for one in changed}) == len(changed)
    assert all(septets(words(one, everybody)) <= 2 * 153 for one in changed)


def test_only_those_who_ask_are_told() -> None:
    schedule = rota("ada", "bram")
    nine = datetime(2026, 1, 6, 9, tzinfo=UTC)
    assert due(asking(schedule), nine) == []
    assert [(one.user, one.comes) for one in due(asking(schedule, "ada"), nine)] == [("ada", True)]
    assert [(one.user, one.comes) for one in due(asking(schedule, "ada", "bram"), nine)] == [
        ("ada", True),
        ("bram", False),
    ]


@pytest.mark.parametrize(("late", "number"), [(0, 1), (1, 1), (3600, 1), (3601, 0), (-1, 0)])
def test_a_change_is_due_for_an_hour(late: int, number: int) -> None:
    at = datetime(2026, 1, 6, 9, tzinfo=UTC) + late * SECOND
    assert len(due(asking(rota("ada", "bram"), "ada"), at)) == number


def test_a_zone_that_nobody_knows_tells_nothing() -> None:
    lost = replace(rota("ada", "bram"), time_zone="Nowhere/Atall")
    assert due(asking(lost, "ada"), START) == []


@pytest.mark.parametrize(
    ("schedule", "comes", "said"),
    [
        (rota("ada", "bram"), True, "You are on call for shop until Sat 21:00 GMT. Then Bram."),
        (rota("ada", "bram", turn=7 * DAY, start=wall("2026-03-28 09:00")), True, "until Sat 09:00 BST. Then Bram."),
        (rota("ada", "bram", turn=9 * DAY, start=wall("2026-03-28 09:00")), True, "until 2026-04-06, Mon 09:00 BST."),
        (rota("ada"), True, "You are on call for shop from now on."),
        (rota("ada", "ada"), True, "You are on call for shop from now on."),
        (rota("ada", end=wall("2026-03-30 09:00")), True, "until Mon 09:00 BST. Then nobody."),
        (rota("bram", "carla"), False, "You are off call for shop since Sat 09:00 GMT. Bram is on call now."),
        (rota("ada", end=wall("2026-03-28 09:00")), False, "since Sat 09:00 GMT. Nobody is on call now."),
    ],
)
def test_the_words_say_until_when_and_who_is_next(schedule: Schedule, comes: bool, said: str) -> None:  # noqa: FBT001
    notice = Notice(START, "shop", "ada", comes=comes)
    assert said in words(notice, asking(schedule, "ada", time_zone="Europe/London"))

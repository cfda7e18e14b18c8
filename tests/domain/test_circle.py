"""Round robin: one of those a level means for each incident, in turn, and the same one while that one is there."""

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import MINUTE, NOW, PEOPLE, by_schedule, by_team, config, incident, level, named
from tocsin.domain.circle import moved_on
from tocsin.domain.config import Config, Level, Team
from tocsin.domain.escalation import escalate, page_next
from tocsin.domain.incident import Incident

WEB = {"web": Team("web", ("ada", "bram", "carla"))}
ROUND = replace(level(by_team("web")), circle="shop-1")
THEN_DANA = (ROUND, level(named("dana")))


def opened(number: int, settings: Config, order: tuple[str, ...] | None = (), *levels: Level, **more: Any) -> Incident:
    circles = {} if order is None else {"shop-1": order}
    new = incident(*(levels or THEN_DANA), id=f"i{number}", nonce=f"n{number}", circles=circles, **more)
    return page_next(new, settings, NOW)


def paged(one: Incident) -> set[str]:
    return {each.user for each in one.new}


def in_a_row(number: int, *levels: Level, settings: Config | None = None) -> list[str]:
    settings, seen = settings or config(teams=WEB), []
    order: tuple[str, ...] = ()
    for each in range(number):
        one = opened(each, settings, order, *levels)
        [user], order = paged(one), one.circles["shop-1"]
        seen.append(user)
    return seen


def test_each_incident_is_for_the_next_one() -> None:
    assert in_a_row(7) == ["ada", "bram", "carla", "ada", "bram", "carla", "ada"]


def test_a_thousand_incidents_are_shared_evenly() -> None:
    assert Counter(in_a_row(1000)) == {"ada": 334, "bram": 333, "carla": 333}


def test_several_users_and_schedules_go_round_as_a_team_does() -> None:
    mixed = replace(level(named("bram"), by_schedule("shop"), named("dana")), circle="shop-1")
    assert in_a_row(4, mixed) == ["bram", "ada", "dana", "bram"]


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True), min_size=1, max_size=60))
def test_whoever_is_there_all_the_time_waits_for_no_more_than_everybody_else(teams: list[list[str]]) -> None:
    """Nobody takes two incidents while somebody else who was there all the time takes none."""
    order: tuple[str, ...] = ()
    takers: list[str] = []
    for number, team in enumerate(teams):
        one = opened(number, config(teams={"web": Team("web", tuple(team))}), order)
        [user], order = paged(one), one.circles["shop-1"]
        since = len(takers) - takers[::-1].index(user) if user in takers else None
        if since is not None:
            there = set.intersection(*({*each} for each in teams[since - 1 : number + 1]))
            assert there - {user} <= {*takers[since:]}
        takers.append(user)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PEOPLE)))
def test_a_circle_holds_everybody_once_the_last_taker_last(users: list[str]) -> None:
    order: tuple[str, ...] = ()
    for user in users:
        order = moved_on(order, user)
        assert (order[-1], len(order)) == (user, len({*order}))
    assert {*order} == {*users}


def test_the_next_round_asks_the_same_person_and_moves_nothing() -> None:
    settings = config(teams=WEB)
    first = opened(1, settings, ("ada",), repeat=1)
    second = escalate(first, settings, NOW + 5 * MINUTE)
    again = escalate(replace(second, circles={}, drawn=""), settings, NOW + 10 * MINUTE)
    assert [paged(one) for one in (first, second, again)] == [{"bram"}, {"dana"}, {"bram"}]
    assert (again.circles, again.drawn) == ({}, "")
    assert again.timeline[-1].why == "level 1: Bram (in the team web, has taken it before)"


def test_whoever_has_left_is_followed_by_the_next() -> None:
    first = opened(1, config(teams=WEB), ("ada",), repeat=1)
    second = escalate(first, config(teams=WEB), NOW + 5 * MINUTE)
    smaller = config(teams={"web": Team("web", ("ada", "carla"))})
    again = escalate(replace(second, circles={"shop-1": ("ada", "bram")}), smaller, NOW + 10 * MINUTE)
    assert paged(again) == {"carla"}


def test_whoever_is_not_a_user_is_passed_over() -> None:
    assert in_a_row(3, settings=config(teams={"web": Team("web", ("gone", "ada", "bram"))})) == ["ada", "bram", "ada"]


def test_the_next_one_follows_at_the_same_level_when_one_is_out_of_reach() -> None:
    settings = config(teams=WEB)
    first = replace(opened(1, settings, ()), out_of_reach=("ada",), next_at=NOW + MINUTE, circles={"shop-1": ("ada",)})
    second = escalate(first, settings, NOW + MINUTE)
    assert (paged(second), second.level, second.generation) == ({"bram"}, 1, 2)
    assert second.next_at == NOW + 6 * MINUTE
    assert second.timeline[-2].why == "level 1 goes round: the next one"


def test_the_next_level_follows_when_nobody_is_left_whom_a_channel_reaches() -> None:
    settings = config(teams=WEB)
    first = replace(opened(1, settings, ()), out_of_reach=("ada", "bram", "carla"))
    assert paged(escalate(first, settings, NOW + MINUTE)) == {"dana"}


def test_without_the_circle_the_lot_decides_and_says_what_was_missing() -> None:
    settings = config(teams=WEB)
    drawn = [opened(number, settings, None) for number in range(1000)]
    shares = Counter(user for one in drawn for user in paged(one))
    assert {one.drawn for one in drawn} == {"shop-1"}
    assert all(one.circles == {} for one in drawn)
    assert min(shares.values()) > 280
    assert paged(opened(7, settings, None)) == paged(opened(7, settings, None))


def test_everybody_on_a_level_that_does_not_go_round_is_paged() -> None:
    assert paged(opened(1, config(teams=WEB), (), level(by_team("web")))) == {"ada", "bram", "carla"}

"""Escalation beside its ordinary way: pauses, what becomes more urgent, what was passed on, rounds and tests."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain.examples import HOUR, MINUTE, NOW, PEOPLE, config, incident, level, named, user
from tocsin.domain import testpage
from tocsin.domain.config import Config, Level
from tocsin.domain.escalation import Fired, add, escalate, escalate_now, fire, page_again, page_next, pass_on, stage
from tocsin.domain.incident import Incident, Status
from tocsin.domain.people import Chosen

CONFIG = config()
LATER = NOW + MINUTE
OPEN = page_next(incident(), CONFIG, NOW)
CARLA = Chosen(user("carla"), "asked")


def paged(one: Incident) -> list[str]:
    return [page.user for page in one.new]


def test_what_was_paused_pages_the_first_level_when_nobody_resolved_it() -> None:
    paused = replace(incident(), next_at=LATER, paused_until=LATER)
    assert (stage(paused), stage(OPEN), stage(replace(OPEN, level=3))) == ("the pause", "level 1", "the catch-all")
    assert fire(paused, paused.generation, 0, LATER) == (Fired.ESCALATED, "the pause is over")
    over = escalate(paused, CONFIG, LATER)
    assert (over.level, {*paged(over)}, over.timeline[0].what) == (1, {"ada"}, "pause over")


def test_what_has_become_more_urgent_pages_once_more_where_it_stands() -> None:
    louder = replace(OPEN, louder=True, next_at=LATER)
    assert fire(louder, 1, 1, LATER) == (Fired.ESCALATED, "it has become more urgent: paged once more")
    again = escalate(louder, CONFIG, LATER)
    assert (again.level, again.step, again.louder, {*paged(again)}) == (1, 2, False, {"ada"})
    assert (again.generation, again.episode) == (OPEN.generation + 1, OPEN.episode + 1)


def test_while_nobody_is_to_be_paged_yet_nobody_is_paged_again() -> None:
    paused = replace(incident(), next_at=LATER, paused_until=LATER, new=OPEN.new)
    assert page_again(paused, CONFIG, LATER) == replace(paused, new=())


@pytest.mark.parametrize(
    ("at", "delay"), [(0, 30 * MINUTE), (1, 5 * MINUTE), (2, 7 * MINUTE), (3, 30 * MINUTE)], ids=str
)
def test_whoever_it_is_passed_to_has_the_time_of_the_level_and_is_paged_again(at: int, delay: timedelta) -> None:
    levels = (level(named("ada")), level(named("bram"), minutes=7))
    passed = pass_on(replace(OPEN, levels=levels, level=at), CARLA, "Ada", CONFIG, LATER, "by text")
    assert passed.next_at
    assert ({*paged(passed)}, passed.passed_to, passed.next_at - LATER) == ({"carla"}, "carla", delay)
    assert {page.lead for page in passed.new} == {"From Ada"}
    again = page_again(passed, CONFIG, LATER)
    assert ({*paged(again)}, again.passed_to) == ({"carla"}, "carla")
    assert "it was passed to them" in again.timeline[-1].why
    following = escalate(again, CONFIG, LATER + HOUR)
    assert (following.passed_to, "carla" in paged(following)) == ("", False)


def test_whoever_it_was_passed_to_and_is_gone_is_not_asked() -> None:
    gone = config(users={name: user(name) for name in PEOPLE if name != "carla"})
    passed = pass_on(OPEN, CARLA, "Ada", CONFIG, LATER, "by text")
    assert {*paged(page_again(passed, gone, LATER))} == {"ada"}


def test_whoever_is_asked_for_help_has_notifications_of_a_generation_of_its_own() -> None:
    helped = add(OPEN, (CARLA,), "Ada", LATER, "by text")
    assert (helped.generation, helped.asked, helped.next_at) == (OPEN.generation + 1, ("carla",), OPEN.next_at)
    assert {page.id for page in helped.new}.isdisjoint(page.id for page in OPEN.new)
    assert all(page.beside for page in helped.new)


AROUND = Level((named("ada"), named("bram")), 5 * MINUTE, circle="shop-1")


@pytest.mark.parametrize("levels", [(AROUND,), (level(named("dana")), AROUND)])
def test_of_a_round_robin_the_next_one_is_asked_when_whoever_took_it_cannot_be_reached(
    levels: tuple[Level, ...],
) -> None:
    asked = page_next(replace(incident(*levels), level=len(levels) - 1, circles={"shop-1": ()}), CONFIG, NOW)
    assert {*paged(asked)} == {"ada"}
    instead = escalate(replace(asked, out_of_reach=("ada",), circles={"shop-1": ()}), CONFIG, LATER)
    assert ({*paged(instead)}, instead.level, instead.generation) == ({"bram"}, len(levels), asked.generation + 1)
    nobody = escalate(replace(instead, out_of_reach=("ada", "bram"), circles={"shop-1": ()}), CONFIG, LATER)
    assert {*paged(nobody)} == {"dana"}


@pytest.mark.parametrize("at", [0, 3])
def test_what_stands_at_no_level_has_no_round_robin(at: int) -> None:
    one = incident(AROUND, AROUND)
    taken = replace(one, level=at, takers={"shop-1": "ada"}, out_of_reach=("ada",), step=at)
    assert {*paged(escalate(taken, CONFIG, LATER))} == ({"dana"} if at else {"bram"})


@pytest.fixture
def tested() -> tuple[Incident, Config]:
    """Give a test page of a call to Ada, who would be texted first."""
    event = testpage.event("t1", user("ada"), "voice", NOW)
    policy = testpage.policy(event.integration)
    assert policy
    return incident(*policy.levels, integration=event.integration), CONFIG


def test_a_test_pages_one_person_over_its_channel_and_asks_nobody_else(tested: tuple[Incident, Config]) -> None:
    one = page_next(*tested, NOW)
    assert [(page.user, page.channel) for page in one.new] == [("ada", "voice")]
    ended = escalate(one, CONFIG, NOW + testpage.OVER)
    assert (ended.status, ended.answered_by, ended.new) == (Status.RESOLVED, testpage.NAME, ())


def test_whoever_escalates_a_test_has_answered_it(tested: tuple[Incident, Config]) -> None:
    passed = escalate_now(page_next(*tested, NOW), "Ada", CONFIG, LATER, "by key")
    assert (passed.status, passed.answered_by) == (Status.RESOLVED, "Ada")

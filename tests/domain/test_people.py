"""Who is meant, and which notifications their own rules make of it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.domain.examples import MINUTE, NOW, SECOND, by_schedule, by_team, config, named, schedule, user
from tocsin.domain.calendar import Layer
from tocsin.domain.config import ContactRule, Target, Team, Urgency
from tocsin.domain.people import Page, choose, notifications

PAGE = Page("i1", generation=1, episode=1, step=1, level=1, urgency=Urgency.HIGH)


def names(*targets: Target, **changes: Any) -> list[str]:
    return [chosen.user.id for chosen in choose(config(**changes), targets, NOW)]


def test_everybody_is_chosen_once_in_the_targets_order() -> None:
    assert names(named("bram"), named("ada"), named("bram"), by_schedule("shop")) == ["bram", "ada"]


def test_a_schedule_gives_whoever_has_the_turn() -> None:
    # The rotation began on Monday the 5th of January at nine; this is its 46th week, counted from nought the 45th.
    assert names(by_schedule("shop"), schedules={"shop": schedule("ada", "bram")}) == ["bram"]
    assert names(by_schedule("shop"), schedules={"shop": schedule("ada", "bram", "carla")}) == ["ada"]


def test_a_team_is_everybody_in_it() -> None:
    web = {"web": Team("web", ("bram", "ada", "gone"))}
    assert names(named("ada"), by_team("web"), teams=web) == ["ada", "bram"]
    assert choose(config(teams=web), [by_team("web")], NOW)[0].because == "in the team web"


def test_the_reason_names_the_schedule_and_the_rule() -> None:
    by_turn, by_name = choose(config(), [by_schedule("shop"), named("bram")], NOW)
    assert by_turn.because == "on call in shop by rotation"
    assert by_name.because == "named by the policy"


@pytest.mark.parametrize(
    "target", [named("nobody"), by_schedule("nowhere"), by_team("none"), by_schedule("empty"), by_schedule("gone")]
)
def test_a_target_that_leads_to_nobody_is_left_out(target: Target) -> None:
    start = datetime(2026, 1, 5, 9)  # noqa: DTZ001
    empty = replace(schedule(), layers=(Layer((), MINUTE, start),))
    assert names(target, named("ada"), schedules={"empty": empty, "gone": schedule("nobody")}) == ["ada"]


def test_rules_become_notifications_soonest_first_that_name_what_follows() -> None:
    rules = (ContactRule("voice", 2 * MINUTE), ContactRule("sms"), ContactRule("sms", 5 * MINUTE))
    [chosen] = choose(config(users={"ada": user("ada", *rules)}), [named("ada")], NOW)
    made = notifications(chosen, Page("i1", 3, 2, 5, 2, Urgency.HIGH), NOW)
    assert [(one.channel, one.due - NOW) for one in made] == [
        ("sms", 0 * SECOND),
        ("voice", 2 * MINUTE),
        ("sms", 5 * MINUTE),
    ]
    assert [one.id for one in made] == ["i1-3-2-ada-1", "i1-3-2-ada-2", "i1-3-2-ada-3"]
    assert [one.then for one in made] == [(made[1].id, made[2].id), (made[2].id,), ()]
    assert {(one.number, one.generation, one.level, one.next_at == one.due) for one in made} == {
        ("+15550100100", 3, 2, True)
    }


def test_the_same_page_makes_the_same_notifications() -> None:
    [chosen] = choose(config(), [named("ada")], NOW)
    assert notifications(chosen, PAGE, NOW) == notifications(chosen, PAGE, NOW)


def test_whoever_has_no_rule_for_the_urgency_gets_a_text_at_once() -> None:
    [chosen] = choose(config(), [named("ada")], NOW)
    [only] = notifications(chosen, replace(PAGE, urgency=Urgency.LOW), NOW)
    assert (only.channel, only.due) == ("sms", NOW)

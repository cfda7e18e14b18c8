"""Policies: an incident keeps the levels it opened with, asks the people of today, and never ends unheard."""

from dataclasses import replace
from datetime import timedelta

from tests.stories.night import Night
from tocsin.domain.config import Level, Target, TargetKind, Team

CALLER = Target(TargetKind.USER, "caller")


def test_a_policy_that_changes_leaves_the_levels_of_an_open_incident_alone(night: Night) -> None:
    night.alert("checkout is down")
    night.changes("policies", "shop", levels=(Level((CALLER,), timedelta(minutes=1)),), repeat=0)
    night.passes(minutes=16)
    night.phone("primary").receives("checkout is down").rings().receives("checkout is down")
    night.phone("secondary").receives("checkout is down").rings().answers("ack").receives("Acknowledged")
    night.phone("caller").stays_silent()


def test_the_next_incident_goes_by_the_policy_of_today(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.changes("policies", "shop", levels=(Level((CALLER,), timedelta(minutes=1)),), repeat=0)
    night.alert("cart is slow")
    night.phone("caller").rings().picks_up().presses("4").hears("Acknowledged")


def test_an_open_incident_asks_whoever_is_on_call_and_in_the_team_today(night: Night) -> None:
    team = Target(TargetKind.TEAM, "web")
    night.world.config = replace(night.world.config, teams={"web": Team("web", ("manager",))})
    levels = (Level((Target(TargetKind.SCHEDULE, "shop"),), timedelta(minutes=5)), Level((team,), timedelta(minutes=5)))
    night.changes("policies", "shop", levels=levels)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.changes("teams", "web", users=("secondary", "caller"))
    [layer] = night.world.config.schedules["shop"].layers
    night.changes("schedules", "shop", layers=(replace(layer, users=("manager",)),))
    night.passes(minutes=6)
    night.phone("primary").rings()
    night.phone("secondary").receives("checkout is down")
    night.phone("caller").rings()
    night.passes(minutes=5)
    night.phone("secondary").rings()
    night.phone("manager").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert night.told("paging", "level 2: Secondary Person (in the team web), Caller Person (in the team web)") == 1
    assert night.told("paging", "level 1: Manager Person (on call in shop by rotation)") == 1


def test_a_policy_that_is_gone_is_gone_through_to_its_end_and_then_to_the_catch_all_for_ever(night: Night) -> None:
    night.alert("cards are refused", service="payments")
    config = night.world.config
    night.world.config = replace(
        config, policies={name: one for name, one in config.policies.items() if name != "pair"}
    )
    night.passes(hours=3)
    night.phone("primary").receives("cards").rings()
    night.phone("secondary").receives("cards").rings()
    assert night.told("alarm", "the policy is exhausted: the catch-all is asked until somebody answers") == 1
    assert night.told("paging", "the catch-all: Manager Person (takes what nobody else takes)") == 6
    manager = night.phone("manager")
    for _ in range(7):
        manager.receives("cards are refused").rings()
    manager.answers("ack").receives("Acknowledged")


def test_a_level_whose_team_is_empty_today_is_skipped_at_once_with_an_alarm(night: Night) -> None:
    night.world.config = replace(night.world.config, teams={"web": Team("web", ())})
    level = Level((Target(TargetKind.TEAM, "web"),), timedelta(minutes=5), "shop-1")
    night.changes("policies", "shop", levels=(level, *night.world.config.policies["shop"].levels))
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert night.told("alarm", "level 1 has nobody to page: skipped at once") == 1

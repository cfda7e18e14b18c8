"""A level that goes round: each incident for one of them, and the next one for the next incident."""

from dataclasses import replace
from datetime import timedelta

import pytest

from infra.local.phones.faults import Kind
from tests.stories.night import Night
from tocsin import desk
from tocsin.domain.config import Level, Policy, Target, TargetKind, Team
from tocsin.domain.orders import Said

TEAM = Target(TargetKind.TEAM, "web")
MANAGER = Target(TargetKind.USER, "manager")


@pytest.fixture
def turns(night: Night) -> Night:
    """Let checkout page one of two, and then the manager."""
    levels = (Level((TEAM,), timedelta(minutes=5), "web-1"), Level((MANAGER,), timedelta(minutes=5)))
    config = night.world.config
    policies = {**config.policies, "web": Policy("web", levels, repeat=1)}
    teams = {"web": Team("web", ("primary", "secondary"))}
    night.world.config = replace(config, policies=policies, teams=teams)
    night.changes("services", "checkout", policy="web")
    return night


def test_two_incidents_are_shared_by_two(turns: Night) -> None:
    turns.alert("cart is slow")
    turns.phone("primary").receives("cart is slow").answers("ack").receives("Acknowledged")
    turns.alert("cards are refused")
    turns.phone("secondary").receives("cards are refused").answers("ack").receives("Acknowledged")
    turns.passes(minutes=2)
    turns.alert("stock is wrong")
    turns.phone("primary").receives("stock is wrong").answers("ack").receives("Acknowledged")
    assert turns.told("paging", "level 1: Primary Person (in the team web, whose turn it is)") == 1


def test_an_alert_that_joins_takes_nobodys_turn(turns: Night) -> None:
    turns.alert("cart is slow")
    turns.alert("cart is slow")
    turns.phone("primary").receives("cart is slow").answers("ack").receives("Acknowledged")
    turns.alert("cards are refused")
    turns.phone("secondary").receives("cards are refused").answers("ack").receives("Acknowledged")


def test_the_next_round_of_an_incident_pages_the_same_person(turns: Night) -> None:
    turns.alert("cart is slow")
    turns.passes(minutes=11)
    turns.phone("primary").receives("cart is slow").rings().receives("cart is slow")
    turns.phone("manager").receives("cart is slow").rings().answers("ack").receives("Acknowledged")
    turns.phone("secondary").stays_silent()


def test_whoever_cannot_be_reached_is_followed_by_the_next_at_once(turns: Night) -> None:
    turns.phone("primary").meets(Kind.REFUSED, times=None)
    turns.alert("cart is slow")
    turns.passes(seconds=30)
    turns.phone("secondary").receives("cart is slow").answers("ack").receives("Acknowledged")
    turns.phone("manager").stays_silent()
    assert turns.told("escalated", "level 1 goes round: the next one") == 1


TITLES = ("cart is slow", "cards are refused", "stock is wrong", "search is empty", "mail is late")


@pytest.fixture
def later(turns: Night) -> Night:
    """Let the manager be paged first, and one of the two then."""
    first, second = turns.world.config.policies["web"].levels
    turns.changes("policies", "web", levels=(second, replace(first, circle="web-2")))
    return turns


def takers(night: Night) -> list[str]:
    """Give who has taken each incident, in the order of their titles above."""
    taken = {one.title: one.takers.get("web-2", "") for one in night.incidents()}
    for phone in night.phones.values():
        phone.has_had_enough()
    return [taken[title] for title in TITLES if title in taken]


@pytest.mark.parametrize("how", ["text", "key", "command line"])
def test_whoever_escalates_asks_whose_turn_it_is(later: Night, how: str) -> None:
    manager = later.phone("manager")
    for title in TITLES:
        later.alert(title)
        manager.receives(title)
        if how == "text":
            manager.answers("escalate {code}").receives("Escalated")
        elif how == "key":
            later.passes(seconds=118)
            manager.rings().picks_up().presses("5")
        else:
            said = Said("Olga Operator", "on the command line", later.world.now)
            desk.escalated(later.world.store, later.world.queue, later.incident.id, said, later.world.moment())
        desk.resolved(later.world.store, later.incident.id, "Olga Operator", later.world.now)
        later.passes(minutes=5)
    assert takers(later) == ["primary", "secondary", "primary", "secondary", "primary"]


def test_a_digest_that_is_escalated_is_shared(later: Night) -> None:
    for title in TITLES:
        later.alert(title)
    manager = later.phone("manager").receives(TITLES[0]).answers("ack").receives("Acknowledged")
    later.passes(minutes=1)
    manager.receives("4 incidents").answers("escalate {code}").receives("Escalated", "all 4")
    took = takers(later)[1:]
    assert (took.count("primary"), took.count("secondary")) == (2, 2)


def test_what_is_opened_anew_after_a_resolve_asks_whose_turn_it_is(turns: Night) -> None:
    for title in TITLES[:4]:
        turns.alert(title)
        with turns.delayed(seconds=30):
            turns.resolves(title)
        turns.alert(title)  # joins what the resolve is about to end
        turns.passes(minutes=1)
        for phone in turns.phones.values():
            phone.has_had_enough()
    took = [one.takers["web-1"] for one in reversed(turns.incidents())]
    assert took == ["primary", "secondary"] * 4


def test_a_later_level_goes_round_as_well(turns: Night) -> None:
    first, second = turns.world.config.policies["web"].levels
    turns.changes(
        "policies", "web", levels=(replace(second, delay=timedelta(minutes=1)), replace(first, circle="web-2"))
    )
    for title, phone in (("cart is slow", "primary"), ("cards are refused", "secondary")):
        turns.alert(title)
        turns.passes(minutes=1, seconds=10)
        turns.phone(phone).receives(title).answers("ack").receives("Acknowledged")
    turns.phone("manager").has_had_enough()

"""A level that goes round: each incident for one of them, and the next one for the next incident."""

from dataclasses import replace
from datetime import timedelta

import pytest

from infra.local.phones.faults import Kind
from tests.stories.night import Night
from tocsin.domain.config import Level, Policy, Target, TargetKind, Team

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

"""Thousands of hostile requests at every public door: refused or read, and the next good message does its work."""

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hostile import mutations
from tests.hostile.corpus import TWILIO
from tests.hostile.doors import GOOD_REQUESTS, INGEST, PATHS, REPLY, Doors, Request, documents, signed, wrong

CI = os.environ.get("CI") == "true"
EXAMPLES = 20_000 if CI else 500  # at each door, in three parts

at_each_source = pytest.mark.parametrize("door", INGEST)
at_each_webhook = pytest.mark.parametrize("door", REPLY)


def knock(doors: Doors, door: str, requests: st.SearchStrategy[Request], share: float) -> None:
    """Send a door its share of the examples, and hold each answer against what all must be."""

    @settings(
        max_examples=int(EXAMPLES * share),
        deadline=None,
        derandomize=CI,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(request=requests)
    def answers(request: Request) -> None:
        problem = wrong(door, request, doors.ask(door, request))
        assert not problem, problem

    answers()


@at_each_source
def test_a_message_with_mistakes_is_refused_or_paged_with_what_there_is(doors: Doors, door: str) -> None:
    knock(doors, door, mutations.mutated(door), 0.6)
    doors.still_open(door)


@at_each_source
def test_bytes_are_refused_or_happen_to_be_a_message(doors: Doors, door: str) -> None:
    knock(doors, door, mutations.garbled(door), 0.2)
    doors.still_open(door)


@at_each_source
def test_no_address_header_or_torn_body_breaks_a_source(doors: Doors, door: str) -> None:
    knock(doors, door, mutations.wrapped(door, GOOD_REQUESTS[door]), 0.2)
    doors.still_open(door)


@at_each_webhook
def test_whatever_twilio_signs_is_answered(doors: Doors, door: str) -> None:
    _, _, notification = doors.page()
    knock(doors, door, mutations.forms(door, f"n={notification}"), 0.5)
    doors.still_open(door)


@at_each_webhook
def test_whatever_twilio_did_not_sign_changes_nothing(doors: Doors, door: str) -> None:
    _, _, notification = doors.page()
    before = documents()
    knock(doors, door, mutations.forged(door, f"n={notification}") | mutations.garbled(door), 0.3)
    assert documents() == before
    doors.still_open(door)


@at_each_webhook
def test_no_address_header_or_torn_body_breaks_a_webhook(doors: Doors, door: str) -> None:
    _, _, notification = doors.page()
    good = signed(PATHS[door], list(TWILIO[door].items()), f"n={notification}")
    knock(doors, door, mutations.wrapped(door, good), 0.2)
    doors.still_open(door)

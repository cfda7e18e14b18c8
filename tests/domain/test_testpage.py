"""A test page: what is told of it, and what counts as an answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain.examples import MINUTE, NOW, SECOND, config, incident, notification, user
from tocsin.domain import notification as rules
from tocsin.domain.escalation import page_next
from tocsin.domain.incident import Incident, acknowledge, resolve
from tocsin.domain.testpage import NAME, OVER, Step, event, is_answered, steps

ASKED = event("t1", user("ada"), "sms", NOW)
OPENED = page_next(incident(opened_at=NOW + SECOND), config(), NOW + SECOND)


def test_it_may_take_ten_minutes() -> None:
    assert timedelta(minutes=10) == OVER


def test_before_it_is_routed_only_its_acceptance_is_told() -> None:
    assert steps(ASKED, None, ()) == [Step(NOW, "accepted")]


@pytest.mark.parametrize(("channel", "word"), [("sms", "text"), ("voice", "call"), ("fax", "fax")])
def test_what_happened_to_it_is_told_in_order(channel: str, word: str) -> None:
    claimed = rules.claim(notification(channel=channel), "worker-1", "4821", NOW + 2 * SECOND)
    sent = rules.sent(claimed, "SM1", NOW + 3 * SECOND, "taken")
    ended = resolve(OPENED, NAME, NOW + OVER, "because nobody has answered")
    told = steps(ASKED, ended.noting(NOW + MINUTE, "alarm", "nobody"), [sent])
    assert [(step.at, step.what) for step in told] == [
        (NOW, "accepted"),
        (NOW + SECOND, "opened as an incident"),
        (NOW + 3 * SECOND, f"{word} sent: taken"),
        (NOW + MINUTE, "alarm: nobody"),
        (NOW + OVER, f"resolved: {NAME} resolved because nobody has answered"),
    ]


@pytest.mark.parametrize(
    ("one", "answered"),
    [
        (OPENED, False),
        (replace(OPENED, answered_by="Ada"), False),
        (acknowledge(OPENED, "Ada", NOW, "by text"), True),
        (resolve(OPENED, "Ada", NOW, "by text"), True),
        (resolve(OPENED, NAME, NOW, "at its end"), False),
    ],
)
def test_its_own_end_is_no_answer(one: Incident, answered: bool) -> None:  # noqa: FBT001
    assert is_answered(one) is answered

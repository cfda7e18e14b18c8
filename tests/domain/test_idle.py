"""When an incident that no alert joins is over, and what it waits for before that."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.domain.examples import HOUR, MINUTE, NOW, incident
from tocsin.domain.idle import NAME, close, idle_until
from tocsin.domain.incident import Status

QUIET = incident(auto_resolve=HOUR)


@pytest.mark.parametrize(
    ("heard", "untold", "until"),
    [
        (None, None, NOW + HOUR),
        (NOW - MINUTE, None, NOW + HOUR),
        (NOW + MINUTE, None, NOW + HOUR + MINUTE),
        (None, NOW + 2 * HOUR, NOW + 2 * HOUR + MINUTE),
        (None, NOW + MINUTE, NOW + HOUR),
    ],
)
def test_it_is_over_when_nothing_has_come_for_long_enough_and_somebody_has_been_told(
    heard: datetime | None, untold: datetime | None, until: datetime
) -> None:
    assert idle_until(QUIET, heard, untold) == until
    assert idle_until(replace(QUIET, auto_resolve=None), heard, untold) is None


def test_what_is_snoozed_for_longer_waits_for_that() -> None:
    assert idle_until(replace(QUIET, snoozed_until=NOW + 3 * HOUR), None) == NOW + 3 * HOUR
    assert idle_until(replace(QUIET, snoozed_until=NOW + MINUTE), None) == NOW + HOUR


def test_it_is_closed_on_behalf_of_nobody_up_to_the_last_that_was_heard() -> None:
    closed = close(QUIET, NOW + MINUTE, NOW + 2 * HOUR)
    assert (closed.status, closed.answered_by, closed.closed_through) == (Status.RESOLVED, NAME, NOW + MINUTE)
    assert closed.timeline[-1].why == "Tocsin resolved because no alert has come for 1h"
    assert "for long" in close(replace(QUIET, auto_resolve=None), None, NOW).timeline[-1].why

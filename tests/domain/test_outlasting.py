"""What a maintenance window held back, when the window is over."""

from dataclasses import replace

import pytest

from tests.domain.examples import HOUR, NOW, config, incident
from tocsin.domain.escalation import page_next
from tocsin.domain.outlasting import outlasted
from tocsin.domain.routing import Outcome, Routed

HELD = "suppressed by the maintenance window stock moves"
OVER = NOW + HOUR
OPENED = Routed(Outcome.OPENED, "opened a new incident", page_next(incident(), config(), OVER))


def test_what_opens_only_now_says_why_on_its_page_and_on_its_timeline() -> None:
    routed = outlasted(OPENED, HELD, OVER)
    assert (routed.outcome, routed.reason) == (Outcome.OPENED, "opened a new incident, after maintenance")
    assert routed.incident
    assert {page.lead for page in routed.incident.new} == {"Maintenance is over"}
    last = routed.incident.timeline[-1]
    assert (last.what, last.why) == ("maintenance is over", f"{HELD}; nobody has said that this is over")


def test_what_was_over_before_stays_suppressed() -> None:
    routed = outlasted(Routed(Outcome.LATE, "older than the resolve: opens nothing"), HELD, OVER)
    assert routed == Routed(Outcome.SUPPRESSED, f"{HELD}; it was over before that")


@pytest.mark.parametrize("changes", [{"outcome": Outcome.JOINED}, {"incident": None}])
def test_what_opens_nothing_only_says_that_it_came_after(changes: dict[str, object]) -> None:
    before = replace(OPENED, **changes)  # type: ignore[arg-type]
    assert outlasted(before, HELD, OVER) == replace(before, reason="opened a new incident, after maintenance")

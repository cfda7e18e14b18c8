"""One incident for several troubles: what joins it, and for how long."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.domain.examples import HOUR, MINUTE, NOW, SECOND, config, incident
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.escalation import page_next
from tocsin.domain.grouping import MOST, Group, take, takes
from tocsin.domain.incident import Firing, acknowledge, resolve

OPEN = page_next(incident(), config(), NOW)
GROUP = Group("i1", NOW)


def event(at: datetime = NOW + MINUTE) -> Event:
    return Event("e2", at, "alertmanager", "checkout", Alert(Action.TRIGGER, "k2", "disk full", Severity.CRITICAL))


@pytest.mark.parametrize(
    ("after", "window", "joins"),
    [(HOUR - SECOND, HOUR, True), (HOUR, HOUR, False), (24 * HOUR, None, True)],
    ids=str,
)
def test_an_alert_joins_within_the_window_of_its_group(
    after: timedelta,
    window: timedelta | None,
    joins: bool,  # noqa: FBT001
) -> None:
    assert takes(GROUP, OPEN, event(NOW + after), window) is joins
    assert takes(replace(GROUP, since=None), OPEN, event(NOW + after), window)


def test_it_joins_only_what_is_open_and_has_room() -> None:
    full = tuple(Firing("alertmanager", f"k{number}", NOW) for number in range(MOST))
    assert MOST == 500
    assert takes(GROUP, acknowledge(OPEN, "Ada", NOW, "by text"), event(), HOUR)
    assert takes(GROUP, replace(OPEN, firing=full[1:]), event(), HOUR)
    assert not takes(GROUP, replace(OPEN, firing=full), event(), HOUR)
    assert not takes(GROUP, resolve(OPEN, "Ada", NOW, "by text"), event(), HOUR)
    assert not takes(GROUP, None, event(), HOUR)


def test_what_joins_pages_nobody_and_is_told() -> None:
    grown = take(OPEN, event(), "disks", NOW + MINUTE)
    assert [one.dedup_key for one in grown.firing] == ["k1", "k2"]
    assert grown.firing[-1] == Firing("alertmanager", "k2", NOW + MINUTE)
    assert (grown.new, grown.timeline[-1].what) == ((), "grouped")
    assert grown.timeline[-1].why == "alertmanager says: disk full (disks)"

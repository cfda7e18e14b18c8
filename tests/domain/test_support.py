"""Support hours: urgent within them, able to wait outside, and raised when they begin."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from tests.domain.examples import HOUR, MINUTE, NOW, SECOND, by_team, config, event, incident, level, named
from tocsin.domain.alert import Action, Severity
from tocsin.domain.calendar import Hours
from tocsin.domain.config import CatchAll, Config, Service, ServiceUrgency, SupportHours, Team, Urgency
from tocsin.domain.escalation import escalate, fire, page_next
from tocsin.domain.incident import Incident, Status, acknowledge, resolve, unneeded
from tocsin.domain.opening import Minted, open_incident
from tocsin.domain.support import raised, raises_at, urgency

WEEKDAYS = Hours((0, 1, 2, 3, 4), time(9), time(17, 30))
LONDON = SupportHours("Europe/London", (WEEKDAYS,), raise_pending=True)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def by_hours(support: SupportHours | None = LONDON, **changes: Any) -> Config:
    service = Service("checkout", "Checkout", "shop", ServiceUrgency.BY_SUPPORT_HOURS, support)
    return config(services={"checkout": service}, **changes)


def waiting(**changes: Any) -> Incident:
    """Give what a Saturday night's alert has opened."""
    opened = open_incident(event(Action.TRIGGER), by_hours(), Minted("i1", "n1"), NOW)
    return replace(page_next(opened, by_hours(), NOW), **changes)


def why(one: Incident) -> list[str]:
    return [f"{entry.what}: {entry.why}" for entry in one.timeline]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T08:59:59+00:00", Urgency.LOW),
        ("2026-11-23T09:00:00+00:00", Urgency.HIGH),
        ("2026-11-23T17:29:59+00:00", Urgency.HIGH),
        ("2026-11-23T17:30:00+00:00", Urgency.LOW),
        ("2026-11-21T12:00:00+00:00", Urgency.LOW),
        ("2026-06-22T08:00:00+00:00", Urgency.HIGH),
        ("2026-06-22T16:30:00+00:00", Urgency.LOW),
    ],
)
def test_it_is_urgent_while_the_wall_says_so(at: str, expected: Urgency) -> None:
    now = datetime.fromisoformat(at)
    assert urgency(LONDON, now) is expected
    opened = open_incident(event(Action.TRIGGER, severity=Severity.INFO), by_hours(), Minted("i1", "n1"), now)
    assert opened.urgency is expected
    assert (opened.raise_at is not None) == (expected is Urgency.LOW)


@pytest.mark.parametrize("support", [None, replace(LONDON, time_zone="Nowhere/Atall")])
def test_whoever_cannot_say_is_urgent(support: SupportHours | None) -> None:
    assert urgency(support, NOW) is Urgency.HIGH
    assert open_incident(event(Action.TRIGGER), by_hours(support), Minted("i1", "n1"), NOW).raise_at is None


def test_what_opens_on_saturday_is_raised_on_monday_if_the_service_says_so() -> None:
    assert waiting().raise_at == MONDAY
    quiet = by_hours(replace(LONDON, raise_pending=False)).services["checkout"]
    assert raises_at(quiet, NOW) is None
    assert raises_at(replace(quiet, support_hours=LONDON, urgency=ServiceUrgency.LOW), NOW) is None
    assert raises_at(None, NOW) is None


def test_what_is_triggered_is_paged_again_at_its_level_urgently() -> None:
    second = escalate(waiting(), by_hours(), NOW + 5 * MINUTE)
    louder = raised(second, by_hours(), MONDAY)
    assert (louder.urgency, louder.raise_at, louder.level) == (Urgency.HIGH, None, 2)
    assert {one.user for one in louder.new} == {"bram"}
    assert louder.next_at == MONDAY + 5 * MINUTE
    assert why(louder)[-2:] == [
        "raised: support hours begin: low urgency becomes high",
        "paging: level 2: Bram (named by the policy)",
    ]


def test_what_was_to_be_sent_before_and_the_timer_of_before_mean_nothing_any_more() -> None:
    before = waiting()
    louder = raised(before, by_hours(), MONDAY)
    assert ["stale" in unneeded(louder, one) for one in before.new] == [True]
    assert not any(unneeded(louder, one) for one in louder.new)
    assert fire(louder, before.generation, before.level, MONDAY + HOUR)[0] == "stale timer"
    assert not {one.id for one in before.new} & {one.id for one in louder.new}


def test_the_catch_all_is_paged_again_as_well() -> None:
    alone = by_hours(catch_all=CatchAll(("dana",)), policies={})
    opened = page_next(open_incident(event(Action.TRIGGER), alone, Minted("i1", "n1"), NOW), alone, NOW)
    assert {one.user for one in raised(opened, alone, MONDAY).new} == {"dana"}


def test_a_level_that_has_nobody_any_more_is_skipped() -> None:
    gone = replace(waiting(), levels=(level(by_team("web")), level(named("bram"))))
    assert {one.user for one in raised(gone, by_hours(), MONDAY).new} == {"bram"}
    with_web = by_hours(teams={"web": Team("web", ("carla",))})
    assert {one.user for one in raised(gone, with_web, MONDAY).new} == {"carla"}


def test_what_has_paged_nobody_yet_begins_at_the_first_level() -> None:
    fresh = incident(urgency=Urgency.LOW, raise_at=MONDAY)
    assert {one.user for one in raised(fresh, by_hours(), MONDAY).new} == {"ada"}


def test_whoever_has_acknowledged_is_not_paged_but_it_is_urgent_should_it_come_back() -> None:
    louder = raised(acknowledge(waiting(), "Ada", NOW, "by text"), by_hours(), MONDAY)
    assert (louder.status, louder.urgency, louder.new) == (Status.ACKNOWLEDGED, Urgency.HIGH, ())


def test_what_is_resolved_stays_as_it_is() -> None:
    closed = resolve(waiting(), "Ada", NOW, "by text")
    assert raised(closed, by_hours(), MONDAY) == replace(closed, raise_at=None)


@pytest.mark.parametrize(
    "settings",
    [config(), by_hours(None), by_hours(replace(LONDON, raise_pending=False)), config(services={})],
)
def test_a_service_without_such_hours_today_raises_nothing(settings: Config) -> None:
    before = waiting()
    assert raised(before, settings, MONDAY) == replace(before, raise_at=None)


def test_hours_that_were_moved_are_waited_for() -> None:
    later = by_hours(replace(LONDON, hours=(replace(WEEKDAYS, start=time(10)),)))
    before = waiting()
    assert raised(before, later, MONDAY) == replace(before, raise_at=MONDAY + HOUR)
    assert raised(before, by_hours(), MONDAY - SECOND) == replace(before, raise_at=MONDAY)

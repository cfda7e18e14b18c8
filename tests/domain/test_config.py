"""What the configuration means where it says nothing."""

from datetime import timedelta

import pytest

from tests.domain.examples import MINUTE, NOW
from tocsin.domain.config import (
    RETENTION,
    Canary,
    CatchAll,
    ContactRule,
    Flapping,
    Integration,
    Policy,
    Rule,
    Service,
    ServiceUrgency,
    SupportHours,
    User,
)


def test_a_rule_without_a_delay_is_for_at_once() -> None:
    assert ContactRule("sms").after == timedelta(0)


def test_levels_are_gone_through_once_unless_more_is_said() -> None:
    assert Policy("shop", ()).repeat == 0


def test_a_service_is_as_urgent_as_its_alerts() -> None:
    assert Service("checkout", "Checkout", "shop").urgency is ServiceUrgency.BY_SEVERITY


def test_the_catch_all_is_asked_again_every_half_hour() -> None:
    assert CatchAll(("ada",)).every == 30 * MINUTE


def test_a_canarys_contact_is_not_taken_for_a_phone_that_answers_by_itself() -> None:
    assert not Canary("canary", MINUTE).answers


def test_an_integration_is_no_monitor_unless_it_has_an_interval() -> None:
    made = Integration("alertmanager", "checkout", "alertmanager", ())
    assert (made.every, made.title, made.options) == (None, "", {})


def test_nothing_is_done_that_nobody_has_asked_for() -> None:
    made = User("ada", "Ada", "+15550100100", {})
    assert (made.shift_notices, made.links) == (False, False)
    assert SupportHours("UTC", ()).raise_pending is False
    assert Service("web", "Web", "shop").shadow is False
    assert Rule("first").continues is False


def test_what_flaps_and_how_long_it_is_kept_has_a_measure() -> None:
    assert Flapping() == Flapping(times=6, within=timedelta(hours=1), stable=timedelta(minutes=10))
    assert Service("web", "Web", "shop").flapping == Flapping()
    assert timedelta(days=400) == RETENTION


@pytest.mark.parametrize(("seconds", "opens"), [(-1, True), (0, False), (1, False)])
def test_a_key_opens_until_its_time_is_over(seconds: int, opens: bool) -> None:  # noqa: FBT001
    door = Integration("door", "web", "pagerduty", ("new", "old"), until={"old": NOW})
    assert door.opens("old", NOW + timedelta(seconds=seconds)) is opens
    assert (door.opens("new", NOW), door.opens("other", NOW)) == (True, False)

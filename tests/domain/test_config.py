"""What the configuration means where it says nothing."""

from datetime import timedelta

from tests.domain.examples import MINUTE
from tocsin.domain.config import Canary, CatchAll, ContactRule, Integration, Policy, Service, ServiceUrgency


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

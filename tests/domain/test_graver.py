"""What could wait cannot any more when a graver alert joins."""

from dataclasses import replace

import pytest

from tests.domain.examples import MINUTE, NOW, config, incident
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Config, ServiceUrgency, Urgency
from tocsin.domain.escalation import page_next
from tocsin.domain.graver import is_graver, raised
from tocsin.domain.incident import acknowledge
from tocsin.domain.rules import NOTHING_CHOSEN

LATER = NOW + MINUTE
LOW = page_next(replace(incident(), urgency=Urgency.LOW, severity=Severity.WARNING), config(), NOW)
HIGH = replace(LOW, urgency=Urgency.HIGH)


def event(severity: Severity) -> Event:
    return Event("e2", LATER, "alertmanager", "checkout", Alert(Action.TRIGGER, "k1", "checkout is down", severity))


def settings(urgency: ServiceUrgency) -> Config:
    one = config()
    return replace(one, services={"checkout": replace(one.services["checkout"], urgency=urgency)})


BY_SEVERITY = settings(ServiceUrgency.BY_SEVERITY)


@pytest.mark.parametrize("severity", Severity)
def test_where_urgency_goes_by_severity_only_warnings_and_information_can_wait(severity: Severity) -> None:
    is_grave = severity not in {Severity.WARNING, Severity.INFO}
    assert is_graver(event(severity), LOW, BY_SEVERITY, LATER, NOTHING_CHOSEN) is is_grave
    assert not is_graver(event(severity), HIGH, BY_SEVERITY, LATER, NOTHING_CHOSEN)


@pytest.mark.parametrize(
    ("urgency", "graver"),
    [(ServiceUrgency.HIGH, True), (ServiceUrgency.LOW, False), (ServiceUrgency.BY_SUPPORT_HOURS, False)],
)
def test_elsewhere_what_a_rule_let_wait_waits_no_longer_where_the_service_is_always_urgent(
    urgency: ServiceUrgency,
    graver: bool,  # noqa: FBT001
) -> None:
    assert is_graver(event(Severity.WARNING), LOW, settings(urgency), LATER, NOTHING_CHOSEN) is graver
    gone = replace(BY_SEVERITY, services={})
    assert not is_graver(event(Severity.CRITICAL), LOW, gone, LATER, NOTHING_CHOSEN)


def test_what_a_rule_says_of_urgency_counts_before_the_severity() -> None:
    high, low = (replace(NOTHING_CHOSEN, urgency=one) for one in (Urgency.HIGH, Urgency.LOW))
    assert is_graver(event(Severity.INFO), LOW, BY_SEVERITY, LATER, high)
    assert not is_graver(event(Severity.CRITICAL), LOW, BY_SEVERITY, LATER, low)
    assert not is_graver(event(Severity.CRITICAL), HIGH, BY_SEVERITY, LATER, high)


def test_what_is_raised_pages_once_more_where_it_stands() -> None:
    louder = raised(event(Severity.CRITICAL), replace(LOW, raise_at=LATER), config(), LATER)
    assert (louder.severity, louder.urgency, louder.raise_at) == (Severity.CRITICAL, Urgency.HIGH, None)
    assert (louder.raised_step, louder.step, louder.level) == (LOW.step, LOW.step + 1, LOW.level)
    assert {page.user for page in louder.new} == {"ada"}
    raised_line = next(entry for entry in louder.timeline if entry.what == "raised")
    assert (raised_line.why, raised_line.by) == (
        "alertmanager says critical: low urgency becomes high",
        "alertmanager",
    )


def test_whoever_has_it_is_not_paged_for_that() -> None:
    has = replace(acknowledge(LOW, "Ada", NOW, "by text"), new=LOW.new)
    louder = raised(event(Severity.CRITICAL), has, config(), LATER)
    assert (louder.urgency, louder.new, louder.step) == (Urgency.HIGH, (), has.step)

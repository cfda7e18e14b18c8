"""How an incident begins: what its service and the rules make of it."""

from dataclasses import replace
from datetime import timedelta

from tests.domain.examples import HOUR, MINUTE, NOW, config, incident
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Config, Urgency
from tocsin.domain.incident import Due
from tocsin.domain.opening import Minted, open_incident, paused
from tocsin.domain.rules import NOTHING_CHOSEN

MINTED = Minted("i9", "n9", {"shop-1": ("ada",)})
EVENT = Event("e1", NOW, "alertmanager", "checkout", Alert(Action.TRIGGER, "k1", "checkout is down", Severity.CRITICAL))


def settings() -> Config:
    one = config(retention=timedelta(days=90))
    service = replace(one.services["checkout"], acknowledgement_timeout=HOUR, auto_resolve=2 * HOUR, shadow=True)
    return replace(one, services={"checkout": service})


def test_it_has_what_its_service_says() -> None:
    opened = open_incident(EVENT, settings(), MINTED, NOW + MINUTE)
    assert (opened.acknowledgement_timeout, opened.auto_resolve, opened.shadow) == (HOUR, 2 * HOUR, True)
    assert (opened.idle_at, opened.opened_at, opened.triggered_at) == (NOW + MINUTE + 2 * HOUR, NOW + MINUTE, NOW)
    assert (opened.retention, opened.circles) == (timedelta(days=90), MINTED.circles)
    assert [entry.what for entry in opened.timeline] == ["triggered"]


def test_one_whose_service_is_gone_is_urgent_and_has_no_levels() -> None:
    opened = open_incident(EVENT, replace(settings(), services={}), MINTED, NOW)
    assert (opened.urgency, opened.levels, opened.shadow, opened.idle_at) == (Urgency.HIGH, (), False, None)


def test_what_the_rules_chose_counts_and_is_told() -> None:
    path = replace(NOTHING_CHOSEN, by={"urgency": "at night", "priority": "at night"}, urgency=Urgency.LOW)
    opened = open_incident(EVENT, settings(), MINTED, NOW, replace(path, priority="P3"))
    assert (opened.urgency, opened.priority, opened.raise_at) == (Urgency.LOW, "P3", None)
    assert [entry.what for entry in opened.timeline] == ["triggered", "ruled"]
    assert "at night" in opened.timeline[-1].why


def test_a_pause_is_as_long_as_its_rule_says() -> None:
    path = replace(NOTHING_CHOSEN, by={"pause": "flaky"}, pause=2 * MINUTE)
    waits = paused(incident(), path, NOW)
    assert (waits.paused_until, waits.next_at, waits.outbox) == (
        NOW + 2 * MINUTE,
        NOW + 2 * MINUTE,
        (Due(NOW + 2 * MINUTE),),
    )
    assert waits.timeline[-1].why == "by the rule flaky: nobody is paged before 02:16:00 UTC"
    assert paused(incident(), replace(path, pause=None), NOW).next_at == NOW

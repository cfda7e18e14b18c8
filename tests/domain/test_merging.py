"""Two incidents that are one trouble: what the one that stays takes over."""

from dataclasses import replace

import pytest

from tests.domain.examples import HOUR, MINUTE, NOW, config, incident
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Urgency
from tocsin.domain.escalation import page_next
from tocsin.domain.incident import Firing, Incident, Status, acknowledge
from tocsin.domain.merging import again, merge, since, without

LATER = NOW + MINUTE
TARGET = page_next(incident(auto_resolve=HOUR, idle_at=NOW + HOUR), config(), NOW)
SOURCE = replace(
    page_next(incident(id="i2", dedup_key="k2", title="disk full", triggered_at=LATER), config(), NOW),
    step=4,
    idle_at=NOW + HOUR,
    asked=("carla", "bram"),
    merged=("i0",),
)


def merged(source: Incident = SOURCE, target: Incident = TARGET) -> tuple[Incident, Incident]:
    return merge(source, target, "Ada", LATER, "by text")


def test_it_takes_over_troubles_names_steps_and_whoever_was_asked() -> None:
    closed, grown = merged(target=replace(TARGET, asked=("bram",)))
    assert (grown.step, grown.merged_step, grown.asked, grown.merged) == (4, 4, ("bram", "carla"), ("i2", "i0"))
    assert [(one.dedup_key, one.since) for one in grown.firing] == [("k1", NOW), ("k2", LATER)]
    assert (closed.status, closed.merged_into, closed.idle_at) == (Status.RESOLVED, "i1", None)
    assert merged(replace(SOURCE, step=1), replace(TARGET, step=6))[1].merged_step == 6


def test_it_is_not_closed_for_being_idle_any_more_and_says_so() -> None:
    _, grown = merged()
    assert (grown.auto_resolve, grown.idle_at) == (None, None)
    words = "Ada merged disk full into this by text; it is not resolved for being idle any more"
    assert grown.timeline[-1].why == words
    assert "idle" not in merged(target=replace(TARGET, auto_resolve=None))[1].timeline[-1].why


def test_as_urgent_as_before_it_goes_on_from_where_it_was() -> None:
    _, grown = merged()
    assert (grown.generation, grown.next_at, grown.louder, grown.new) == (TARGET.generation, TARGET.next_at, False, ())
    assert grown.raised_step == TARGET.raised_step


def test_what_becomes_more_urgent_pages_once_more_at_once() -> None:
    _, grown = merged(target=replace(TARGET, urgency=Urgency.LOW))
    assert (grown.urgency, grown.louder, grown.raised_step) == (Urgency.HIGH, True, 4)
    assert (grown.generation, grown.next_at, grown.new) == (TARGET.generation + 1, LATER, ())
    paged = [due for due in TARGET.outbox if due.notification]
    assert [*grown.outbox][:-1] == paged
    assert (grown.outbox[-1].at, grown.outbox[-1].notification) == (LATER, "")


def test_whoever_has_it_is_not_paged_for_that() -> None:
    has = replace(acknowledge(TARGET, "Ada", NOW, "by text"), urgency=Urgency.LOW)
    _, grown = merged(target=has)
    assert (grown.urgency, grown.louder, grown.generation) == (Urgency.HIGH, False, has.generation)


@pytest.mark.parametrize("urgency", Urgency)
def test_two_that_can_wait_can_wait(urgency: Urgency) -> None:
    _, grown = merged(replace(SOURCE, urgency=Urgency.LOW), replace(TARGET, urgency=urgency))
    assert (grown.urgency, grown.louder) == (urgency, False)


def test_what_nobody_has_answered_is_paged_on_though_it_is_merged_into_what_is_paused() -> None:
    paused = incident(paused_until=NOW + HOUR, next_at=NOW + HOUR)
    assert merged(target=paused)[1].next_at == LATER
    for quiet in (acknowledge(SOURCE, "Ada", NOW, "by text"), replace(paused, id="i2")):
        assert merged(quiet, paused)[1].next_at == NOW + HOUR


def event(key: str) -> Event:
    return Event("e9", LATER, "alertmanager", "checkout", Alert(Action.TRIGGER, key, "it is so", Severity.CRITICAL))


def test_what_is_over_and_fires_again_pages_nobody_anew() -> None:
    grown = replace(merged()[1], new=TARGET.new)
    half = without(grown, event("k2"))
    assert ([one.dedup_key for one in half.firing], half.new) == (["k1"], ())
    fires = again(replace(half, new=TARGET.new), event("k2"))
    assert (fires.firing[-1], fires.new) == (Firing("alertmanager", "k2", LATER), ())


def test_a_trouble_that_fires_twice_is_open_since_the_first_time() -> None:
    twice = replace(TARGET, firing=(Firing("alertmanager", "k1", NOW), Firing("alertmanager", "k1", LATER)))
    assert since(twice, event("k1")) == NOW
    assert since(twice, event("k3")) == TARGET.triggered_at

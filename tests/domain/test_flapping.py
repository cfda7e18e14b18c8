"""What opens too often is paged once, settles when it is resolved, and is over when it has been away for long."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.domain.examples import HOUR, MINUTE, NOW, SECOND, config, incident
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Flapping
from tocsin.domain.escalation import Fired, fire, page_next
from tocsin.domain.flapping import NAME, again, is_stable, marked, openings, settle, settled
from tocsin.domain.incident import Firing, Status, acknowledge, snooze
from tocsin.domain.notification import TOLERANCE

RULE = Flapping(3, HOUR, 10 * MINUTE)
FLAPS = marked(page_next(incident(), config(), NOW), 3, RULE, NOW)
SETTLING = settle(FLAPS, "alertmanager", NOW)
UNTIL = NOW + 10 * MINUTE
FIRES = Event(
    "e2", NOW + MINUTE, "alertmanager", "checkout", Alert(Action.TRIGGER, "k1", "checkout is down", Severity.CRITICAL)
)


def test_openings_are_kept_in_order_as_long_as_they_count_and_no_more_than_need_be() -> None:
    known = (NOW - HOUR, NOW - HOUR + SECOND, NOW + MINUTE)
    assert openings(known, NOW, RULE) == (NOW - HOUR + SECOND, NOW, NOW + MINUTE)
    many = tuple(NOW + number * SECOND for number in range(9))
    assert openings(many, NOW + MINUTE, RULE) == (*many[-5:], NOW + MINUTE)


def test_it_flaps_at_the_time_that_is_one_too_many() -> None:
    opened = incident()
    assert marked(opened, 2, RULE, NOW) is opened
    assert (FLAPS.flapping, FLAPS.stable) == ("3 times in 1h", 10 * MINUTE)
    assert FLAPS.timeline[-1].why == "3 times in 1h: it is resolved when nothing has come for 10m"


def test_what_is_resolved_settles_and_needs_no_page_that_was_planned() -> None:
    assert SETTLING.settles_at == SETTLING.next_at == UNTIL
    assert (SETTLING.generation, SETTLING.episode) == (FLAPS.generation + 1, FLAPS.episode + 1)
    assert (SETTLING.firing, SETTLING.new, [due.at for due in SETTLING.outbox]) == ((), (), [UNTIL])
    assert SETTLING.timeline[-1].why == "alertmanager resolved it: closed at 02:24:00 UTC"


@pytest.mark.parametrize(
    ("at", "stable"), [(UNTIL, True), (UNTIL - TOLERANCE, True), (UNTIL - TOLERANCE - SECOND, False)], ids=str
)
def test_it_is_over_when_it_has_stayed_away_for_long_enough(at: datetime, stable: bool) -> None:  # noqa: FBT001
    assert is_stable(SETTLING, at) is stable
    assert not is_stable(FLAPS, at)
    assert not is_stable(replace(SETTLING, status=Status.RESOLVED), at)


def test_its_timer_settles_it_on_behalf_of_nobody() -> None:
    said = fire(SETTLING, SETTLING.generation, SETTLING.level, UNTIL)
    assert said == (Fired.SETTLED, "it was flapping, and has been stable since")
    over = settled(SETTLING, UNTIL)
    assert (over.status, over.answered_by, over.closed_through) == (Status.RESOLVED, NAME, SETTLING.triggered_at)
    assert "because it has been stable for 10m" in over.timeline[-1].why
    assert "for long" in settled(replace(SETTLING, stable=None), UNTIL).timeline[-1].why


def test_what_fires_again_pages_nobody_before_it_should_have_been_stable() -> None:
    fires = again(SETTLING, FIRES, NOW + MINUTE)
    assert fires.firing == (Firing("alertmanager", "k1", FIRES.accepted_at),)
    assert (fires.settles_at, fires.generation, fires.new) == (None, SETTLING.generation + 1, ())
    assert fires.next_at == UNTIL + MINUTE
    assert fires.timeline[-1].why == "alertmanager triggered it: nobody is paged before 02:25:00 UTC"


def test_what_is_paused_for_longer_stays_paused() -> None:
    paused = replace(incident(), stable=10 * MINUTE, paused_until=NOW + HOUR, next_at=NOW + HOUR)
    assert again(paused, FIRES, NOW).next_at == NOW + HOUR
    assert again(replace(paused, paused_until=NOW + MINUTE), FIRES, NOW).next_at == UNTIL


def test_what_somebody_has_comes_back_only_when_his_time_is_over() -> None:
    has = acknowledge(SETTLING, "Ada", NOW, "by text")
    assert (again(has, FIRES, NOW).next_at, again(has, FIRES, NOW).outbox) == (None, ())
    for_an_hour = replace(has, acknowledgement_timeout=HOUR)
    assert again(for_an_hour, FIRES, NOW + MINUTE).next_at == NOW + HOUR + MINUTE
    snoozed = snooze(has, "Ada", NOW + 2 * HOUR, NOW, "by text")
    assert again(snoozed, FIRES, NOW + MINUTE).next_at == NOW + 2 * HOUR

"""Heartbeats: how long one vouches, which one counts, and what is said of a silence."""

from datetime import datetime, timedelta

import pytest

from tests.domain.examples import HOUR, MINUTE, NOW, SECOND, config, event, incident
from tocsin.domain.alert import Action, Event, Severity
from tocsin.domain.config import Integration
from tocsin.domain.heartbeat import Heartbeat, due, lasting, newer, silence
from tocsin.domain.incident import Status
from tocsin.domain.opening import Minted
from tocsin.domain.routing import Outcome, Pointer, Routed, decide

MONITOR = Integration("alertmanager", "checkout", "heartbeat", (), every=5 * MINUTE)
CONFIG = config(integrations={"alertmanager": MONITOR})
OUT = Pointer("i1")


def routed(beat: Event, pointer: Pointer = OUT, seconds: float = 0) -> Routed:
    """Route a beat while an incident is open that was opened so many seconds after the beat stopped vouching."""
    current = incident(triggered_at=due(NOW, 5 * MINUTE) + seconds * SECOND)
    return decide(beat, pointer, current, CONFIG, Minted("i2", "n2"), NOW + HOUR)


@pytest.mark.parametrize(
    ("every", "seconds"), [(10 * SECOND, 40), (MINUTE, 90), (5 * MINUTE, 330), (10 * MINUTE, 660), (HOUR, 3960)]
)
def test_a_beat_may_be_late_by_a_tenth_or_by_half_a_minute(every: timedelta, seconds: int) -> None:
    assert due(NOW, every) == NOW + seconds * SECOND


@pytest.mark.parametrize("known", [None, Heartbeat(NOW - SECOND, None), Heartbeat(NOW - SECOND, NOW)])
def test_a_newer_beat_is_kept_whatever_was_known(known: Heartbeat | None) -> None:
    assert newer(known, NOW, MINUTE) == Heartbeat(NOW, NOW + 90 * SECOND)


@pytest.mark.parametrize("at", [NOW, NOW - SECOND])
def test_a_repeat_and_an_older_beat_change_nothing(at: datetime) -> None:
    assert newer(Heartbeat(NOW, None), at, MINUTE) is None


def test_a_silence_is_the_same_alert_whoever_finds_it() -> None:
    heartbeat = Heartbeat(NOW, due(NOW, 5 * MINUTE))
    assert silence(MONITOR, 5 * MINUTE, heartbeat) == silence(MONITOR, 5 * MINUTE, heartbeat)


def test_each_silence_and_each_monitor_has_an_alert_of_its_own() -> None:
    other = Integration("other", "checkout", "heartbeat", (), every=MINUTE)
    made = [(MONITOR, NOW), (MONITOR, NOW + SECOND), (other, NOW)]
    assert len({silence(monitor, MINUTE, Heartbeat(at, at + MINUTE)).id for monitor, at in made}) == 3


def test_a_silence_begins_when_the_beat_stopped_vouching_by_either_interval() -> None:
    assert silence(MONITOR, MINUTE, Heartbeat(NOW, NOW + HOUR)).accepted_at == NOW + HOUR
    assert silence(MONITOR, 2 * HOUR, Heartbeat(NOW, NOW + HOUR)).accepted_at == due(NOW, 2 * HOUR)


def test_the_last_beat_is_told_to_the_second() -> None:
    made = silence(MONITOR, MINUTE, Heartbeat(NOW.replace(microsecond=1), None))
    assert made.alert.details == "The last heartbeat came at 2026-11-21T02:14:00+00:00."


def test_a_long_silence_is_told_with_its_day() -> None:
    told = silence(MONITOR, 24 * HOUR, Heartbeat(NOW, NOW + 27 * HOUR)).alert.title
    assert told == "alertmanager has sent no heartbeat since 21 November 02:14 UTC (expected every 1d)"


@pytest.mark.parametrize(
    ("every", "since"),
    [
        (12 * HOUR - SECOND, "02:14 UTC (expected every 43199s)"),
        (12 * HOUR, "21 November 02:14 UTC (expected every 12h)"),
    ],
)
def test_from_half_a_day_on_the_hour_alone_would_not_say_which_one(every: timedelta, since: str) -> None:
    told = silence(MONITOR, every, Heartbeat(NOW, None)).alert
    assert told.title == f"alertmanager has sent no heartbeat since {since}"


def test_a_silence_is_critical_and_tells_its_last_beat_under_the_monitors_title() -> None:
    nightly = Integration("backup", "checkout", "heartbeat", (), title="The nightly backup")
    made = silence(nightly, MINUTE, Heartbeat(NOW, None))
    assert (made.integration, made.service, made.accepted_at) == ("backup", "checkout", due(NOW, MINUTE))
    assert (made.alert.action, made.alert.dedup_key) == (Action.TRIGGER, "backup")
    assert made.alert.severity is Severity.CRITICAL
    assert made.alert.title == "The nightly backup has sent no heartbeat since 02:14 UTC (expected every 1m)"
    assert made.alert.details == "The last heartbeat came at 2026-11-21T02:14:00+00:00."
    assert (len(made.id), made.id.isalnum()) == (32, True)


@pytest.mark.parametrize(
    ("length", "written"), [(90 * SECOND, "90s"), (5 * MINUTE, "5m"), (2 * HOUR, "2h"), (168 * HOUR, "7d")]
)
def test_an_interval_is_written_as_the_configuration_writes_it(length: timedelta, written: str) -> None:
    assert lasting(length) == written


def test_a_beat_that_vouches_until_the_silence_began_closes_it() -> None:
    result = routed(event(Action.BEAT))
    assert result.outcome is Outcome.RESOLVED
    assert result.incident
    assert (result.incident.status, result.incident.closed_through) == (Status.RESOLVED, due(NOW, 5 * MINUTE))


def test_a_beat_older_than_the_silence_closes_nothing() -> None:
    result = routed(event(Action.BEAT), seconds=1)
    assert (result.outcome, result.incident) == (Outcome.LATE, None)


def test_a_silence_that_comes_after_a_newer_beat_opens_nothing() -> None:
    calm = decide(event(Action.BEAT, 1), Pointer(), None, CONFIG, Minted("i2", "n2"), NOW)
    assert (calm.outcome, calm.reason) == (Outcome.RECORDED, "a heartbeat, while nothing is open")
    assert calm.pointer
    late = silence(MONITOR, 5 * MINUTE, Heartbeat(NOW, due(NOW, 5 * MINUTE)))
    assert decide(late, calm.pointer, None, CONFIG, Minted("i2", "n2"), NOW + HOUR).outcome is Outcome.LATE


def test_the_silence_after_the_newest_beat_opens_an_incident() -> None:
    calm = decide(event(Action.BEAT), Pointer(), None, CONFIG, Minted("i2", "n2"), NOW)
    assert calm.pointer
    told = silence(MONITOR, 5 * MINUTE, Heartbeat(NOW, due(NOW, 5 * MINUTE)))
    assert decide(told, calm.pointer, None, CONFIG, Minted("i2", "n2"), NOW + HOUR).outcome is Outcome.OPENED


def test_a_beat_of_a_monitor_that_is_gone_vouches_for_its_own_instant_only() -> None:
    gone = decide(event(Action.BEAT), Pointer(), None, config(), Minted("i2", "n2"), NOW)
    assert gone.pointer == Pointer(resolved_through=NOW)

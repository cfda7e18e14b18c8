"""Who is paged next, and what a timer may still do when it fires."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from tests.domain.examples import (
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    by_schedule,
    config,
    incident,
    level,
    named,
    schedule,
)
from tocsin.domain.calendar import Hours
from tocsin.domain.config import CatchAll, Config
from tocsin.domain.escalation import Fired, escalate, escalate_now, fire, page_next, resume
from tocsin.domain.incident import Incident, Status, acknowledge, resolve, snooze

NOBODY = level(by_schedule("nowhere"))
CONFIG = config()


def paged(one: Incident) -> list[str]:
    return [notification.user for notification in one.new]


def why(one: Incident) -> list[str]:
    return [entry.why for entry in one.timeline]


def nights(one: Incident, settings: Config, steps: int) -> list[Incident]:
    """Give the incident after each of so many timers that nobody came before."""
    seen = [page_next(one, settings, NOW)]
    for _ in range(steps):
        last = seen[-1]
        assert last.next_at
        seen.append(escalate(last, settings, last.next_at))
    return seen


def test_a_page_asks_for_its_notifications_and_its_timer() -> None:
    first = page_next(incident(), CONFIG, NOW)
    assert (first.level, first.generation, first.next_at) == (1, 1, NOW + 5 * MINUTE)
    assert [(due.at - NOW, due.notification) for due in first.outbox] == [
        (timedelta(0), "i1-1-1-ada-1"),
        (2 * MINUTE, "i1-1-1-ada-2"),
        (5 * MINUTE, ""),
    ]
    assert why(first) == ["level 1: Ada (named by the policy)"]


def test_levels_are_gone_through_in_order_then_the_catch_all_for_ever() -> None:
    walk = nights(incident(), CONFIG, 4)
    assert [{*paged(one)} for one in walk] == [{"ada"}, {"bram"}, {"dana"}, {"dana"}, {"dana"}]
    assert [one.level for one in walk] == [1, 2, 3, 3, 3]
    assert [one.generation for one in walk] == [1, 1, 1, 2, 3]
    assert walk[4].next_at == NOW + 10 * MINUTE + 3 * 30 * MINUTE


def test_the_levels_are_repeated_as_often_as_the_policy_says() -> None:
    walk = nights(incident(repeat=2), CONFIG, 6)
    assert [paged(one)[0] for one in walk] == ["ada", "bram", "ada", "bram", "ada", "bram", "dana"]
    assert [(one.round, one.generation) for one in walk] == [(0, 1), (0, 1), (1, 2), (1, 2), (2, 3), (2, 3), (2, 3)]


def test_no_two_notifications_of_a_night_have_the_same_id() -> None:
    made = [one.id for step in nights(incident(repeat=2), CONFIG, 12) for one in step.new]
    assert len(made) == len(set(made)) == 13 * 2


def test_no_two_timers_of_a_night_look_alike() -> None:
    timers = [(one.generation, one.level) for one in nights(incident(repeat=2), CONFIG, 12)]
    assert len(timers) == len(set(timers))


def test_a_level_whose_schedule_has_nobody_at_this_hour_is_skipped_at_once_with_an_alarm() -> None:
    at_four = Hours((NOW.weekday(),), time(4), time(5))
    [layer] = schedule("ada").layers
    shop = replace(schedule("ada"), layers=(replace(layer, only=(at_four,)),))
    levels = (level(by_schedule("shop")), level(named("bram")))
    first = page_next(incident(*levels), config(schedules={"shop": shop}), NOW)
    assert (paged(first)[0], first.timeline[0].what) == ("bram", "alarm")
    assert first.timeline[0].why == "level 1 has nobody to page: skipped at once"
    assert paged(page_next(incident(*levels), config(schedules={"shop": shop}), NOW + 2 * HOUR))[0] == "ada"


def test_a_level_without_anybody_is_skipped_at_once_with_an_alarm() -> None:
    first = page_next(incident(NOBODY, level(named("bram"))), CONFIG, NOW)
    assert (paged(first)[0], first.level, first.next_at) == ("bram", 2, NOW + 5 * MINUTE)
    assert [(entry.what, entry.why) for entry in first.timeline] == [
        ("alarm", "level 1 has nobody to page: skipped at once"),
        ("paging", "level 2: Bram (named by the policy)"),
    ]


def test_a_policy_without_anybody_goes_to_the_catch_all_however_often_it_repeats() -> None:
    first = page_next(incident(NOBODY, NOBODY, repeat=9), CONFIG, NOW)
    assert {*paged(first)} == {"dana"}
    assert why(first)[-2:] == [
        "the policy is exhausted: the catch-all is asked until somebody answers",
        "the catch-all: Dana (takes what nobody else takes)",
    ]
    assert len(first.timeline) == 4


def test_without_a_policy_the_catch_all_is_asked_at_once() -> None:
    first = page_next(incident(levels=(), repeat=3), CONFIG, NOW)
    assert ({*paged(first)}, first.level, first.next_at) == ({"dana"}, 1, NOW + 30 * MINUTE)
    assert why(first)[0] == "no policy takes it: the catch-all is asked until somebody answers"


def test_an_empty_last_level_does_not_end_the_rounds() -> None:
    walk = nights(incident(level(named("ada")), NOBODY, repeat=1), CONFIG, 2)
    assert [paged(one)[0] for one in walk] == ["ada", "ada", "dana"]


def test_the_people_are_those_of_today_and_the_levels_those_of_the_policy_then() -> None:
    opened = page_next(incident(level(by_schedule("shop")), level(by_schedule("shop"))), CONFIG, NOW)
    changed = config(schedules={"shop": schedule("carla")})
    assert [paged(opened)[0], paged(escalate(opened, changed, NOW + 5 * MINUTE))[0]] == ["ada", "carla"]


def test_one_escalation_per_delay_after_a_stall() -> None:
    """After three hours without timers the next level gets its whole delay, not the one after it at once."""
    first = page_next(incident(), CONFIG, NOW)
    late = NOW + 3 * HOUR
    second = escalate(first, CONFIG, late)
    assert (second.level, second.next_at) == (2, late + 5 * MINUTE)
    assert fire(second, 1, 1, late)[0] is Fired.STALE
    assert fire(second, 1, 2, late + MINUTE)[0] is Fired.EARLY


FIRST = page_next(incident(), CONFIG, NOW)
DUE = NOW + 5 * MINUTE
LAPSING = acknowledge(replace(FIRST, acknowledgement_timeout=HOUR), "Ada", NOW, "by text")
SNOOZED = snooze(FIRST, "Ada", NOW + HOUR, NOW, "by text")
IN_TIME = "Ada acknowledged, and it is not resolved in time"


@pytest.mark.parametrize(
    ("one", "timer", "now", "fired", "reason"),
    [
        (FIRST, (1, 1), DUE, Fired.ESCALATED, "nobody answered at level 1"),
        (FIRST, (1, 1), DUE + HOUR, Fired.ESCALATED, "nobody answered at level 1"),
        (FIRST, (1, 1), DUE - SECOND, Fired.ESCALATED, "nobody answered at level 1"),
        (FIRST, (1, 1), DUE - 2 * SECOND, Fired.EARLY, "not due yet: set again"),
        (FIRST, (1, 1), NOW, Fired.EARLY, "not due yet: set again"),
        (FIRST, (2, 1), DUE, Fired.STALE, "made for 2/1, the incident is at 1/1"),
        (FIRST, (0, 1), DUE, Fired.STALE, "made for 0/1, the incident is at 1/1"),
        (FIRST, (1, 0), DUE, Fired.STALE, "made for 1/0, the incident is at 1/1"),
        (FIRST, (1, 2), DUE, Fired.STALE, "made for 1/2, the incident is at 1/1"),
        (acknowledge(FIRST, "Ada", NOW, "by text"), (1, 1), DUE, Fired.ANSWERED, "already acknowledged by Ada"),
        (acknowledge(FIRST, "Ada", NOW, "by text"), (2, 1), DUE, Fired.ANSWERED, "already acknowledged by Ada"),
        (resolve(FIRST, "Ada", NOW, "by text"), (1, 1), DUE, Fired.ANSWERED, "already resolved by Ada"),
        (LAPSING, (1, 1), DUE, Fired.ANSWERED, "already acknowledged by Ada"),
        (LAPSING, (2, 1), DUE, Fired.EARLY, "not due yet: set again"),
        (LAPSING, (2, 1), NOW + HOUR - SECOND, Fired.RESUMED, IN_TIME),
        (LAPSING, (2, 2), NOW + HOUR, Fired.ANSWERED, "already acknowledged by Ada"),
        (resolve(LAPSING, "Bram", NOW, "by text"), (2, 1), NOW + HOUR, Fired.ANSWERED, "already resolved by Bram"),
        (SNOOZED, (1, 1), DUE, Fired.ANSWERED, "already acknowledged by Ada"),
        (SNOOZED, (2, 1), NOW + HOUR, Fired.RESUMED, "the snooze of Ada is over"),
        (nights(incident(), CONFIG, 1)[1], (1, 2), NOW + HOUR, Fired.ESCALATED, "nobody answered at level 2"),
        (nights(incident(), CONFIG, 2)[2], (1, 3), NOW + 9 * HOUR, Fired.ESCALATED, "nobody answered at the catch-all"),
    ],
)
def test_a_timer_does_only_what_it_was_made_for(
    one: Incident, timer: tuple[int, int], now: object, fired: Fired, reason: str
) -> None:
    assert fire(one, *timer, now) == (fired, reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "words", "reason"),
    [(LAPSING, "Not resolved yet", IN_TIME), (SNOOZED, "Snooze is over", "the snooze of Ada is over")],
)
def test_what_comes_back_begins_at_the_first_level_and_says_why(one: Incident, words: str, reason: str) -> None:
    again = resume(replace(one, level=3, round=1), CONFIG, NOW + HOUR)
    assert (again.status, again.level, again.round, paged(again)[0]) == (Status.TRIGGERED, 1, 0, "ada")
    assert (again.generation, again.episode) == (one.generation + 1, one.episode + 1)
    assert (again.answered_by, again.snoozed_until, again.next_at) == ("", None, NOW + HOUR + 5 * MINUTE)
    assert {page.lead for page in again.new} == {words}
    assert why(again)[-2:] == [reason, "level 1: Ada (named by the policy)"]
    assert fire(again, one.generation, one.level, NOW + HOUR)[0] is Fired.STALE


def test_escalating_what_is_snoozed_ends_the_snooze() -> None:
    asked = escalate_now(SNOOZED, "Ada", CONFIG, NOW + MINUTE, "by text")
    assert (asked.snoozed_until, asked.next_at) == (None, NOW + 6 * MINUTE)


def test_whoever_snoozes_has_it_whoever_had_it_before_and_may_snooze_again() -> None:
    again = snooze(LAPSING, "Bram", NOW + 2 * HOUR, NOW + MINUTE, "by text")
    assert (again.status, again.answered_by, again.next_at) == (Status.ACKNOWLEDGED, "Bram", NOW + 2 * HOUR)
    assert [due.at for due in again.outbox] == [NOW + 2 * HOUR]
    assert why(again)[-1] == "Bram snoozed by text until 2026-11-21 04:14:00 UTC"
    assert fire(again, LAPSING.generation, 1, NOW + HOUR)[0] is Fired.ANSWERED
    assert acknowledge(again, "Carla", NOW + HOUR, "by text") is again
    closed = resolve(again, "Carla", NOW + HOUR, "by text")
    assert (closed.snoozed_until, closed.next_at) == (None, None)
    assert snooze(closed, "Bram", NOW + HOUR, NOW, "by text") is closed


def test_somebody_who_escalates_makes_every_earlier_timer_stale() -> None:
    asked = escalate_now(FIRST, "Ada", CONFIG, NOW + MINUTE, "by text")
    assert (asked.status, asked.level, asked.generation, paged(asked)[0]) == (Status.TRIGGERED, 2, 2, "bram")
    assert fire(asked, 1, 1, DUE)[0] is Fired.STALE
    assert why(asked)[-2:] == ["Ada escalated by text", "level 2: Bram (named by the policy)"]


def test_whoever_escalates_makes_what_is_still_to_be_sent_needless_and_a_timer_does_not() -> None:
    assert escalate(FIRST, CONFIG, DUE).episode == FIRST.episode
    assert escalate_now(FIRST, "Ada", CONFIG, NOW + MINUTE, "by text").episode == FIRST.episode + 1


def test_whoever_of_the_catch_all_is_gone_does_not_hide_the_others() -> None:
    away = config(catch_all=CatchAll(("nobody", "carla", "dana"), HOUR))
    asked = page_next(incident(levels=()), away, NOW)
    assert ({*paged(asked)}, asked.next_at) == ({"carla", "dana"}, NOW + HOUR)


def test_escalating_an_acknowledged_incident_triggers_it_again() -> None:
    asked = escalate_now(acknowledge(FIRST, "Ada", NOW, "by text"), "Ada", CONFIG, NOW + MINUTE, "by text")
    assert (asked.status, asked.answered_by, asked.level, asked.generation) == (Status.TRIGGERED, "", 2, 3)
    assert asked.next_at == NOW + 6 * MINUTE


@pytest.mark.parametrize("answer", [acknowledge, resolve])
def test_an_answer_leaves_nothing_due(answer: object) -> None:
    assert callable(answer)
    done = answer(FIRST, "Ada", NOW + MINUTE, "by text")
    assert (done.next_at, done.outbox, done.new, done.generation) == (None, (), (), 2)
    assert (done.answered_by, done.answered_at) == ("Ada", NOW + MINUTE)
    assert answer(done, "Bram", NOW + HOUR, "by text") == done

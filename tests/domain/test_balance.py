"""The books: what counts, what does not count twice, and what is a difference."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.domain.balance import LATE, Books, Ended, Page, Quarantined, Spilled, Standing, balance
from tocsin.domain.incident import Status

NOW = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OPENED = Ended(NOW - LATE, "opened", "i1")
INCIDENT = Standing("i1", "checkout is down", Status.TRIGGERED, 1, NOW + LATE)
PAGE = Page("n1", "i1", 1, "Alice", "sms", "pending", NOW)
BOOKS = Books(events={"e1": OPENED}, spilled={}, quarantined=(), incidents={"i1": INCIDENT})


def sentences(books: Books) -> list[str]:
    return [one.sentence for one in balance(books, NOW).differences]


def with_incident(**changes: object) -> Books:
    return replace(BOOKS, incidents={"i1": replace(INCIDENT, **changes)})  # type: ignore[arg-type]


def with_page(**changes: object) -> Books:
    return replace(BOOKS, pages=(replace(PAGE, **changes),))  # type: ignore[arg-type]


def test_what_ended_and_what_is_open_is_what_was_accepted() -> None:
    books = replace(
        BOOKS,
        events={"e1": OPENED, "e2": Ended(NOW, "nothing open", ""), "e3": Ended(NOW, "late", "gone")},
        spilled={"e4": Spilled(NOW, waiting=True)},
        quarantined=(Quarantined("e5", recent=True, replayed=False),),
    )
    sums = balance(books, NOW)
    assert (sums.accepted, sums.ended, sums.open, sums.differences) == (5, 4, 1, ())
    assert {name: count for name, count in sums.outcomes.items() if count} == {
        "opened": 1,
        "nothing open": 1,
        "late": 1,
        "quarantined": 1,
    }
    assert sums.not_replayed == 1


@pytest.mark.parametrize("waiting", [True, False])
def test_an_event_that_was_kept_aside_or_quarantined_and_then_routed_counts_once(*, waiting: bool) -> None:
    books = replace(
        BOOKS,
        spilled={"e1": Spilled(NOW - 2 * LATE, waiting=waiting)},
        quarantined=(Quarantined("e1", recent=True, replayed=True), Quarantined("e1", recent=True, replayed=False)),
    )
    sums = balance(books, NOW)
    assert (sums.accepted, sums.ended, sums.open, sums.differences) == (1, 1, 0, ())


def test_what_was_quarantined_long_ago_waits_for_its_replay_but_is_not_counted_again() -> None:
    sums = balance(replace(BOOKS, quarantined=(Quarantined("e2", recent=False, replayed=False),)), NOW)
    assert (sums.accepted, sums.ended, sums.not_replayed) == (1, 1, 1)


def test_an_event_that_was_taken_off_the_list_and_left_no_trace_is_lost_and_named() -> None:
    books = replace(BOOKS, spilled={"e2": Spilled(NOW, waiting=False)})
    sums = balance(books, NOW)
    assert sums.accepted - sums.ended - sums.open == 1
    assert "nothing says what became of it" in sentences(books)[0]


def test_a_message_that_was_replayed_and_left_no_trace_is_lost_and_named() -> None:
    books = replace(BOOKS, quarantined=(Quarantined("e2", recent=True, replayed=True),))
    sums = balance(books, NOW)
    assert (sums.accepted, sums.ended, sums.open, sums.not_replayed) == (2, 1, 0, 0)
    assert [one.document for one in sums.differences] == ["events/e2"]


@pytest.mark.parametrize(("age", "named"), [(LATE, 0), (LATE + SECOND, 1)])
def test_an_event_that_waits_longer_than_two_sweeps_is_named(age: timedelta, named: int) -> None:
    assert len(sentences(replace(BOOKS, spilled={"e2": Spilled(NOW - age, waiting=True)}))) == named


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (Ended(NOW, "", "i1"), 'has no outcome: its document says ""'),
        (Ended(NOW, "quarantined", "i1"), "has no outcome"),
        (Ended(NOW, "opened", ""), "is opened, but names no incident"),
        (Ended(NOW, "opened", "i2"), "is opened, but its incident i2 does not exist"),
        (Ended(NOW, "joined", "i2"), "is joined, but its incident i2 does not exist"),
        (Ended(NOW, "acknowledged", "i2"), "does not exist"),
        (Ended(NOW, "resolved", "i2"), "does not exist"),
    ],
)
def test_an_event_without_an_outcome_or_without_its_incident_is_named(event: Ended, sentence: str) -> None:
    books = replace(BOOKS, events={"e1": OPENED, "e2": event}, incidents={**BOOKS.incidents, "i2": None})
    assert len(sentences(books)) == 1
    assert sentence in sentences(books)[0]


def test_an_incident_that_was_not_looked_for_is_not_missed() -> None:
    assert sentences(replace(BOOKS, events={"e1": OPENED, "e2": Ended(NOW, "opened", "i9")})) == []


@pytest.mark.parametrize(("overdue", "named"), [(LATE, 0), (LATE + SECOND, 1)])
def test_a_timer_may_be_late_by_two_sweeps_and_no_more(overdue: timedelta, named: int) -> None:
    assert len(sentences(with_incident(next_at=NOW - overdue))) == named
    assert len(sentences(with_incident(next_at=NOW - overdue, status=Status.ACKNOWLEDGED))) == named
    assert sentences(with_incident(next_at=NOW - overdue, status=Status.RESOLVED)) == []


def test_a_triggered_incident_without_a_timer_is_named_and_worse_when_nobody_was_notified() -> None:
    stuck = with_incident(next_at=None)
    assert "it has no notification and no timer" in sentences(stuck)[0]
    assert "nobody else is asked" in sentences(replace(stuck, reached=frozenset({"i1"})))[0]
    assert sentences(with_incident(next_at=None, status=Status.RESOLVED)) == []


@pytest.mark.parametrize(("age", "named"), [(LATE, 0), (LATE + SECOND, 1)])
def test_a_page_that_is_not_sent_is_shown_with_its_age_and_named_after_two_sweeps(age: timedelta, named: int) -> None:
    books = with_page(due=NOW - age)
    assert balance(books, NOW).unsent_since == NOW - age
    assert len(sentences(books)) == named


def test_a_page_that_waits_for_its_turn_at_a_phone_is_not_late() -> None:
    assert sentences(with_page(due=NOW - 9 * LATE, next_at=NOW - LATE)) == []
    assert len(sentences(with_page(due=NOW - 9 * LATE, next_at=NOW - LATE - SECOND))) == 1


def test_the_oldest_unsent_page_is_shown() -> None:
    pages = (replace(PAGE, due=NOW - SECOND), replace(PAGE, due=NOW - 9 * SECOND), PAGE)
    assert balance(replace(BOOKS, pages=pages), NOW).unsent_since == NOW - 9 * SECOND


def test_a_page_that_nobody_needs_any_more_is_not_late() -> None:
    old = NOW - 9 * LATE
    answered = replace(with_page(due=old), incidents=with_incident(status=Status.ACKNOWLEDGED).incidents)
    for books in (answered, with_page(due=old, episode=0), with_page(due=old, incident="gone")):
        assert balance(books, NOW).unsent_since is None
        assert sentences(books) == []


def test_an_incident_that_no_event_names_was_opened_by_nothing() -> None:
    for status in Status:
        books = replace(with_incident(status=status), phantoms=frozenset({"i1", "i9"}))
        assert [(one.document, one.sentence) for one in balance(books, NOW).differences] == [
            ("incidents/i1", '"checkout is down" was opened by nothing: no accepted event names it')
        ]


def test_a_difference_says_since_when_and_for_how_long() -> None:
    waits = replace(BOOKS, spilled={"e2": Spilled(NOW - LATE - SECOND, waiting=True)})
    assert sentences(waits) == [
        "the event accepted at 2026-11-21 02:11:29 UTC while Pub/Sub was away has been waiting for 151 s: nobody sweeps"
    ]
    assert sentences(with_incident(next_at=NOW - LATE - SECOND)) == [
        '"checkout is down" is triggered, and its escalation has been overdue for 151 s'
    ]
    [late] = balance(with_page(due=NOW - LATE - SECOND), NOW).differences
    assert late.document == "notifications/n1"
    assert late.sentence == 'the sms to Alice about "checkout is down" was due 151 s ago and is pending'


def test_what_is_late_is_late_after_two_and_a_half_minutes() -> None:
    assert timedelta(seconds=150) == LATE


def test_unknown_sends_are_shown_as_they_were_found() -> None:
    assert [balance(books, NOW).unknown_sends for books in (BOOKS, replace(BOOKS, unknown_sends=3))] == [0, 3]

"""An incident begins untouched, is answered once by each kind of answer, and keeps a timeline that fits a document."""

import pytest

from tests.domain.examples import HOUR, MINUTE, NOW, config, event, incident, notification
from tocsin.domain.alert import Action
from tocsin.domain.incident import Due, Incident, Status, acknowledge, resolve
from tocsin.domain.opening import Minted, open_incident

PAGED = incident(
    generation=5,
    episode=3,
    step=4,
    level=2,
    next_at=NOW + MINUTE,
    outbox=(Due(NOW + MINUTE),),
    new=(notification(),),
)


def test_a_new_incident_stands_before_its_first_level() -> None:
    new = open_incident(event(Action.TRIGGER), config(), Minted("i1", "n1"), NOW)
    assert (new.status, new.generation, new.episode) == (Status.TRIGGERED, 1, 1)
    assert (new.step, new.level, new.round, new.next_at, new.closed_through) == (0, 0, 0, None, None)


def test_a_timeline_keeps_its_beginning_and_its_end() -> None:
    long = incident()
    for number in range(701):
        long = long.noting(NOW, "paging", str(number))
    assert [int(entry.why) for entry in long.timeline] == [*range(300), *range(401, 701)]


def test_up_to_six_hundred_lines_nothing_is_left_out() -> None:
    full = incident()
    for number in range(600):
        full = full.noting(NOW, "paging", str(number))
    assert [int(entry.why) for entry in full.timeline] == list(range(600))


def test_a_line_says_when_what_why_and_who() -> None:
    [line] = incident().noting(NOW + HOUR, "paging", "level 1: Ada", "Bram").timeline
    assert (line.at, line.what, line.why, line.by) == (NOW + HOUR, "paging", "level 1: Ada", "Bram")


@pytest.mark.parametrize(
    ("answered", "status", "line"),
    [
        (acknowledge(PAGED, "Ada", NOW, "by text"), Status.ACKNOWLEDGED, ("acknowledged", "Ada acknowledged by text")),
        (resolve(PAGED, "Ada", NOW, "by text"), Status.RESOLVED, ("resolved", "Ada resolved by text")),
    ],
)
def test_an_answer_begins_a_generation_and_an_episode_and_stays_where_the_escalation_stood(
    answered: Incident, status: Status, line: tuple[str, str]
) -> None:
    assert (answered.status, answered.generation, answered.episode) == (status, 6, 4)
    assert (answered.step, answered.level) == (4, 2)
    assert (answered.next_at, answered.outbox, answered.new) == (None, (), ())
    assert (answered.timeline[-1].what, answered.timeline[-1].why, answered.timeline[-1].by) == (*line, "Ada")


def test_a_persons_resolve_counts_from_now_and_an_integrations_from_what_it_speaks_for() -> None:
    assert resolve(PAGED, "Ada", NOW, "by text").closed_through == NOW
    assert resolve(PAGED, "alertmanager", NOW, "by itself", NOW + HOUR).closed_through == NOW + HOUR
    assert acknowledge(PAGED, "Ada", NOW, "by text").closed_through is None


def test_an_acknowledged_incident_can_still_be_resolved_but_a_resolved_one_not_acknowledged() -> None:
    closed = resolve(acknowledge(PAGED, "Ada", NOW, "by text"), "Bram", NOW + HOUR, "by text")
    assert (closed.status, closed.answered_by, closed.answered_at) == (Status.RESOLVED, "Bram", NOW + HOUR)
    assert acknowledge(closed, "Carla", NOW + HOUR, "by text") is closed


def test_what_somebody_resolves_does_not_settle_any_more() -> None:
    settling = incident(settles_at=NOW + MINUTE, stable=MINUTE)
    assert resolve(settling, "Ada", NOW, "by text").settles_at is None

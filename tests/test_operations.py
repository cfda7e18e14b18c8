"""What each act of a night on call asks of Firestore, to the operation: nobody raises it unseen."""

import sqlite3
from pathlib import Path

import pytest

from tests.bench.operations.acts import ACTS, Act
from tests.bench.operations.counted import Operations
from tocsin.clients.embedded import EmbeddedStore, select

GROWING = {"audit", "events", "incidents", "notifications", "codes"}
FIGURES = {
    # reads, writes, deletions, questions, trips
    "a new alert": Operations(1, 5, 0, 0, 2),
    "a duplicate": Operations(3, 1, 0, 0, 4),
    "a resolve": Operations(3, 3, 0, 1, 4),
    "a text": Operations(9, 5, 0, 0, 6),
    "a call": Operations(9, 5, 0, 0, 6),
    "a page that nobody needs any more": Operations(8, 2, 0, 0, 4),
    "an escalation step": Operations(1, 3, 0, 0, 2),
    "a timer that lost its meaning": Operations(1, 0, 0, 0, 1),
    "an acknowledgement by text": Operations(6, 4, 0, 2, 7),
    "an acknowledgement by key": Operations(4, 4, 0, 0, 5),
    "a sweep, when nothing is open": Operations(20, 0, 0, 17, 20),
    "a sweep, when one incident is acknowledged": Operations(18, 1, 0, 15, 19),
}


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_an_act_asks_for_no_more_and_no_less_than_before(act: Act) -> None:
    assert act.measured() == FIGURES[act.name]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_nothing_does_with_less_than_the_least(act: Act) -> None:
    ours, least = FIGURES[act.name], act.least
    assert all(getattr(ours, name) >= getattr(least, name) for name in vars(least))


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_no_question_goes_through_all_that_was_ever_kept(act: Act, tmp_path: Path) -> None:
    EmbeddedStore(tmp_path / "documents").close()
    asked = {one for one in act.lived()[1].questions if one[0] in GROWING}
    with sqlite3.connect(tmp_path / "documents") as db:
        for collection, where, order in asked:
            sql, values = select(collection, where, order, 100)
            [*_, plan] = next(iter(db.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()))
            assert "USING INDEX documents_" in plan, (collection, where, order, plan)
    db.close()

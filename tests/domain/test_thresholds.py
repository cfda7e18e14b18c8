"""So many triggers within so long: what is counted, and when it is enough."""

from datetime import datetime, timedelta

from tests.domain.examples import MINUTE, NOW, SECOND
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Threshold
from tocsin.domain.incident import Firing
from tocsin.domain.thresholds import Count, counted, others, waiting

RULE = Threshold(3, 10 * MINUTE)


def event(at: datetime, key: str = "k1") -> Event:
    return Event("e1", at, "alertmanager", "checkout", Alert(Action.TRIGGER, key, "it is so", Severity.CRITICAL))


def after(*times: timedelta) -> Count:
    count = Count()
    for time in times:
        count = counted(count, event(NOW + time), RULE)
    return count


def test_it_waits_until_there_are_enough() -> None:
    assert [waiting(after(*[MINUTE] * number), RULE) for number in (1, 2, 3)] == ["1 of 3 in 10m", "2 of 3 in 10m", ""]


def test_those_out_of_reach_of_the_newest_are_forgotten_in_whatever_order_they_come() -> None:
    assert len(after(0 * MINUTE, 10 * MINUTE - SECOND).triggers) == 2
    for times in ((0 * MINUTE, 10 * MINUTE), (10 * MINUTE, 0 * MINUTE)):
        assert [one.since for one in after(*times).triggers] == [NOW + 10 * MINUTE]


def test_no_more_are_kept_than_can_be_asked_for_and_those_are_the_latest() -> None:
    kept = after(*(number * SECOND for number in (4, 1, 3, 2))).triggers
    assert kept == tuple(Firing("alertmanager", "k1", NOW + number * SECOND) for number in (2, 3, 4))


def test_each_other_trouble_that_was_counted_is_named_with_its_latest_trigger() -> None:
    count = Count()
    for number, key in enumerate(("k1", "k2", "k2")):
        count = counted(count, event(NOW + number * SECOND, key), RULE)
    assert others(count, event(NOW)) == {("alertmanager", "k2"): NOW + 2 * SECOND}

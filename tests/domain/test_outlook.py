"""What will be missing: schedules without anybody, within the next two weeks."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.domain.examples import NOW, config, schedule
from tocsin.domain.calendar import Hours, Layer
from tocsin.domain.outlook import AHEAD, gaps_ahead

START = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - a wall clock's
OFFICE = Hours((0, 1, 2, 3, 4), START.time(), START.replace(hour=17).time())


def test_a_schedule_that_always_has_somebody_is_not_named() -> None:
    assert timedelta(days=14) == AHEAD
    assert gaps_ahead(config(), NOW) == ()


def test_one_gap_is_told_with_its_beginning_and_its_end_where_the_schedule_is() -> None:
    ends = replace(schedule("ada").layers[0], end=datetime(2026, 11, 30, 9))  # noqa: DTZ001
    found = gaps_ahead(config(schedules={"shop": replace(schedule(), layers=(ends,), time_zone="Asia/Tokyo")}), NOW)
    [empty] = found
    assert (empty.schedule, len(empty.gaps)) == ("shop", 1)
    assert empty.sentence == (
        "the schedule shop has nobody on call from Mon 2026-11-30 09:00 to Sat 2026-12-05 11:14 Asia/Tokyo"
    )


def test_several_are_counted_and_the_first_is_told() -> None:
    office = replace(schedule(), layers=(Layer(("ada",), timedelta(days=7), START, only=(OFFICE,)),))
    [empty] = gaps_ahead(config(schedules={"shop": office}), NOW)
    assert len(empty.gaps) == 11
    assert empty.sentence == (
        "the schedule shop has nobody on call 11 times in the next 14 days, "
        "first from Sat 2026-11-21 02:14 to Mon 2026-11-23 09:00 Europe/London"
    )

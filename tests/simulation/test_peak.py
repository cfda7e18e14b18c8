"""A peak day in its short form: nine times the usual traffic for an hour, and every invariant holds."""

from tests.bench.peak.day import LENGTH, TIMES, Day, troubles
from tests.bench.peak.lived import lived


def test_a_peak_day_violates_nothing_and_everybody_is_paged() -> None:
    found = lived(Day(10_000))
    assert found.violations == ()
    assert found.events >= 10_000
    assert 8.0 <= found.times <= 10.0
    assert found.digests > 0
    assert len(found.waits) > found.incidents / 2


def test_a_day_is_the_same_every_time_and_has_as_many_events_as_were_asked_for() -> None:
    day = Day(5_000, seed=7)
    lasting = troubles(day)
    assert lasting == troubles(day)
    assert sum(one.times for one in lasting) == sum(1 + len(list(one.statements())) for one in lasting) == day.events
    assert all(0 <= said.at < LENGTH for one in lasting for said in one.statements())


def test_the_middle_hour_has_nine_times_the_events_of_the_others() -> None:
    hours = [0, 0, 0]
    for one in troubles(Day(100_000)):
        hours[int(one.first.at // 3600)] += one.times
    assert abs(2 * hours[1] / (hours[0] + hours[2]) - TIMES) < 0.2

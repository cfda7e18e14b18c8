"""Several people on call at once stand in as many schedules: minute by minute the same people as there."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.cli.importing import weeks
from infra.cli.importing.lanes import Track, lanes
from infra.cli.importing.values import Layer
from infra.cli.importing.weeks import DAY, DAYS, WEEK, Week
from tests.cli.moving import move

MONDAY = datetime(2026, 1, 5)  # noqa: DTZ001 - a wall-clock time
STEP = 360  # minutes: the hours below begin and end on them

starts = st.integers(0, WEEK // STEP - 1).map(lambda number: number * STEP)
lengths = st.integers(1, 12).map(lambda number: number * STEP)
intervals = st.lists(st.tuples(starts, lengths), max_size=3).map(
    lambda found: [(start, start + length) for start, length in found]
)


def minutes(intervals: list[tuple[int, int]]) -> set[int]:
    """Give the minutes of the week that belong to the intervals, one by one."""
    return {minute % WEEK for start, end in intervals for minute in range(start, end)} or set(range(WEEK))


def read(text: str) -> set[int]:
    """Read the hours as the file has them: days, and times of which an end before its start is on the next day."""
    names, times = text.split(" ")
    first, _, last = names.partition("-")
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in times.split("-"))
    length = end - start if end > start else end - start + DAY
    days = range(DAYS.index(first), DAYS.index(last or first) + 1)
    return {(day * DAY + minute) % WEEK for day in days for minute in range(start, start + length)}


@settings(deadline=None)
@given(intervals)
def test_hours_are_written_as_they_are(found: list[tuple[int, int]]) -> None:
    pieces = weeks.written(weeks.week(found))
    assert (set().union(*map(read, pieces)) if pieces else set(range(WEEK))) == minutes(found)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, WEEK - 1), st.integers(1, 3 * DAY)), min_size=1, max_size=3))
def test_hours_that_begin_at_any_minute_are_written_as_they_are(found: list[tuple[int, int]]) -> None:
    given_ = [(start, start + length) for start, length in found]
    pieces = weeks.written(weeks.week(given_))
    assert (set().union(*map(read, pieces)) if pieces else set(range(WEEK))) == minutes(given_)


@settings(deadline=None)
@given(intervals, intervals)
def test_weeks_meet_where_they_share_a_minute(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    assert weeks.week(one).meets(weeks.week(other)) == bool(minutes(one) & minutes(other))


def track(user: str, only: Week, first: int, last: int | None) -> Track:
    begin = MONDAY + timedelta(weeks=first)
    end = None if last is None else begin + timedelta(weeks=last)
    return (Layer(user, (user,), timedelta(days=1), begin, end, only),)


tracks = st.builds(
    track,
    st.sampled_from("abcdef"),
    intervals.map(weeks.week),
    st.integers(0, 2),
    st.one_of(st.none(), st.integers(1, 2)),
)


def on_call(layers: Track, at: datetime) -> str | None:
    """Name who is on call by the file's own rule: of the layers that have somebody, the last."""
    minute = (at - MONDAY) // timedelta(minutes=1) % WEEK
    found = [layer.users[0] for layer in layers if is_on(layer, at, minute)]
    return found[-1] if found else None


def is_on(layer: Layer, at: datetime, minute: int) -> bool:
    in_hours = not layer.only.intervals or any(
        start <= minute < end or start <= minute + WEEK < end for start, end in layer.only.intervals
    )
    return layer.start <= at and (layer.end is None or at < layer.end) and in_hours


@settings(deadline=None)
@given(st.lists(st.lists(tracks, max_size=3), min_size=1, max_size=3))
def test_the_lanes_together_name_exactly_those_who_are_on_call(levels: list[list[Track]]) -> None:
    made = lanes(ours := move(), "S", "Europe/London", levels)
    assert {each.name for each in made} == set(ours.lanes.get("S", ()))
    for number in range(4 * WEEK // STEP):
        at = MONDAY + timedelta(minutes=number * STEP)
        by_level = [{on_call(each, at) for each in level} - {None} for level in levels]
        expected: set[str | None] = next((there for there in reversed(by_level) if there), set())
        found = {on_call(each.layers, at) for each in made} - {None}
        assert found == expected


def test_rotations_that_are_never_on_call_together_need_one_schedule_only() -> None:
    day, night = (
        weeks.week((at * DAY + start, at * DAY + start + length) for at in range(7))
        for start, length in ((540, 540), (1080, 900))
    )
    [made] = lanes(move(), "S", "Europe/London", [[track("a", day, 0, None), track("b", night, 0, None)]])
    assert [layer.title for layer in made.layers] == ["b", "a"]

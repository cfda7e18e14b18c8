"""There is always exactly one user on call, whatever the clocks do; checked against an independent count."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.domain.calendar import Layer, Override, Schedule
from tocsin.domain.schedule import Shift
from tocsin.domain.schedule import on_call as asked
from tocsin.domain.timeline import NEVER

DAY = timedelta(days=1)
STEP = timedelta(minutes=15)
HOURS = {hours: timedelta(hours=hours) for hours in (1, 5, 8, 12, 24, 36, 48, 168)}
TEAM = ("alice", "bob", "carol")
ZONES = sorted(available_timezones())


def schedule(zone: str, turn: timedelta, start: datetime, *overrides: Override) -> Schedule:
    return Schedule("primary", zone, (Layer(TEAM, turn, start, early=True),), overrides)


def on_call(plan: Schedule, at: datetime) -> Shift:
    """Ask a schedule that always has somebody."""
    shift = asked(plan, at)
    assert shift
    return shift


def clock(text: str) -> datetime:
    """Read a time on somebody's wall: no zone."""
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return clock(text).replace(tzinfo=UTC)


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


@cache
def transitions(name: str) -> tuple[datetime, ...]:
    """Find a few instants at which a zone's clock jumps: those of a past and of a coming year."""
    zone, found = ZoneInfo(name), []
    for year in (2011, 2027):
        days = [datetime(year, 1, 1, tzinfo=UTC) + n * 5 * DAY for n in range(74)]
        jumps = [(a, b) for a, b in pairwise(days) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()]
        found += [_bisect(a, b, zone) for a, b in jumps[:3]]
    return tuple(found)


def _bisect(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    old = before.astimezone(zone).utcoffset()
    steps = range((after - before) // STEP + 1)
    return before + STEP * bisect_right(steps, 0, key=lambda n: (before + n * STEP).astimezone(zone).utcoffset() != old)


def chain(plan: Schedule, since: datetime, until: datetime) -> Iterator[Shift]:
    """Give the shifts one after the other, each found by asking at the end of the one before."""
    at = since
    while at < until:
        shift = on_call(plan, at)
        yield shift
        assert shift.until > at, "time must go on"
        at = shift.until


def counted(plan: Schedule, since: datetime, until: datetime) -> list[tuple[datetime, str]]:
    """Count the hand-offs by looking at the clock every quarter of an hour, as somebody with a list would.

    The clock on the wall is read step by step. A hand-off is due when the clock first shows its time; where the clock
    jumps over it, as long after the jump as it lies after the time at which the clock jumped.
    """
    [layer] = plan.layers
    zone, turn = ZoneInfo(plan.time_zone), layer.turn
    assert isinstance(turn, timedelta)
    due: dict[int, datetime] = {}
    at, shown = since, wall(since, zone) - STEP
    while at < until:
        now = wall(at, zone)
        for passed in range((now - shown) // STEP):
            time = shown + (passed + 1) * STEP
            number, odd = divmod(time - layer.start, turn)
            if not odd:
                due.setdefault(number, at if time == now else at + passed * STEP)
        at, shown = at + STEP, now
    hand_offs: list[tuple[datetime, str]] = []
    for number, instant in sorted(due.items()):
        hand_offs = [each for each in hand_offs if each[0] < instant] + [(instant, TEAM[number % len(TEAM)])]
    return hand_offs


@pytest.mark.parametrize("zones", [ZONES[n::12] for n in range(12)], ids=lambda zones: zones[0])
def test_every_zone_hands_over_as_the_clock_on_its_wall_says(zones: list[str]) -> None:
    for number, name in enumerate(zones):
        for jump in transitions(name):
            turn = (HOURS[12], HOURS[24], HOURS[8], HOURS[48])[number % 4]
            start = wall(jump - 6 * DAY, ZoneInfo(name)) + STEP * (number % 11 - 4)
            plan = schedule(name, turn, start)
            since, until = jump - 5 * DAY, jump + 3 * DAY
            walked = [(shift.start, shift.user) for shift in chain(plan, since, until)]
            expected = [each for each in counted(plan, since - DAY, until) if each[0] >= walked[1][0]]
            assert [each for each in walked[1:] if each[0] < until] == expected, (name, jump, turn, start)


@pytest.mark.parametrize("turn", HOURS.values(), ids=str)
def test_there_is_one_user_at_each_minute_around_a_clock_change(turn: timedelta) -> None:
    for name in ("Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Troll", "Africa/Casablanca"):
        for jump in transitions(name)[-4:]:
            plan = schedule(name, turn, wall(jump - 9 * DAY, ZoneInfo(name)))
            shifts = list(chain(plan, jump - 2 * DAY, jump + 2 * DAY))
            for minute in range(-150, 150):
                at = jump + timedelta(minutes=minute)
                shift = on_call(plan, at)
                assert shift.start <= at < shift.until
                assert [each for each in shifts if each.start <= at < each.until] == [shift]


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    turn=st.integers(1, 2000).map(lambda quarters: quarters * STEP),
    start=st.datetimes(clock("1990-01-01"), clock("2035-01-01")),
    after=st.timedeltas(timedelta(0), timedelta(days=3650)),
)
def test_hand_offs_follow_each_other_without_gap_or_overlap(
    zone: str, turn: timedelta, start: datetime, after: timedelta
) -> None:
    plan = schedule(zone, turn, start)
    shift = on_call(plan, start.replace(tzinfo=UTC) + DAY + after)
    following = on_call(plan, shift.until)
    assert shift.start < shift.until == following.start < following.until
    assert on_call(plan, shift.until - timedelta(microseconds=1)) == shift
    assert following.user == TEAM[(TEAM.index(shift.user) + 1) % 3] or turn < DAY


def test_a_weekly_turn_keeps_nine_o_clock_when_the_clocks_go_forward() -> None:
    plan = schedule("Europe/London", timedelta(weeks=1), clock("2026-03-23 09:00"))
    assert on_call(plan, utc("2026-03-24 00:00")) == Shift(
        "alice", utc("2026-03-23 09:00"), utc("2026-03-30 08:00"), "rotation"
    )
    assert on_call(plan, utc("2026-03-30 08:00")).user == "bob"


def test_the_day_and_the_night_shift_keep_their_hours_all_year() -> None:
    plan = schedule("Europe/London", timedelta(hours=12), clock("2026-01-05 08:00"))
    hours = {
        wall(shift.start, ZoneInfo("Europe/London")).hour for shift in chain(plan, utc("2026-01-06"), utc("2027-01-06"))
    }
    assert hours == {8, 20}


def test_a_turn_that_no_day_divides_into_counts_elapsed_time() -> None:
    plan = schedule("Europe/London", timedelta(hours=36), clock("2026-03-28 08:00"))
    assert {shift.until - shift.start for shift in chain(plan, utc("2026-03-28 09:00"), utc("2026-11-01"))} == {
        HOURS[36]
    }


def test_a_hand_off_at_a_time_that_does_not_exist_moves_forward() -> None:
    plan = schedule("Europe/Berlin", DAY, clock("2026-03-27 02:30"))
    starts = [shift.start for shift in chain(plan, utc("2026-03-28 03:00"), utc("2026-03-31"))]
    assert starts == [utc("2026-03-28 01:30"), utc("2026-03-29 01:30"), utc("2026-03-30 00:30")]


def test_a_hand_off_at_a_time_that_exists_twice_happens_the_first_time() -> None:
    plan = schedule("Europe/Berlin", DAY, clock("2026-10-24 02:30"))
    starts = [shift.start for shift in chain(plan, utc("2026-10-24 03:00"), utc("2026-10-27"))]
    assert starts == [utc("2026-10-24 00:30"), utc("2026-10-25 00:30"), utc("2026-10-26 01:30")]


def test_the_turn_of_a_day_that_never_was_is_skipped_with_it() -> None:
    """Samoa went from the 29th to the 31st of December 2011."""
    plan = schedule("Pacific/Apia", DAY, clock("2011-12-28 09:00"))
    users = [shift.user for shift in chain(plan, utc("2011-12-28 20:00"), utc("2012-01-01 00:00"))]
    assert users == ["alice", "bob", "alice", "bob"]


def test_a_start_in_the_hour_that_exists_twice_begins_the_first_time() -> None:
    plan = schedule("Europe/Berlin", timedelta(hours=1), clock("2026-10-25 02:30"))
    assert on_call(plan, utc("2026-10-25 01:10")).user == "alice"


def test_before_its_start_a_rotation_has_its_first_user() -> None:
    plan = schedule("Europe/London", DAY, clock("2026-01-05 09:00"))
    shift = on_call(plan, utc("2020-01-01"))
    assert (shift.user, shift.until, shift.because) == ("alice", utc("2026-01-05 09:00"), "rotation, before its start")
    assert on_call(plan, shift.until).user == "alice"
    assert on_call(plan, shift.until + DAY).user == "bob"


def test_an_override_interrupts_the_rotation_up_to_its_end() -> None:
    override = Override("carol", utc("2026-07-01 17:00"), utc("2026-07-01 20:00"))
    plan = schedule("Europe/London", DAY, clock("2026-07-01 09:00"), override)
    shifts = list(chain(plan, utc("2026-07-01 09:00"), utc("2026-07-02 08:00")))
    assert shifts == [
        Shift("alice", utc("2026-07-01 08:00"), utc("2026-07-01 17:00"), "rotation"),
        Shift(
            "carol", utc("2026-07-01 17:00"), utc("2026-07-01 20:00"), "override until 2026-07-01 21:00 Europe/London"
        ),
        Shift("alice", utc("2026-07-01 20:00"), utc("2026-07-02 08:00"), "rotation"),
    ]


@settings(deadline=None)
@given(
    spans=st.lists(st.tuples(st.sampled_from(TEAM), st.integers(0, 90), st.integers(1, 40)), max_size=6),
    hour=st.integers(0, 140),
)
def test_of_overlapping_overrides_the_one_written_last_holds(spans: list[tuple[str, int, int]], hour: int) -> None:
    """The shift's ends are those an hour-by-hour list gives, or lie inside a run of one user."""
    zero = utc("2026-07-01")
    overrides = [Override(u, zero + timedelta(hours=a), zero + timedelta(hours=a + n)) for u, a, n in spans]
    plan = schedule("UTC", DAY, clock("2026-07-01"), *overrides)

    def listed(hour: int) -> str:
        standing_in = [user for user, first, length in spans if first <= hour < first + length]
        return standing_in[-1] if standing_in else TEAM[hour // 24 % 3]

    shift = on_call(plan, zero + timedelta(hours=hour))
    first, last = (shift.start - zero) // timedelta(hours=1), (shift.until - zero) // timedelta(hours=1)
    assert first <= hour < last
    assert {listed(each) for each in range(first, last)} == {shift.user}


def test_a_single_user_is_always_on_call() -> None:
    plan = Schedule("primary", "UTC", (Layer(("alice",), DAY, clock("2026-01-01"), early=True),))
    assert {shift.user for shift in chain(plan, utc("2025-12-01"), utc("2026-03-01"))} == {"alice"}


def test_before_the_start_an_override_still_holds() -> None:
    override = Override("bob", utc("2025-12-24"), utc("2025-12-25"))
    plan = schedule("UTC", DAY, clock("2026-01-01"), override)
    assert on_call(plan, utc("2025-12-24")).user == "bob"
    assert on_call(plan, utc("2025-12-26")).start == override.end
    assert on_call(plan, utc("2025-12-26")).until < NEVER

"""What has gone wrong in other people's calendars when the clocks changed, one test for each situation."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.domain.calendar import ANYBODY, Hours, Kind, Layer, Months, Override, Schedule
from tocsin.domain.schedule import Gap, Shift, gaps, on_call, shifts

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEEKDAYS = (0, 1, 2, 3, 4)
EVERY_DAY = tuple(range(7))


def clock(text: str) -> datetime:
    """Read a time on somebody's wall: no zone."""
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return clock(text).replace(tzinfo=UTC)


def plan(zone: str, *layers: Layer, overrides: tuple[Override, ...] = ()) -> Schedule:
    return Schedule("shop", zone, layers, overrides)


def said(schedule: Schedule, start: str, end: str) -> list[tuple[str, str]]:
    """Give who begins when, by the wall of the schedule."""
    zone = ZoneInfo(schedule.time_zone)
    found = shifts(schedule, clock(start).replace(tzinfo=zone), clock(end).replace(tzinfo=zone))
    return [(each.user, f"{each.start.astimezone(zone):%a %d %b %H:%M}") for each in found]


# https://github.com/target/goalert/pull/512: clock times were wrong in the week after a change, not only before it.
@pytest.mark.parametrize("monday", ["2026-03-02", "2026-03-09", "2026-03-16", "2026-10-26", "2026-11-02", "2026-11-09"])
def test_hours_begin_and_end_by_the_wall_in_the_weeks_before_and_after_a_change(monday: str) -> None:
    office = Layer(("ada",), DAY, clock("2026-01-05 00:00"), only=(Hours(WEEKDAYS, time(9), time(17, 30)),))
    zone, begin = ZoneInfo("America/Chicago"), clock(monday)
    week = shifts(plan("America/Chicago", office), begin.replace(tzinfo=zone), (begin + 7 * DAY).replace(tzinfo=zone))
    walls = [(each.start.astimezone(zone).time(), each.until.astimezone(zone).time()) for each in week]
    assert walls == [(time(9), time(17, 30))] * 5


# https://github.com/target/goalert/pull/1252: what each kind of hand-off means when the clock changes.
def test_turns_of_two_hours_hand_over_at_even_hours_also_after_a_change() -> None:
    hourly = plan("America/Chicago", Layer(("ada", "bram", "carla"), 2 * HOUR, clock("2026-03-07 00:00")))
    zone = ZoneInfo("America/Chicago")
    for day in ("2026-03-08", "2026-11-01", "2026-11-02"):
        begin = clock(day).replace(tzinfo=zone)
        found = shifts(hourly, begin, begin + DAY)[1:]
        assert {each.start.astimezone(zone).hour % 2 for each in found} == ({0, 1} if day == "2026-03-08" else {0})
    assert on_call(hourly, utc("2026-03-08 08:00")) == Shift(
        "bram", utc("2026-03-08 08:00"), utc("2026-03-08 09:00"), "rotation"
    ), "the hand-off of two o'clock comes at three, the next one at four"


def test_hours_that_meet_at_a_time_that_exists_twice_neither_overlap_nor_leave_a_gap() -> None:
    night = Layer(
        ("ada",), DAY, clock("2026-01-01 00:00"), name="night", only=(Hours(EVERY_DAY, time(22), time(1, 30)),)
    )
    day = Layer(("bram",), DAY, clock("2026-01-01 00:00"), name="day", only=(Hours(EVERY_DAY, time(1, 30), time(22)),))
    both = plan("America/Chicago", night, day)
    assert gaps(both, utc("2026-01-02"), utc("2027-01-01")) == ()
    assert on_call(both, utc("2026-11-01 06:29")) == Shift(
        "ada", utc("2026-11-01 03:00"), utc("2026-11-01 06:30"), "night"
    )
    assert on_call(both, utc("2026-11-01 07:00")) == Shift(
        "bram", utc("2026-11-01 06:30"), utc("2026-11-02 04:00"), "day"
    )


# https://github.com/grafana-cold-storage/oncall/issues/3261: shifts from half past eight came an hour early in winter.
def test_a_schedule_made_in_summer_keeps_its_hours_in_winter() -> None:
    hours = (Hours(EVERY_DAY, time(8, 30), time(17, 30)),)
    london = plan("Europe/London", Layer(("ada", "bram"), DAY, clock("2023-10-02 08:30"), only=hours))
    assert said(london, "2023-10-28 00:00", "2023-10-31 00:00") == [
        ("ada", "Sat 28 Oct 08:30"),
        ("bram", "Sun 29 Oct 08:30"),
        ("ada", "Mon 30 Oct 08:30"),
    ]
    assert on_call(london, utc("2023-10-30 08:29")) is None
    assert on_call(london, utc("2023-10-30 17:29")) == Shift(
        "ada", utc("2023-10-30 08:30"), utc("2023-10-30 17:30"), "rotation"
    )


# https://github.com/grafana-cold-storage/oncall/issues/5455: a shift over the change in spring ended an hour early.
def test_a_shift_over_a_change_ends_when_the_next_one_begins() -> None:
    daily = plan("America/New_York", Layer(("ada", "bram"), DAY, clock("2025-03-07 17:00")))
    over = on_call(daily, utc("2025-03-09 06:59"))
    assert over == Shift("bram", utc("2025-03-08 22:00"), utc("2025-03-09 21:00"), "rotation")
    assert over.until - over.start == 23 * HOUR
    following = on_call(daily, over.until)
    assert following
    assert (following.user, following.start) == ("ada", over.until)
    assert gaps(daily, utc("2025-03-08"), utc("2025-03-12")) == ()


# https://github.com/grafana-cold-storage/oncall/issues/2950: seen from summer, the times of January were an hour off.
def test_shifts_on_the_other_side_of_a_change_have_their_times_on_the_wall() -> None:
    weekly = plan("America/New_York", Layer(("ada", "bram"), 7 * DAY, clock("2023-09-04 09:00")))
    assert said(weekly, "2023-10-30 09:00", "2023-11-14 00:00") == [
        ("ada", "Mon 30 Oct 09:00"),
        ("bram", "Mon 06 Nov 09:00"),
        ("ada", "Mon 13 Nov 09:00"),
    ]
    assert said(weekly, "2024-01-01 00:00", "2024-01-09 00:00")[1:] == [
        ("bram", "Mon 01 Jan 09:00"),
        ("ada", "Mon 08 Jan 09:00"),
    ]


# https://github.com/grafana-cold-storage/oncall/issues/4197: in zones other than UTC both users had every day.
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"])
def test_daily_turns_on_working_days_alternate_in_every_zone(zone: str) -> None:
    hours = (Hours(WEEKDAYS, time(8), time(18)),)
    working = plan(zone, Layer(("ada", "bram"), DAY, clock("2024-01-01 08:00"), only=hours))
    assert said(working, "2024-01-01 00:00", "2024-01-09 00:00") == [
        ("ada", "Mon 01 Jan 08:00"),
        ("bram", "Tue 02 Jan 08:00"),
        ("ada", "Wed 03 Jan 08:00"),
        ("bram", "Thu 04 Jan 08:00"),
        ("ada", "Fri 05 Jan 08:00"),
        ("bram", "Mon 08 Jan 08:00"),
    ]


def test_monthly_turns_from_the_31st_begin_on_the_last_day_and_do_not_drift() -> None:
    monthly = plan("Europe/Berlin", Layer(("ada", "bram", "carla"), Months(1), clock("2027-10-31 02:30")))
    assert [begin for _, begin in said(monthly, "2027-10-31 02:30", "2028-06-30 00:00")] == [
        "Sun 31 Oct 02:30",
        "Tue 30 Nov 02:30",
        "Fri 31 Dec 02:30",
        "Mon 31 Jan 02:30",
        "Tue 29 Feb 02:30",
        "Fri 31 Mar 02:30",
        "Sun 30 Apr 02:30",
        "Wed 31 May 02:30",
    ]
    users = [user for user, _ in said(monthly, "2027-10-31 02:30", "2029-10-31 00:00")]
    assert users == ["ada", "bram", "carla"] * 8


def test_a_team_that_begins_next_month_takes_over_when_it_begins_and_leaves_when_it_ends() -> None:
    old = Layer(("ada",), 7 * DAY, clock("2026-01-05 09:00"), name="layer 1")
    new = Layer(("bram",), 7 * DAY, clock("2026-07-06 09:00"), end=clock("2026-08-03 09:00"), name="layer 2")
    assert said(plan("UTC", old, new), "2026-07-01 00:00", "2026-08-10 00:00") == [
        ("ada", "Wed 01 Jul 00:00"),
        ("bram", "Mon 06 Jul 09:00"),
        ("ada", "Mon 03 Aug 09:00"),
    ]
    assert on_call(plan("UTC", new), utc("2026-07-06 08:59")) is None
    assert on_call(plan("UTC", new), utc("2026-08-03 09:00")) is None


def test_a_holiday_goes_from_midnight_to_midnight_and_cuts_the_hours_of_the_night() -> None:
    christmas = (date(2026, 12, 25), date(2026, 12, 26))
    night = (Hours(EVERY_DAY, time(22), time(6)),)
    usual = Layer(("ada",), DAY, clock("2026-01-01 00:00"), name="night", only=night, off=christmas)
    festive = Layer(("bram",), DAY, clock("2026-01-01 00:00"), name="holidays", on=christmas)
    alone = plan("Europe/London", usual)
    assert gaps(alone, utc("2026-12-24 22:00"), utc("2026-12-27 22:00")) == (
        Gap(utc("2026-12-25 00:00"), utc("2026-12-27 00:00")),
        Gap(utc("2026-12-27 06:00"), utc("2026-12-27 22:00")),
    )
    assert said(plan("Europe/London", usual, festive), "2026-12-24 12:00", "2026-12-27 12:00") == [
        ("ada", "Thu 24 Dec 22:00"),
        ("bram", "Fri 25 Dec 00:00"),
        ("ada", "Sun 27 Dec 00:00"),
    ]


def test_hours_of_all_days_around_the_clock_restrict_nothing() -> None:
    always = Layer(("ada", "bram"), 7 * DAY, clock("2026-01-05 09:00"), only=(Hours(EVERY_DAY, time(0), time(0)),))
    assert on_call(plan("UTC", always), utc("2026-01-07")) == Shift(
        "ada", utc("2026-01-05 09:00"), utc("2026-01-12 09:00"), "rotation"
    )


def test_whole_days_in_a_row_are_one_shift_over_the_weekend() -> None:
    hours = (Hours((5, 6), time(0), time(0)), Hours((0,), time(0), time(9)))
    weekend = plan("UTC", Layer(("ada",), DAY, clock("2026-01-01 00:00"), only=hours))
    assert on_call(weekend, utc("2026-01-12 08:59")) == Shift(
        "ada", utc("2026-01-10 00:00"), utc("2026-01-12 09:00"), "rotation"
    )


OFFICE = Layer(("ada",), DAY, clock("2026-01-05 00:00"), only=(Hours(EVERY_DAY, time(9), time(17)),))


def interval(user: str, start: str, end: str, instead_of: str = "", kind: Kind = Kind.OVERRIDE) -> Override:
    return Override(user, utc(f"2026-02-0{start}"), utc(f"2026-02-0{end}"), instead_of, kind)


def test_an_override_fills_a_gap_and_a_cover_does_not() -> None:
    override = interval("bram", "2 08:00", "2 12:00")
    cover = interval("bram", "2 08:00", "2 12:00", ANYBODY, Kind.COVER)
    assert said(plan("UTC", OFFICE, overrides=(override,)), "2026-02-02 00:00", "2026-02-03 00:00") == [
        ("bram", "Mon 02 Feb 08:00"),
        ("ada", "Mon 02 Feb 12:00"),
    ]
    assert said(plan("UTC", OFFICE, overrides=(cover,)), "2026-02-02 00:00", "2026-02-03 00:00") == [
        ("bram", "Mon 02 Feb 09:00"),
        ("ada", "Mon 02 Feb 12:00"),
    ]


def test_a_swap_exchanges_two_people_and_touches_nobody_else() -> None:
    daily = Layer(("ada", "bram", "carla"), DAY, clock("2026-02-01 09:00"))
    swap = (
        interval("bram", "1 00:00", "2 12:00", "ada", Kind.SWAP),
        interval("ada", "2 12:00", "4 09:00", "bram", Kind.SWAP),
    )
    assert said(plan("UTC", daily, overrides=swap), "2026-02-01 09:00", "2026-02-05 09:00") == [
        ("bram", "Sun 01 Feb 09:00"),
        ("bram", "Mon 02 Feb 09:00"),
        ("ada", "Mon 02 Feb 12:00"),
        ("carla", "Tue 03 Feb 09:00"),
        ("ada", "Wed 04 Feb 09:00"),
    ]
    shift = on_call(plan("UTC", daily, overrides=swap), utc("2026-02-01 10:00"))
    assert shift
    assert shift.because == "swap for ada until 2026-02-02 12:00 UTC"


def test_a_cover_written_after_an_override_covers_for_it_too() -> None:
    written = (
        interval("bram", "2 18:00", "2 23:00"),
        interval("carla", "2 20:00", "3 10:00", ANYBODY, Kind.COVER),
    )
    assert said(plan("UTC", OFFICE, overrides=written), "2026-02-02 12:00", "2026-02-03 12:00") == [
        ("ada", "Mon 02 Feb 12:00"),
        ("bram", "Mon 02 Feb 18:00"),
        ("carla", "Mon 02 Feb 20:00"),
        ("carla", "Tue 03 Feb 09:00"),
        ("ada", "Tue 03 Feb 10:00"),
    ]


def test_a_user_who_follows_himself_by_the_same_rule_has_one_shift_and_by_another_has_two() -> None:
    layers = (
        Layer(("ada", "ada", "bram"), DAY, clock("2026-02-01 00:00"), name="layer 1"),
        Layer(("ada",), DAY, clock("2026-02-04 00:00"), name="layer 2"),
    )
    assert [
        (each.user, each.start.day, each.because)
        for each in shifts(plan("UTC", *layers), utc("2026-02-01"), utc("2026-02-06"))
    ] == [("ada", 1, "layer 1"), ("bram", 3, "layer 1"), ("ada", 4, "layer 2")]

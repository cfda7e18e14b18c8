"""Measures the calendar: who, shifts and gaps, and how the time grows with the schedules and with the days.

    tests/bench/calendar/run

A third of the schedules has a weekly rotation; a third a support layer in office hours over one, with holidays; a third
daily turns under monthly ones in office hours. Every tenth has a dozen overrides. Times are of one core, the best of
three; a ratio near that of the sizes says that the growth is linear.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import click

from tocsin.domain.calendar import Hours, Layer, Months, Override, Schedule
from tocsin.domain.schedule import gaps, on_call, shifts

DAY = timedelta(days=1)
TEAM = ("ada", "bram", "carla", "dana")
ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
START = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - wall clock
OFFICE = (Hours((0, 1, 2, 3, 4), START.time(), START.replace(hour=17, minute=30).time()),)
HOLIDAYS = tuple(date(year, 12, day) for year in (2026, 2027, 2028, 2029) for day in (25, 26))
SCHEDULES, DAYS, TIMES = 300, 365, 3

Question = Callable[[Schedule, int], object]
ASKED: dict[str, Question] = {
    "who": lambda schedule, days: on_call(schedule, BEGIN + days * DAY),
    "shifts": lambda schedule, days: shifts(schedule, BEGIN, BEGIN + days * DAY),
    "gaps": lambda schedule, days: gaps(schedule, BEGIN, BEGIN + days * DAY),
}


def schedule(number: int) -> Schedule:
    weekly, daily = Layer(TEAM, 7 * DAY, START), Layer(TEAM, DAY, START)
    support = Layer(TEAM, DAY, START, only=OFFICE, off=HOLIDAYS)
    monthly = Layer(TEAM, Months(1), START, only=OFFICE)
    layers = ((weekly,), (weekly, support), (daily, monthly))[number % 3]
    spans = [BEGIN + (number % 7 + 28 * each) * DAY for each in range(12)] if number % 10 == 0 else []
    overrides = (Override("eve", start, start + DAY) for start in spans)
    return Schedule(str(number), ZONES[number % len(ZONES)], layers, tuple(overrides))


def seconds(ask: Question, schedules: Sequence[Schedule], days: int) -> float:
    """Give the shortest time, of this process alone, in which all of them answered."""
    taken = []
    for _ in range(TIMES):
        begun = time.process_time()
        for each in schedules:
            ask(each, days)
        taken.append(time.process_time() - begun)
    return min(taken)


def table(head: str, sizes: Sequence[int], measured: Callable[[str, int], float]) -> None:
    click.echo(f"\n{head:>10}" + "".join(f"{name:>10}     " for name in ASKED))
    before: dict[str, Any] = {}
    for size in sizes:
        now = {name: measured(name, size) for name in ASKED}
        ratios = {name: f" x{now[name] / before[name]:.1f}" if before else "" for name in ASKED}
        click.echo(f"{size:>10}" + "".join(f"{now[name]:>8.3f} s{ratios[name]:<5}" for name in ASKED))
        before = now


def main() -> None:
    everything = [schedule(number) for number in range(2 * SCHEDULES)]
    click.echo(f"{SCHEDULES} schedules over {DAYS} days: the row {SCHEDULES} of the first table")
    sizes = [SCHEDULES // 4, SCHEDULES // 2, SCHEDULES, 2 * SCHEDULES]
    table("schedules", sizes, lambda name, size: seconds(ASKED[name], everything[:size], DAYS))
    table("days", [91, 182, 365, 730], lambda name, size: seconds(ASKED[name], everything[:SCHEDULES], size))


if __name__ == "__main__":
    main()

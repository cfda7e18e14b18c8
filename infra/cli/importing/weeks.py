"""The hours of a week in which somebody may be on call: where they meet, and how the file writes them.

A week is made of intervals in minutes since Monday 00:00; one that runs past Sunday's midnight ends after `WEEK`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
WEEK = 7 * DAY

Interval = tuple[int, int]


@dataclass(frozen=True)
class Week:
    """Intervals that neither touch nor overlap; none at all means always."""

    intervals: tuple[Interval, ...] = ()

    def meets(self, other: "Week") -> bool:
        """Tell whether there is a minute that belongs to both."""
        ours, theirs = (week.intervals or ((0, WEEK),) for week in (self, other))
        shifts = (-WEEK, 0, WEEK)
        return any(a < d + by and c + by < b for a, b in ours for c, d in theirs for by in shifts)


ALWAYS = Week()


def week(intervals: Iterable[Interval]) -> Week:
    """Merge what touches or overlaps, over the end of the week as well; a whole week is always."""
    merged: list[Interval] = []
    for start, end in sorted(_within(intervals)):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    if merged == [(0, WEEK)]:
        return ALWAYS
    if len(merged) > 1 and merged[0][0] == 0 and merged[-1][1] == WEEK:
        (_, end), *merged = merged
        merged[-1] = merged[-1][0], WEEK + end
    return Week(tuple(merged))


def _within(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Cut what runs past the end of the week, or is longer than one."""
    for start, end in intervals:
        length, begin = min(end - start, WEEK), start % WEEK
        yield begin, min(begin + length, WEEK)
        if begin + length > WEEK:
            yield 0, begin + length - WEEK


def written(hours: Week) -> list[str]:
    """Give the intervals as the file has them, `mon-fri 09:00-17:30`; a whole day is `sat 00:00-24:00`."""
    days: dict[Interval, list[int]] = {}
    for start, end in (piece for interval in hours.intervals for piece in _pieces(*interval)):
        day = start // DAY
        days.setdefault((start - day * DAY, end - day * DAY), []).append(day % 7)
    return [f"{_range(run)} {_clock(*times)}" for times, all_days in days.items() for run in _runs(sorted(all_days))]


def _pieces(start: int, end: int) -> Iterator[Interval]:
    """Cut an interval longer than a day at midnight: what is shorter may run over it."""
    if end - start < DAY:
        yield start, end
        return
    while start < end:
        midnight = (start // DAY + 1) * DAY
        yield start, min(midnight, end)
        start = midnight


def _runs(days: list[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for day in days:
        if run and day != run[-1] + 1:
            yield run
            run = []
        run.append(day)
    yield run


def _range(run: list[int]) -> str:
    return DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}"


def _clock(start: int, end: int) -> str:
    end = end if end == DAY else end % DAY
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"

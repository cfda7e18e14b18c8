"""Looks ahead: when schedules will have nobody on call."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from infra.cli.options import is_json
from tocsin.domain.calendar import Schedule
from tocsin.domain.config import Config
from tocsin.domain.schedule import Gap, gaps

AHEAD = timedelta(days=14)


def gaps_ahead(config: Config, now: datetime) -> list[dict[str, Any]]:
    """Give each schedule that has nobody at some time of the next 14 days, with those times and a sentence."""
    found = ((schedule, gaps(schedule, now, now + AHEAD)) for schedule in config.schedules.values())
    return [
        {
            "schedule": schedule.id,
            "sentence": _sentence(schedule, empty),
            "gaps": [{"start": gap.start, "until": gap.until} for gap in empty],
        }
        for schedule, empty in found
        if empty
    ]


def warn(ahead: list[dict[str, Any]]) -> None:
    """Say on stderr what was found; programs read it in the answer."""
    for each in () if is_json() else ahead:
        click.echo(f"{click.style('warning:', fg='yellow')} {each['sentence']}", err=True)


def _sentence(schedule: Schedule, empty: tuple[Gap, ...]) -> str:
    first, zone = empty[0], ZoneInfo(schedule.time_zone)
    start, until = (at.astimezone(zone) for at in (first.start, first.until))
    when = f"from {start:%a %Y-%m-%d %H:%M} to {until:%a %Y-%m-%d %H:%M} {zone.key}"
    if len(empty) == 1:
        return f"the schedule {schedule.id} has nobody on call {when}"
    return (
        f"the schedule {schedule.id} has nobody on call {len(empty)} times in the next {AHEAD.days} days, first {when}"
    )

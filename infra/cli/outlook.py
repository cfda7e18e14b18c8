"""Warns of schedules that will have nobody on call."""

from datetime import datetime
from typing import Any

import click

from infra.cli.options import is_json
from tocsin.domain import outlook
from tocsin.domain.config import Config


def gaps_ahead(config: Config, now: datetime) -> list[dict[str, Any]]:
    """Give each schedule that has nobody at some time of the next 14 days, with those times and a sentence."""
    return [
        {
            "schedule": each.schedule,
            "sentence": each.sentence,
            "gaps": [{"start": gap.start, "until": gap.until} for gap in each.gaps],
        }
        for each in outlook.gaps_ahead(config, now)
    ]


def warn(ahead: list[dict[str, Any]]) -> None:
    """Say on stderr what was found; programs read it in the answer."""
    for each in () if is_json() else ahead:
        click.echo(f"{click.style('warning:', fg='yellow')} {each['sentence']}", err=True)

"""Says who is at the keyboard, and in whose name they speak."""

import getpass
from datetime import datetime
from typing import Any

import click

from infra.cli.fields import suggestion
from infra.cli.snapshot import TYPED
from tocsin import wiring
from tocsin.domain.audit import organisation
from tocsin.domain.orders import Said


def operator() -> str:
    """Name whoever is at the keyboard."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def user(by: str, now: datetime) -> str:
    """Give the name of the user with an id; raises click.ClickException for any other."""
    users: dict[str, Any] = dict(wiring.current().config(now).users)
    if by not in users:
        raise click.ClickException(f'there is no user "{by}"{suggestion(by, users)}')
    name: str = users[by].name
    return name


def typed(by: str | None, now: datetime) -> Said:
    """Say who speaks: the user that is named, else whoever is at the keyboard; raises click.ClickException."""
    name, config = user(by, now) if by else operator(), wiring.current().config(now)
    whose = organisation(config, by or operator())
    return Said(name, TYPED, now, by or "", organisation=whose, login=operator())

"""What a verb knows of the world: the time, the configuration in force, and how to make a fresh id."""

from collections.abc import Callable
from datetime import datetime

from tocsin.domain.config import Config
from tocsin.domain.values import dataclass


@dataclass(frozen=True)
class Moment:
    """One instant (aware, UTC); rules get their time and ids from here and from nowhere else."""

    now: datetime
    config: Config
    new_id: Callable[[], str]

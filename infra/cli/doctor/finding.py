"""What an examination of a deployment finds: a sentence for each thing that was looked at, and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import requests

from infra.cli.doctor.asking import Google, Telephone
from tocsin.clients.store import Store
from tocsin.domain.config import Config
from tocsin.settings import Settings


class State(StrEnum):
    """How it stands: doubtful is what may be meant, skipped what is not here or may not be looked at."""

    WELL = "well"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` says what to do where it is not well."""

    part: str
    state: State
    sentence: str
    remedy: str = ""


@dataclass(frozen=True)
class Deployment:
    """What is examined, and the ways to it; on a laptop there is no `google`, and perhaps no `config` anywhere.

    `second_url` is the public address of a second region that has one of its own.
    """

    settings: Settings
    now: datetime
    config: Config | None
    store: Store
    web: requests.Session
    telephone: Telephone
    google: Google | None = None
    second_url: str = ""


Check = Callable[[Deployment], Iterator[Finding]]


def judged(part: str, sentence: str, remedy: str, *, well: bool) -> Finding:
    """Give a finding that is either well, and then needs no remedy, or broken."""
    return Finding(part, State.WELL, sentence) if well else Finding(part, State.BROKEN, sentence, remedy)

"""Adds up what a use costs: what was counted, times what is asked for it."""

from dataclasses import dataclass, replace
from decimal import Decimal

from infra.cli.cost.operations import ACTS, BY_CALL, BY_TEXT, DUPLICATE, IDLE, RESOLVE, Used
from infra.cli.cost.prices import DAYS, GOOGLE, Country

MINUTES = DAYS * 24 * 60
"""Of a month: the sweep comes every one of them."""

PROBES = 2 * 3 * MINUTES
"""Checks from outside in a month: ingest and reply, each from three places, every minute."""

HOURS = DAYS * 24

CALLED = Decimal("0.1")
"""How many of those who are texted sleep on until they are called: the owner's own assumption goes into --calls."""

_TENTHS, _SWEEP_TENTHS = Decimal(1), Decimal(5)  # of a second: what is billed of a request, and of a sweep
_TENTH, _MEMORY = Decimal("0.1"), Decimal("0.5")  # seconds; GiB of an instance with one processor
_MESSAGE = Decimal(3000)  # bytes: 1,000 at least, published, pushed, and passed over by the other filter
_TASK = 2  # operations: it is made, and handed out once


@dataclass(frozen=True)
class Sum:
    """US dollars at Google by what is counted, before anything is free and after it, and at Twilio."""

    google: dict[str, Decimal]
    charged: Decimal
    twilio: Decimal

    @property
    def list_price(self) -> Decimal:
        """Give what Google would ask if nothing were free."""
        return sum(self.google.values(), Decimal(0))


def cost(used: Used, country: Country, sweeps: Decimal | int = 0) -> Sum:
    """Give what a use costs in one month, `sweeps` of its requests being sweeps; without the number's rent."""
    seconds = (used.requests * _TENTHS + sweeps * (_SWEEP_TENTHS - _TENTHS)) * _TENTH
    counted = {
        "reads": used.reads,
        "writes": used.writes,
        "deletes": used.deletes,
        "requests": used.requests,
        "processor seconds": seconds,
        "gibibyte seconds": seconds * _MEMORY,
        "published and pushed": used.events * _MESSAGE,
        "task operations": used.tasks * _TASK,
    }
    google = {name: GOOGLE[name].of(quantity) for name, quantity in counted.items()}
    charged = sum((GOOGLE[name].of(each, with_free=True) for name, each in counted.items()), Decimal(0))
    twilio = used.texts * country.text + used.heard * country.heard + used.calls * country.call
    return Sum(google, charged, Decimal(twilio))


def idle() -> Used:
    """Give what a month uses in which nothing happens but sweeps, and checks from outside."""
    return ACTS[IDLE].times(MINUTES) + Used(requests=PROBES)


def canaries(often: int | Decimal) -> Used:
    """Give what so many canaries use: each is a text that nobody answers, counted as if it was dealt with."""
    return replace(ACTS[BY_TEXT], texts=1, heard=0).times(often)


def month(alerts: int, pages: int, calls: int | None) -> Used:
    """Give what a month of a team uses: some pages are calls, each trouble is resolved, the rest are repeats."""
    called = Decimal(calls) if calls is not None else pages * CALLED / (1 + CALLED)
    troubles = pages - called
    answered = ACTS[BY_TEXT].times(troubles - called) + ACTS[BY_CALL].times(called)
    repeats = max(Decimal(0), alerts - 2 * troubles)
    return answered + ACTS[RESOLVE].times(troubles) + ACTS[DUPLICATE].times(repeats) + idle()

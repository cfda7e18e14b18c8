"""Adds up what a pager costs a month that only stands there: what watches it, and what is kept of it."""

from dataclasses import dataclass
from decimal import Decimal

from infra.cli.cost.bill import MINUTES, PROBES
from infra.cli.cost.prices import ADDED, DAYS, GIB, STANDING

CONDITIONS = 14
"""Conditions of alarms that watch a metric, as infra/gcp/alerts.tf has them for a small team; a test counts them."""

_PERIODS = DAYS * 24 * 60 * 2  # a condition looks every thirty seconds, and what is summed returns one series
_LINE = Decimal(1500)  # bytes of a line in the log, with all that Cloud Logging adds to it
_SWEEP_LINES = 4  # its own, Cloud Run's of the request, Cloud Scheduler's of the beginning and the end
_SWEEP_METRICS = 8 + 5 * 80  # bytes: one count and five distributions are taken from each line of a sweep
_DOCUMENTS = GIB / 10
_COPIES = 14  # weekly ones
_SECONDS = DAYS * 24 * 3600


@dataclass(frozen=True)
class Line:
    """US dollars a month for so many of something, before and after what is free."""

    what: str
    quantity: Decimal
    list_price: Decimal
    charged: Decimal


def standing() -> list[Line]:
    """Give what is paid for while nothing happens, beside the operations of the sweep."""
    quantities = {
        "alert conditions": Decimal(CONDITIONS),
        "time series returned": CONDITIONS * _PERIODS,
        "uptime checks": PROBES,
        "bytes of metrics": MINUTES * _SWEEP_METRICS,
        # Requests to ingest are kept out of the log: half of what knocks from outside.
        "bytes of logs": (MINUTES * _SWEEP_LINES + PROBES / 2) * _LINE,
        "scheduler jobs": Decimal(1),
        "secret versions": Decimal(1),
        "bytes of images": 2 * GIB,
        "bytes of documents": _DOCUMENTS,
        "bytes that can be turned back to": _DOCUMENTS,
        "bytes of backups": _COPIES * _DOCUMENTS,
    }
    return [
        Line(what, each, STANDING[what].of(each), STANDING[what].of(each, with_free=True))
        for what, each in quantities.items()
    ]


def list_price() -> Decimal:
    """Give what all of that would cost if nothing were free."""
    return sum((one.list_price for one in standing()), Decimal(0))


def charged() -> Decimal:
    """Give what all of that costs."""
    return sum((one.charged for one in standing()), Decimal(0))


def warm() -> Decimal:
    """Give what one instance kept warm costs a month: one processor, half a gibibyte."""
    return ADDED["warm processor seconds"].of(_SECONDS) + ADDED["warm gibibyte seconds"].of(_SECONDS / 2)


def domain() -> Decimal:
    """Give what a domain costs a month: its load balancer, one policy and two rules."""
    hours = ADDED["hours of a load balancer"].of(DAYS * 24)
    return hours + ADDED["Cloud Armor policies"].of(1) + ADDED["Cloud Armor rules"].of(2)

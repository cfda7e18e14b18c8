"""What Google, Twilio and PagerDuty ask, where that was read and when: enough to choose by, not to check a bill."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Price:
    """US dollars for so many of something; `free` of them a month cost nothing."""

    dollars: Decimal
    per: Decimal
    read: str
    source: str
    free: Decimal = Decimal(0)

    def of(self, quantity: Decimal | int, *, with_free: bool = False) -> Decimal:
        """Give what so many cost."""
        charged = max(Decimal(0), quantity - self.free) if with_free else Decimal(quantity)
        return charged * self.dollars / self.per


DAYS = Decimal("30.4")
MILLION, LAKH, GIB = Decimal(1_000_000), Decimal(100_000), Decimal(1024**3)
_RUN = ("2026-11-21", "cloud.google.com/run/pricing")
_FIRESTORE = ("2026-11-21", "cloud.google.com/firestore/pricing, one region; a multi-region is twice as much")

GOOGLE = {
    "reads": Price(Decimal("0.03"), LAKH, *_FIRESTORE, free=50_000 * DAYS),
    "writes": Price(Decimal("0.09"), LAKH, *_FIRESTORE, free=20_000 * DAYS),
    "deletes": Price(Decimal("0.01"), LAKH, *_FIRESTORE, free=20_000 * DAYS),
    "requests": Price(Decimal("0.40"), MILLION, *_RUN, free=2 * MILLION),
    "processor seconds": Price(Decimal("0.000024"), Decimal(1), *_RUN, free=Decimal(180_000)),
    "gibibyte seconds": Price(Decimal("0.0000025"), Decimal(1), *_RUN, free=Decimal(360_000)),
    "published and pushed": Price(Decimal(40), 1024 * GIB, "2026-11-21", "cloud.google.com/pubsub/pricing", 10 * GIB),
    "task operations": Price(Decimal("0.40"), MILLION, "2026-11-21", "cloud.google.com/tasks/docs/pricing", MILLION),
}
"""By what is counted. A request is billed in tenths of a second; a message as 1,000 bytes at least."""

_OBSERVED = ("2026-11-22", "cloud.google.com/stackdriver/pricing")
_RECALLED = ("2026-11-22", "from memory; to be seen at cloud.google.com/stackdriver/pricing")
_BALANCER = ("2026-11-22", "from memory; to be seen at cloud.google.com/vpc/network-pricing and /armor/pricing")
_KEPT = ("2026-11-22", "from memory; to be seen at cloud.google.com/firestore/pricing, one region")
_QUOTED = (
    "2026-11-22",
    "cloud.google.com/stackdriver/pricing as quoted by others; Google had announced $1.50 at first",
)

STANDING = {
    "alert conditions": Price(Decimal("0.10"), Decimal(1), *_QUOTED),
    "time series returned": Price(
        Decimal("0.35"), MILLION, "2026-11-22", "cloud.google.com/monitoring/alerts/cost-control"
    ),
    "uptime checks": Price(Decimal("0.30"), Decimal(1000), *_RECALLED, free=MILLION),
    "bytes of metrics": Price(Decimal("0.258"), Decimal(1024**2), *_RECALLED, free=Decimal(150 * 1024**2)),
    "bytes of logs": Price(Decimal("0.50"), GIB, *_OBSERVED, free=50 * GIB),
    "scheduler jobs": Price(
        Decimal("0.10"), Decimal(1), "2026-11-22", "cloud.google.com/scheduler/pricing", free=Decimal(3)
    ),
    "secret versions": Price(
        Decimal("0.06"), Decimal(1), "2026-11-22", "cloud.google.com/secret-manager/pricing", free=Decimal(6)
    ),
    "bytes of images": Price(
        Decimal("0.10"), GIB, "2026-11-22", "cloud.google.com/artifact-registry/pricing", free=GIB / 2
    ),
    "bytes of documents": Price(Decimal("0.15"), GIB, *_KEPT, free=GIB),
    "bytes that can be turned back to": Price(Decimal("0.15"), GIB, *_KEPT),
    "bytes of backups": Price(Decimal("0.03"), GIB, *_KEPT),
}
"""What is asked for a month of what stands there, used or not. Free is what a billing account has in all."""

ADDED = {
    "warm processor seconds": Price(
        Decimal("0.0000025"), Decimal(1), "2026-11-21", "from memory; to be seen at cloud.google.com/run/pricing"
    ),
    "warm gibibyte seconds": Price(
        Decimal("0.0000025"), Decimal(1), "2026-11-21", "from memory; to be seen at cloud.google.com/run/pricing"
    ),
    "hours of a load balancer": Price(Decimal("0.025"), Decimal(1), *_BALANCER),
    "Cloud Armor policies": Price(Decimal(5), Decimal(1), *_BALANCER),
    "Cloud Armor rules": Price(Decimal(1), Decimal(1), *_BALANCER),
}
"""What a team may add."""


@dataclass(frozen=True)
class Country:
    """What Twilio asks in US dollars: for a text of one segment sent, one received, a call of a minute, a number."""

    text: Decimal
    heard: Decimal
    call: Decimal
    number: Decimal
    read: str
    source: str


COUNTRIES = {
    "US": Country(
        text=Decimal("0.0118"),  # 0.0083 and the largest carriers' 0.0035; the carriers' fees are 0.0025 to 0.0062
        heard=Decimal("0.0083"),
        call=Decimal("0.014"),
        number=Decimal("1.15"),
        read="2026-07-05 (the call: a reseller's figure without a date)",
        source="twilio.com/en-us/sms/pricing/us as quoted by budgetforge.dev and hivebook.wiki",
    ),
}
"""Others are some ten times as dear and are not guessed: --text and --call say what Twilio's price list does."""

SEAT = {
    "Professional, paid yearly": Price(
        Decimal(21), Decimal(1), "2026-09-20", "pagerduty.com/pricing as quoted by github.com/api-evangelist/pagerduty"
    ),
    "Professional, paid monthly": Price(
        Decimal(25), Decimal(1), "2026-09-20", "pagerduty.com/pricing as quoted by github.com/api-evangelist/pagerduty"
    ),
}
"""PagerDuty's price for a user and a month."""

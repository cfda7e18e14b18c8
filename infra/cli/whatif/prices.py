"""What Twilio charges for a text and for a call: enough to compare two configurations, not to check a bill."""

from dataclasses import dataclass
from decimal import Decimal

from tocsin.domain.gsm import septets

ONE, SEVERAL = 160, 153
"""Septets of a text in one segment, and of each segment of a longer one (GSM 03.38)."""


@dataclass(frozen=True)
class Price:
    """US dollars for a segment of a text, the carriers' fee for it included, and for a minute of a call."""

    segment: Decimal
    minute: Decimal


# For a long code in the USA and Canada, as quoted in April 2026 (hivebook.wiki/wiki/twilio-sms-pricing, and on
# dev.to/preecha on the Twilio SMS API's cost): $0.0083 a segment, and with the largest carriers $0.0035 for them.
# A call's $0.014 a minute is a reseller's figure without a date. What holds today stands at twilio.com/en-us/pricing.
# Other countries, some forty times as dear, are not guessed.
# +1 is also the Caribbean, Bermuda and the Pacific territories, whose prices are others.
AREAS = "242 246 264 268 284 340 345 441 473 649 658 664 670 671 684 721 758 767 784 787 809 829 849 868 869 876 939"
ELSEWHERE = frozenset(AREAS.split())
PRICES = {"+1": Price(Decimal("0.0118"), Decimal("0.014"))}
AS_OF = "prices quoted in April 2026 for the USA and Canada, a call counted as one minute that somebody picked up"


def price(number: str, channel: str, words: str) -> Decimal | None:
    """Give US dollars for one page, or None where the price is not known."""
    known = next((each for prefix, each in PRICES.items() if number.startswith(prefix)), None)
    if known is None or number[2:5] in ELSEWHERE or channel not in {"sms", "voice"}:
        return None
    return known.segment * segments(words) if channel == "sms" else known.minute


def segments(words: str) -> int:
    """Count the segments of a text, whose letters are all in the GSM alphabet."""
    units = septets(words)
    return 1 if units <= ONE else -(-units // SEVERAL)

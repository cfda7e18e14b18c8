"""How often one number may be paged: what goes beyond that waits for its turn, and is then told in one digest."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from tocsin.domain.thrift import Thrift
from tocsin.domain.values import dataclass


@dataclass(frozen=True)
class Cap:
    """At most so many pages in any window of this length."""

    most: int
    window: timedelta


_MINUTE, _QUARTER, _HOUR = timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1)

CAPS = {
    "sms": (Cap(1, _MINUTE), Cap(5, _QUARTER), Cap(11, _HOUR)),
    "voice": (Cap(1, _MINUTE), Cap(3, _QUARTER)),
}
"""The figures GoAlert has kept for years (engine/message/ratelimit.go): more is noise, and carriers filter it."""

FOR_REPEATS = {
    "sms": (Cap(1, _MINUTE), Cap(3, _QUARTER), Cap(7, _HOUR)),
    "voice": (Cap(1, _MINUTE), Cap(2, _QUARTER)),
}
"""What pages about the same trouble may take of it: the rest is kept for a new one."""

TO_SAVE: Mapping[Thrift, Mapping[str, tuple[Cap, ...]]] = {
    Thrift.NONE: {},
    Thrift.SPARING: {"sms": (Cap(1, _QUARTER), Cap(3, _HOUR)), "voice": (Cap(1, _HOUR),)},
    Thrift.STRICT: {"sms": (Cap(1, _HOUR),), "voice": (Cap(1, 3 * _HOUR),)},
}
"""What repeats, and what has low urgency, may take besides when a month's money runs out: the rest is in digests."""

KEPT = max(cap.most for caps in CAPS.values() for cap in caps)


def free_at(
    sent: Sequence[datetime], channel: str, now: datetime, *, repeat: bool = False, thrift: Thrift = Thrift.NONE
) -> datetime:
    """Give the first instant, from now on, at which a number may be paged again; `sent` is when it was, in order."""
    caps = ((FOR_REPEATS if repeat else CAPS).get(channel, ()), TO_SAVE[thrift].get(channel, ()))
    full = [sent[-cap.most] + cap.window for each in caps for cap in each if len(sent) >= cap.most]
    return max([now, *full])

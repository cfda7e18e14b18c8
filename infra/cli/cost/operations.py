"""What each act of a night on call uses, as counted: a test holds every figure to the code."""

from dataclasses import dataclass, fields
from decimal import Decimal


@dataclass(frozen=True)
class Used:
    """Documents read, written, deleted; requests to functions; events published; tasks; what Twilio sends and hears."""

    reads: int | Decimal = 0
    writes: int | Decimal = 0
    deletes: int | Decimal = 0
    requests: int | Decimal = 0
    events: int | Decimal = 0
    tasks: int | Decimal = 0
    texts: int | Decimal = 0
    calls: int | Decimal = 0
    heard: int | Decimal = 0

    def __add__(self, other: "Used") -> "Used":
        """Add two."""
        return Used(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def __sub__(self, other: "Used") -> "Used":
        """Take one from another."""
        return Used(*(getattr(self, one.name) - getattr(other, one.name) for one in fields(self)))

    def times(self, often: int | Decimal) -> "Used":
        """Give it so often."""
        return Used(*(getattr(self, one.name) * often for one in fields(self)))


BY_TEXT = "an alert that is answered by text"
BY_CALL = "an alert that is answered in a call"
BY_SECOND = "an alert that the second one answers"
DUPLICATE, RESOLVE, IDLE = "a duplicate", "a resolve", "an idle minute"

ACTS = {
    BY_TEXT: Used(reads=23, writes=18, requests=9, events=1, tasks=3, texts=2, heard=1),
    BY_CALL: Used(reads=28, writes=24, requests=12, events=1, tasks=3, texts=1, calls=1),
    BY_SECOND: Used(reads=45, writes=36, requests=17, events=1, tasks=6, texts=3, calls=1, heard=1),
    DUPLICATE: Used(reads=2, writes=3, requests=2, events=1),
    RESOLVE: Used(reads=3, writes=3, requests=2, events=1),
    IDLE: Used(reads=19, requests=1),
}
"""From the first request to the last task that finds nothing to do, receipts and the answer's answer included."""

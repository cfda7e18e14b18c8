"""What each act of a night on call uses, as counted: `python -m tests.cli.spent` counts it, a test holds it."""

import json
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path


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

FILE = Path(__file__).with_name("operations.json")
ACTS = {name: Used(**one) for name, one in json.loads(FILE.read_text(encoding="utf-8")).items()}
"""From the first request to the last task that finds nothing to do, receipts and the answer's answer included."""

"""What is known of a telephone number: whether it takes our texts, and how often we answered it for nothing."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MOST_PASSIVE = 5
_WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class Phone:
    """`passive` answers are those that no command earned: help, unknown codes. Two machines could answer for ever."""

    opted_out: bool = False
    passive: int = 0
    passive_since: datetime | None = None

    def answered(self, now: datetime) -> "Phone":
        """Count a passive answer; an hour without one forgives the earlier ones."""
        if self.passive_since and now < self.passive_since + _WINDOW:
            return replace(self, passive=self.passive + 1)
        return replace(self, passive=1, passive_since=now)

    def may_be_answered(self, now: datetime) -> bool:
        """Say whether another passive answer is allowed."""
        fresh = self.passive_since is not None and now < self.passive_since + _WINDOW
        return not fresh or self.passive < MOST_PASSIVE


def path(number: str) -> str:
    """Give the document's path; hashed, so that no telephone number stands in it."""
    return f"phones/{hashlib.sha256(number.encode()).hexdigest()}"

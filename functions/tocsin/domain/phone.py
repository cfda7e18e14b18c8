"""What is known of a telephone number: whether it takes our texts, and how often we answered it for nothing."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MOST_PASSIVE = 5
_WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class Phone:
    """`word_at` is when STOP or START was last written. `passive` answers are those that no command earned.

    Two machines could answer each other for ever.
    """

    opted_out: bool = False
    word_at: datetime | None = None
    passive: int = 0
    passive_since: datetime | None = None

    def answered(self, now: datetime) -> "Phone":
        """Count a passive answer; they are forgiven an hour after the first."""
        if self.passive_since and now < self.passive_since + _WINDOW:
            return replace(self, passive=self.passive + 1)
        return replace(self, passive=1, passive_since=now)

    def heard(self, opted_out: bool, at: datetime) -> "Phone":  # noqa: FBT001 - STOP or START, there is no third
        """Take a STOP or START that was written at `at`; one that is found late does not undo a later one."""
        return self if self.word_at and at < self.word_at else replace(self, opted_out=opted_out, word_at=at)

    def may_be_answered(self, now: datetime) -> bool:
        """Say whether another passive answer is allowed."""
        fresh = self.passive_since is not None and now < self.passive_since + _WINDOW
        return not fresh or self.passive < MOST_PASSIVE


def path(number: str) -> str:
    """Give the document's path; hashed, so that no telephone number stands in it."""
    return f"phones/{hashlib.sha256(number.encode()).hexdigest()}"

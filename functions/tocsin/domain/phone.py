"""What is known of a telephone number: whose it is, if it takes our texts, when it was paged and when answered from."""

import hashlib
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from tocsin.domain.caps import KEPT
from tocsin.domain.values import dataclass, replace
from tocsin.domain.verification import Verification, code_in

MOST_PASSIVE = 5
MOST_WRONG, LOCKED = 10, timedelta(minutes=15)
"""So many codes that mean nothing, within an hour, and answers by text do nothing for so long."""

_WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class Phone:
    """`word_at` is when STOP or START was last written. `passive` answers are those that no command earned.

    Two machines could answer each other for ever. `wrong` is when it sent codes that mean nothing. By channel: `paged`
    is when it was paged last, in order, and `turn` the time at which the next of the pages that wait for their turn is
    looked at. `reached_at` is when a page was answered from this number last.
    """

    opted_out: bool = False
    word_at: datetime | None = None
    passive: int = 0
    passive_since: datetime | None = None
    wrong: tuple[datetime, ...] = ()
    paged: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    turn: Mapping[str, datetime] = field(default_factory=dict)
    reached_at: datetime | None = None
    verification: Verification = field(default_factory=Verification)

    def pages(self, channel: str) -> tuple[datetime, ...]:
        """Give when it was paged over a channel, in order."""
        return self.paged.get(channel, ())

    def paging(self, channel: str, now: datetime) -> "Phone":
        """Count a page that goes out now."""
        return replace(self, paged={**self.paged, channel: tuple(sorted((*self.pages(channel), now))[-KEPT:])})

    def unpaged(self, channel: str, at: datetime | None) -> "Phone":
        """Count a page no more: the provider has refused it."""
        kept = list(self.pages(channel))
        if at in kept:
            kept.remove(at)
        return replace(self, paged={**self.paged, channel: tuple(kept)})

    def turning(self, channel: str, at: datetime | None) -> "Phone":
        """Note when the next of those that wait is looked at, or that none waits."""
        others = {one: turn for one, turn in self.turn.items() if one != channel}
        return replace(self, turn={**others, channel: at} if at else others)

    def answered(self, now: datetime) -> "Phone":
        """Count a passive answer; they are forgiven an hour after the first."""
        if self.passive_since and now < self.passive_since + _WINDOW:
            return replace(self, passive=self.passive + 1)
        return replace(self, passive=1, passive_since=now)

    def guessed(self, now: datetime) -> "Phone":
        """Count a code that means nothing on this phone: none while it is locked, and from one again after that."""
        if self.locked_until(now):
            return self
        return replace(self, wrong=(*(() if self._was_locked else self.wrong), now)[-MOST_WRONG:])

    def locked_until(self, now: datetime) -> datetime | None:
        """Give until when answers by text do nothing, if somebody has been guessing codes in this phone's name."""
        return self.wrong[-1] + LOCKED if self._was_locked and now < self.wrong[-1] + LOCKED else None

    @property
    def _was_locked(self) -> bool:
        return len(self.wrong) == MOST_WRONG and self.wrong[-1] - self.wrong[0] <= _WINDOW

    def reached(self, at: datetime) -> "Phone":
        """Note that a page was answered from it: nothing else proves that the way is open."""
        return replace(self, reached_at=max(at, self.reached_at or at))

    def vouched(self, text: str, at: datetime) -> "Phone":
        """Take a text that is nothing but a code, while one is out: the right one verifies, any other is a guess."""
        code = code_in(text)
        if not code or not self.verification.is_waiting(at):
            return self
        return replace(self, verification=self.verification.given(code, at))

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

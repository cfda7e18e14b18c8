"""A number is verified once somebody gives back a code that was sent there; until then it is paged all the same."""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from tocsin.domain.caps import Cap
from tocsin.domain.values import dataclass, replace

PER_NUMBER = Cap(3, timedelta(hours=1))
PER_USER = Cap(10, timedelta(days=1))
"""How many codes are sent: somebody else's phone must not ring because a number was mistyped."""

VALID = timedelta(minutes=15)
MOST_GUESSES = 5
_ALL = 1_000_000


@dataclass(frozen=True)
class Verification:
    """What is known of whose a number is: `verified_at` and for which user, and the code that is out until `until`."""

    verified_at: datetime | None = None
    verified_user: str = ""
    user: str = ""
    code: str = ""
    until: datetime | None = None
    guesses: int = 0
    sent: tuple[datetime, ...] = ()

    def sending(self, user: str, code: str, now: datetime) -> "Verification":
        """Send a code for a user; one sent before counts no more."""
        sent = (*self.sent, now)[-PER_NUMBER.most :]
        return replace(self, user=user, code=code, until=now + VALID, guesses=0, sent=sent)

    def is_waiting(self, now: datetime) -> bool:
        """Say whether a code is out that can still be given back."""
        return bool(self.code) and self.until is not None and now < self.until and self.guesses < MOST_GUESSES

    def given(self, code: str, now: datetime) -> "Verification":
        """Take a code that somebody gives back, while one is out: the right one verifies, any other is a guess."""
        if not hmac.compare_digest(code.encode(), self.code.encode()):
            return replace(self, guesses=self.guesses + 1)
        return replace(self, verified_at=now, verified_user=self.user, code="", until=None)

    def is_of(self, user: str) -> bool:
        """Say whether the number was verified for a user."""
        return self.verified_at is not None and self.verified_user == user


def code(identity: str) -> str:
    """Make six digits of a fresh id: a reply code has four, so the two are never mistaken for each other."""
    return f"{int(identity, 16) % _ALL:06d}"


def code_in(text: str) -> str:
    """Give the six digits that are all a text says, or nothing."""
    digits = "".join(text.split()).removesuffix(".")
    return digits if re.fullmatch("[0-9]{6}", digits) else ""


def next_at(sent: Sequence[datetime], cap: Cap, now: datetime) -> datetime:
    """Give when another code may be sent; `sent` is when the last ones were, in order."""
    return max(now, sent[-cap.most] + cap.window) if len(sent) >= cap.most else now


def path(user: str) -> str:
    """Give where it is kept how many codes were sent for a user, whatever his numbers were."""
    return f"verifications/{user}"

"""Requests that Twilio makes: signed, bounded to 15 seconds, and repeated as the fragment of their URL says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import parse_qs, urldefrag, urlsplit

from twilio.request_validator import RequestValidator

DIGITS = re.compile(r"[0-9]{1,9}")
BUDGET = timedelta(seconds=15)
MOST_RETRIES = 5
CLIENT_ERROR = 400
SERVER_ERROR = 500


class Purpose(StrEnum):
    """What the answer is for: nothing, a reply to a text, or the next words of a call."""

    STATUS = "status"
    TEXT = "text"
    CALL = "call"


@dataclass(frozen=True)
class Post:
    """What to say to whom; `about` is the SID of a message or call, `url` may carry connection overrides."""

    purpose: Purpose
    about: str
    url: str
    form: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Webhook:
    """One POST to make; `url` is without its fragment, `timeout` in seconds, `about` the message or call."""

    id: str
    purpose: Purpose
    about: str
    url: str
    form: tuple[tuple[str, str], ...]
    signature: str
    since: datetime
    timeout: float
    retries: int
    policy: tuple[str, ...]

    @property
    def headers(self) -> dict[str, str]:
        """Give the headers Twilio sends: the signature, and a token that stays the same when it tries again."""
        return {"X-Twilio-Signature": self.signature, "I-Twilio-Idempotency-Token": self.id}

    def again(self, status: int | None, now: datetime) -> "Webhook | None":
        """Give the next attempt, if the URL's `rp` names this outcome, `rc` is not used up and 15 s have not passed."""
        left = (self.since + BUDGET - now).total_seconds()
        if not self.retries or left <= 0 or not outcomes(status).intersection(self.policy):
            return None
        return replace(self, retries=self.retries - 1, timeout=min(self.timeout, left))


def webhook(token: str, ident: str, post: Post, now: datetime) -> Webhook:
    """Sign a request; connection overrides (`#rc=3&rp=5xx,ct,rt`) are read, and are not part of the signed URL."""
    bare, fragment = urldefrag(post.url)
    overrides = {name: values[-1] for name, values in parse_qs(fragment).items()}
    signature = RequestValidator(token).compute_signature(bare, dict(post.form))
    policy = tuple(overrides.get("rp", "ct").split(","))
    retries = min(number(overrides.get("rc"), 1), MOST_RETRIES)
    timeout = min(number(overrides.get("rt"), 15_000) / 1000, BUDGET.total_seconds())
    return Webhook(ident, post.purpose, post.about, bare, tuple(post.form), signature, now, timeout, retries, policy)


def outcomes(status: int | None) -> set[str]:
    """Give the words of `rp` that cover this outcome; no answer is a failed connection or a time-out."""
    if status is None:
        return {"ct", "rt", "all"}
    if status >= SERVER_ERROR:
        return {"5xx", "all"}
    return {"4xx", "all"} if status >= CLIENT_ERROR else set()


def number(text: str | None, otherwise: int) -> int:
    """Read a number of a fragment; anything else is Twilio's default."""
    return int(text) if text and DIGITS.fullmatch(text) else otherwise


def is_url(text: str) -> bool:
    """Say whether Twilio would take this as a webhook: absolute, http or https, with a host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)

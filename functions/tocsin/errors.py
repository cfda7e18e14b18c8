"""What can go wrong, in five words; `door.py` turns each into an answer, by who asked.

TocsinError
├── Malformed        what was sent cannot be read: the sender must change it
├── Forbidden        the sender is not who it must be
├── Unavailable      a service did not do it: asking again is safe
│   └── Uncertain    a service may or may not have done it: find out before asking again
└── Undeliverable    this contact cannot be reached this way: the next one is tried at once
"""

DEFECTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What our own mistakes about one event or page look like: another way is taken at once, and nothing is held up.
What a client does not know how to say is none of these, and is asked again."""


class TocsinError(Exception):
    """The root: every message is a sentence for the person who can fix it."""


class Malformed(TocsinError):
    """The sender must change what it sent; `reasons` name each mistake, `status` the HTTP answer (a 4xx)."""

    def __init__(self, message: str, *reasons: str, status: int = 400) -> None:
        """Keep the sentence, the single mistakes and the status."""
        super().__init__(message)
        self.reasons = reasons
        self.status = status


class Forbidden(TocsinError):
    """The sender did not prove who it is; nothing was looked at."""


class Unavailable(TocsinError):
    """A service did not do it and asking again is safe, after `retry_after` seconds if it said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep the sentence and the seconds to wait."""
        super().__init__(message)
        self.retry_after = retry_after


class Uncertain(Unavailable):
    """The answer was lost: it may have been done."""


class Undeliverable(TocsinError):
    """This contact cannot be reached this way; `code` is the provider's error code (Twilio: 21610, 30003 ...)."""

    def __init__(self, message: str, code: int = 0) -> None:
        """Keep the sentence and the code."""
        super().__init__(message)
        self.code = code

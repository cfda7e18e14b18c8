"""What carries messages and timers: Pub/Sub and Cloud Tasks, or one table of the embedded cloud for both."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol


class Topic(Protocol):
    """Where accepted events go on their way to `route`."""

    async def publish(self, bodies: Sequence[bytes], urgent: Sequence[bytes] = ()) -> None:
        """Return when all messages are safe; raise Unavailable or Uncertain otherwise.

        What is urgent waits for nothing but what is urgent as well.
        """

    def publish_now(self, *bodies: bytes, urgent: bool = True) -> None:
        """Do the same without an event loop, with urgent messages unless said otherwise."""


class Tasks(Protocol):
    """Calls a function later, at least once."""

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None, *, urgent: bool = False) -> None:
        """Have `body` posted to the function, not before `at`; raise Unavailable when that is not certain.

        What is urgent waits for nothing but what is urgent as well.
        """

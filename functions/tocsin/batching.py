"""Which events share a message, and which messages a publish.

Neighbours that say the same of one trouble are merged: nothing that was said between them is overtaken, and each keeps
its id. What only repeats what this instance has published a moment ago shares a message with other such troubles: in a
storm that is nearly all of it.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.domain.alert import Action

if TYPE_CHECKING:
    import asyncio
    from collections import deque

    from tocsin.domain.alert import Event

_Trouble = tuple[str, str]

MOST_MESSAGES = 1_000  # Pub/Sub takes no more in one request
MOST_BYTES = 5_000_000  # nor one of 10 MB; half leaves room for what surrounds the bodies
MOST_MERGED, MOST_MERGED_BYTES = 500, 200_000  # what becomes of a message has to fit into documents of 1 MiB
MOST_TOGETHER = 100  # troubles that repeat in one message
MOST_RECENT = 10_000  # troubles that an instance remembers


@dataclass(slots=True)
class Request:
    """Whoever waits until all of his events are safe: so many are left, and `failure` is why one may be lost."""

    safe: asyncio.Future[None]
    left: int
    failure: Exception | None = None

    def settle(self, failure: Exception | None) -> None:
        """Take one off; the last one answers."""
        self.left -= 1
        self.failure = self.failure or failure
        if self.left or self.safe.done():  # its caller was cancelled
            return
        if self.failure:  # a copy: raised in many callers, one exception would gather all their tracebacks
            self.safe.set_exception(copy.copy(self.failure))
        else:
            self.safe.set_result(None)


@dataclass(slots=True)
class Waiting:
    """An event in the line, since an instant of the loop's clock; `by_itself` it shares a message with nobody."""

    event: Event
    body: bytes
    request: Request
    since: float
    by_itself: bool


@dataclass(slots=True)
class Message:
    """Events of one trouble that say the same, in their order; with `repeats`, as was said a moment ago."""

    repeats: bool
    waiting: list[Waiting] = field(default_factory=list)
    size: int = 0

    def takes(self, one: Waiting) -> bool:
        """Say whether another event of the trouble may join."""
        first, event = self.waiting[0].event, one.event
        alike = event.alert.action is first.alert.action and event.service == first.service
        fits = len(self.waiting) < MOST_MERGED and self.size + len(one.body) <= MOST_MERGED_BYTES
        return alike and fits and not (one.by_itself or self.waiting[0].by_itself)

    def add(self, one: Waiting) -> None:
        """Let it join."""
        self.waiting.append(one)
        self.size += len(one.body) + 1

    @property
    def body(self) -> bytes:
        """Give the event, or a list of them."""
        return _body(self.waiting)

    def settle(self, failure: Exception | None) -> None:
        """Tell each whether it is safe."""
        for one in self.waiting:
            one.request.settle(failure)


class Recent:
    """Which troubles fired when this instance heard of them last; where that is wrong, what is new waits for others."""

    def __init__(self, seconds: float) -> None:
        """Know of nothing; what is known is forgotten after so many `seconds`."""
        self._seconds = seconds
        self._at: dict[tuple[str, _Trouble], float] = {}

    def repeats(self, one: Waiting) -> bool:
        """Say whether that is nothing new, and remember it."""
        trouble = one.event.service, _trouble(one.event)
        known = self._at.pop(trouble, None)
        if one.event.alert.action is not Action.TRIGGER or one.by_itself:
            return False
        self._at[trouble] = one.since
        if len(self._at) > MOST_RECENT:
            del self._at[next(iter(self._at))]
        return known is not None and one.since < known + self._seconds


def batch(line: deque[Waiting], recent: Recent, before: float = float("inf")) -> list[Message]:
    """Take the next messages from the line, as many as one publish may hold, of what has waited since `before`."""
    messages: list[Message] = []
    latest: dict[_Trouble, Message] = {}
    size = 0
    while line and line[0].since < before:
        one = line[0]
        size += len(one.body) + 1
        if messages and size > MOST_BYTES:
            break
        trouble = _trouble(one.event)
        last = latest.get(trouble)
        if not last or not last.takes(one):
            if len(messages) == MOST_MESSAGES:
                break
            last = latest[trouble] = Message(recent.repeats(one))
            messages.append(last)
        last.add(line.popleft())
    return messages


def bodies(messages: list[Message]) -> list[bytes]:
    """Give what is published: first what is new, each by itself, then what repeats, many together."""
    told = [message.body for message in messages if not message.repeats]
    together: list[Waiting] = []
    troubles = size = 0
    for message in messages:
        if not message.repeats:
            continue
        # No trouble is in one of them twice: where it needs a second message the first is full.
        is_full = troubles == MOST_TOGETHER or len(together) + len(message.waiting) > MOST_MERGED
        if together and (is_full or size + message.size > MOST_MERGED_BYTES):
            told.append(_body(together))
            together, troubles, size = [], 0, 0
        together += message.waiting
        troubles, size = troubles + 1, size + message.size
    return [*told, _body(together)] if together else told


def _body(waiting: list[Waiting]) -> bytes:
    bodies = [one.body for one in waiting]
    return bodies[0] if len(bodies) == 1 else b"[" + b",".join(bodies) + b"]"


def _trouble(event: Event) -> _Trouble:
    return event.integration, event.alert.dedup_key

"""Which events share a message, and which messages a publish.

Neighbours that say the same of one trouble are merged: nothing that was said between them is overtaken, and each keeps
its id. What comes from where all was quiet, or not so grave, is urgent, and waits for none of a storm. Other triggers
share a message with those of other troubles: in a storm that is nearly all of it.
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

Trouble = tuple[str, str, str]

MOST_MESSAGES = 1_000  # Pub/Sub takes no more in one request
MOST_BYTES = 5_000_000  # nor one of 10 MB; half leaves room for what surrounds the bodies
MOST_MERGED, MOST_MERGED_BYTES = 500, 200_000  # what becomes of a message has to fit into documents of 1 MiB
MOST_TOGETHER = 50  # troubles in one message
MOST_HEARD = 10_000  # who has spoken lately


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
    """An event in the line, since an instant of the loop's clock; `by_itself` it shares a message with nobody.

    It is `urgent` if it is the first of its severity from its integration for a while.
    """

    event: Event
    body: bytes
    request: Request
    since: float
    by_itself: bool
    urgent: bool = False

    @property
    def trouble(self) -> Trouble:
        """Give what it is about, as `events.by_trouble` tells troubles apart."""
        return self.event.integration, self.event.alert.dedup_key, self.event.service


@dataclass(slots=True)
class Message:
    """Events of one trouble that say the same, in their order."""

    waiting: list[Waiting] = field(default_factory=list)
    size: int = 0

    def takes(self, one: Waiting) -> bool:
        """Say whether another event of the trouble may join."""
        first, event = self.waiting[0].event, one.event
        alike = event.alert.action is first.alert.action
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


class Heard:
    """Who has spoken lately, and how gravely; where that is wrong, something waits a little longer."""

    def __init__(self, quiet: float) -> None:
        """Know of nobody; seconds after which a silence was one."""
        self._quiet = quiet
        self._known: dict[tuple[str, str], float] = {}

    def can_wait(self, one: Waiting) -> bool:
        """Say whether an event may share a message with others, and remember who said it; marks it if it is urgent."""
        who = one.event.integration, one.event.alert.severity
        heard = self._known.pop(who, None)
        self._known[who] = one.since
        if len(self._known) > MOST_HEARD:
            del self._known[next(iter(self._known))]
        one.urgent = heard is None or one.since >= heard + self._quiet
        return one.event.alert.action is Action.TRIGGER and not (one.by_itself or one.urgent)


def batch(line: deque[Waiting], before: float = float("inf")) -> list[Message]:
    """Take the next messages from the line, as many as one publish may hold, of what has waited since `before`."""
    messages: list[Message] = []
    latest: dict[Trouble, Message] = {}
    size = 0
    while line and line[0].since < before:
        one = line[0]
        size += len(one.body) + 1
        if messages and size > MOST_BYTES:
            break
        last = latest.get(one.trouble)
        if not last or not last.takes(one):
            if len(messages) == MOST_MESSAGES:
                break
            last = latest[one.trouble] = Message()
            messages.append(last)
        last.add(line.popleft())
    return messages


def bodies(alone: list[Message], shared: list[Message]) -> tuple[list[bytes], list[bytes]]:
    """Give what is published: what can wait, and what is urgent."""
    urgent = [message.body for message in alone if message.waiting[0].urgent]
    return [*(message.body for message in alone if not message.waiting[0].urgent), *_together(shared)], urgent


def _together(messages: list[Message]) -> list[bytes]:
    """Let messages share one, so many troubles each.

    No trouble is in one of them twice: its events could then have one marker, and if the messages are kept aside as
    well, the later of the two would not find it.
    """
    told: list[bytes] = []
    shared: list[Waiting] = []
    troubles, size = set[Trouble](), 0
    for message in messages:
        is_full = len(troubles) == MOST_TOGETHER or len(shared) + len(message.waiting) > MOST_MERGED
        trouble = message.waiting[0].trouble
        if shared and (is_full or trouble in troubles or size + message.size > MOST_MERGED_BYTES):
            told.append(_body(shared))
            shared, troubles, size = [], set(), 0
        shared += message.waiting
        troubles.add(trouble)
        size += message.size
    return [*told, _body(shared)] if shared else told


def _body(waiting: list[Waiting]) -> bytes:
    bodies = [one.body for one in waiting]
    return bodies[0] if len(bodies) == 1 else b"[" + b",".join(bodies) + b"]"

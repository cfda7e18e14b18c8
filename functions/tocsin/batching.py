"""Which events share a message, and which messages a publish.

Neighbours that say the same of one trouble are merged: nothing that was said between them is overtaken, and each keeps
its id. What only repeats what this instance has published a moment ago shares a message with other such troubles: in a
storm that is nearly all of it. What comes from where all was quiet is urgent, and waits for none of the storm.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tocsin.domain.alert import Action

if TYPE_CHECKING:
    import asyncio
    from collections import deque

    from tocsin.domain.alert import Event

Trouble = tuple[str, str, str]
Bodies = tuple[list[bytes], list[bytes]]
"""What can wait, and what is urgent."""
_Key = TypeVar("_Key")

MOST_MESSAGES = 1_000  # Pub/Sub takes no more in one request
MOST_BYTES = 5_000_000  # nor one of 10 MB; half leaves room for what surrounds the bodies
MOST_MERGED, MOST_MERGED_BYTES = 500, 200_000  # what becomes of a message has to fit into documents of 1 MiB
MOST_TOGETHER = 100  # troubles that repeat in one message
MOST_RECENT = 10_000  # troubles, and integrations, that an instance remembers


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

    It is `urgent` if it is the first from its integration for a while.
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


class Recent:
    """What this instance has taken lately; where that is wrong, something waits a little longer."""

    def __init__(self, repeats: float, quiet: float) -> None:
        """Know of nothing; seconds for which a trouble that fires repeats, and after which a silence was one."""
        self._repeats, self._quiet = repeats, quiet
        self._fired: dict[Trouble, float] = {}
        self._heard: dict[str, float] = {}

    def is_repeated(self, one: Waiting) -> bool:
        """Say whether an event repeats what fired lately, and remember it; marks it if it is urgent."""
        trouble, integration = one.trouble, one.event.integration
        fired, heard = self._fired.pop(trouble, None), self._heard.pop(integration, None)
        _remember(self._heard, integration, one.since)
        one.urgent = heard is None or one.since >= heard + self._quiet
        if one.event.alert.action is not Action.TRIGGER or one.by_itself:
            return False
        _remember(self._fired, trouble, one.since)
        return not one.urgent and fired is not None and one.since < fired + self._repeats


def _remember(known: dict[_Key, float], key: _Key, at: float) -> None:
    known[key] = at
    if len(known) > MOST_RECENT:
        del known[next(iter(known))]


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


def apart(messages: list[Message]) -> Bodies:
    """Give what is published if each message is one: what can wait, and what is urgent."""
    urgent = [message.body for message in messages if message.waiting[0].urgent]
    return [message.body for message in messages if not message.waiting[0].urgent], urgent


def together(messages: list[Message]) -> Bodies:
    """Give what is published if messages share one, so many troubles each; no trouble is in one of them twice."""
    told: list[bytes] = []
    shared: list[Waiting] = []
    troubles = size = 0
    for message in messages:
        # Where a trouble needs a second message, the first is full.
        is_full = troubles == MOST_TOGETHER or len(shared) + len(message.waiting) > MOST_MERGED
        if shared and (is_full or size + message.size > MOST_MERGED_BYTES):
            told.append(_body(shared))
            shared, troubles, size = [], 0, 0
        shared += message.waiting
        troubles, size = troubles + 1, size + message.size
    return [*told, _body(shared)], []


def _body(waiting: list[Waiting]) -> bytes:
    bodies = [one.body for one in waiting]
    return bodies[0] if len(bodies) == 1 else b"[" + b",".join(bodies) + b"]"

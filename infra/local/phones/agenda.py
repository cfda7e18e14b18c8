"""What happens later: steps of messages and calls, and webhooks to post, in the order of their times."""

from bisect import insort
from dataclasses import dataclass, field
from datetime import datetime

from infra.local.phones.webhooks import Webhook


@dataclass(frozen=True, order=True)
class Step:
    """At `at`, `what` happens to the message or call `about`; `turn` tells a call's stale steps from live ones."""

    at: datetime
    place: int
    about: str = field(compare=False)
    what: str = field(compare=False)
    turn: int = field(compare=False, default=0)


@dataclass(frozen=True, order=True)
class Posting:
    """A webhook to post at `at`."""

    at: datetime
    place: int
    webhook: Webhook = field(compare=False)


class Agenda:
    """Steps and postings; equal times keep the order in which they were added."""

    def __init__(self, steps: tuple[Step, ...] = (), postings: tuple[Posting, ...] = ()) -> None:
        """Go on with what was left."""
        self.steps = sorted(steps)
        self.postings = sorted(postings)
        self._place = max([step.place for step in steps] + [posting.place for posting in postings], default=0)

    def add(self, at: datetime, about: str, what: str, turn: int = 0) -> None:
        """Let something happen to a message or a call."""
        self._place += 1
        insort(self.steps, Step(at, self._place, about, what, turn))

    def post(self, at: datetime, webhook: Webhook) -> None:
        """Post a webhook."""
        self._place += 1
        insort(self.postings, Posting(at, self._place, webhook))

    def step(self, now: datetime) -> Step | None:
        """Give and remove the first step that is due."""
        return self.steps.pop(0) if self.steps and self.steps[0].at <= now else None

    def webhooks(self, now: datetime) -> list[Webhook]:
        """Give and remove the webhooks that are due."""
        due = [each for each in self.postings if each.at <= now]
        self.postings = self.postings[len(due) :]
        return [each.webhook for each in due]

    def next(self) -> datetime | None:
        """Give the time of whatever comes first."""
        firsts = [step.at for step in self.steps[:1]] + [posting.at for posting in self.postings[:1]]
        return min(firsts, default=None)

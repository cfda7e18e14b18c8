"""A channel that keeps failing is left alone for a while: one page at a time finds out whether it works again."""

from datetime import datetime, timedelta

from tocsin.domain.values import dataclass, replace

MOST_FAILURES = 3
"""How many sends in a row may fail before the channel is left alone; a person who is out of reach is no failure."""

_SHORTEST, _LONGEST = timedelta(seconds=10), timedelta(seconds=30)


@dataclass(frozen=True)
class Breaker:
    """`failures` in a row, `since` the first of them; until `probe_at`, if there is one, nothing is sent."""

    failures: int = 0
    since: datetime | None = None
    probe_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Say whether the channel is to be left alone."""
        return self.probe_at is not None and now < self.probe_at

    def failed(self, now: datetime) -> "Breaker":
        """Count a failure; when there are too many, leave the channel alone, longer each time."""
        failures = self.failures + 1
        times = failures - MOST_FAILURES
        probe_at = now + min(_SHORTEST * 2 ** min(times, 4), _LONGEST) if times >= 0 else None
        return Breaker(failures, self.since or now, probe_at)

    def probing(self, now: datetime) -> "Breaker":
        """Let one page find out, and the others wait for what becomes of it."""
        return replace(self, probe_at=now + _LONGEST) if self.probe_at else self


def path(channel: str) -> str:
    """Give the document's path."""
    return f"breakers/{channel}"

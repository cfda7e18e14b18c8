"""A heartbeat monitor hears from something at regular intervals, and raises an alert when it does not."""

from datetime import datetime, timedelta
from hashlib import sha256

from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Integration
from tocsin.domain.values import dataclass

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)), ("s", timedelta(seconds=1)))


@dataclass(frozen=True)
class Heartbeat:
    """The newest beat of a monitor, and when its silence is to be told; None once that has been told."""

    last_at: datetime
    next_at: datetime | None


def due(last_at: datetime, every: timedelta) -> datetime:
    """Give the instant up to which a beat vouches: late by a tenth of the interval, or by 30 s, is not silent yet."""
    return last_at + every + max(timedelta(seconds=30), every / 10)


def newer(known: Heartbeat | None, beat_at: datetime, every: timedelta) -> Heartbeat | None:
    """Give what is known after a beat, or None when a newer one has been heard: beats overtake each other."""
    if known and beat_at <= known.last_at:
        return None
    return Heartbeat(beat_at, due(beat_at, every))


def silence(monitor: Integration, every: timedelta, heartbeat: Heartbeat) -> Event:
    """Give the alert about a silence: the same one, with the same id and time, whoever finds it and however often.

    It counts as accepted when the last beat stopped vouching. So a beat that was on its way for long, and vouches for
    longer, makes it late or closes what it has opened, whichever of the two is routed first.
    """
    last_at = heartbeat.last_at
    since = f"{last_at:%H:%M}" if every < timedelta(hours=12) else f"{last_at:%d %B %H:%M}"
    alert = Alert(
        Action.TRIGGER,
        monitor.id,
        f"{monitor.title or monitor.id} has sent no heartbeat since {since} UTC (expected every {lasting(every)})",
        Severity.CRITICAL,
        details=f"The last heartbeat came at {last_at.isoformat(timespec='seconds')}.",
    )
    identity = sha256(f"silence\n{monitor.id}\n{last_at.isoformat()}".encode()).hexdigest()[:32]
    # The interval may be another one now; the beat has vouched for what was promised when it came.
    vouched = max(due(last_at, every), heartbeat.next_at or last_at)
    return Event(identity, vouched, monitor.id, monitor.service, alert)


def lasting(length: timedelta) -> str:
    """Write a duration as the configuration does: 90s, 5m, 2h."""
    unit, size = next((unit, size) for unit, size in _UNITS if not length % size)
    return f"{length // size}{unit}"

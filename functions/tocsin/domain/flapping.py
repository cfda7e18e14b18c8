"""What opens again and again is flapping: it is paged once, and stays one incident until it has been stable for long.

A resolve does not close it, but lets it settle; a trigger before that ends the settling. Nobody is paged for either.
Whatever still fires after it should have been stable is paged on from where it was.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tocsin.domain.alert import Event
from tocsin.domain.config import Flapping
from tocsin.domain.heartbeat import lasting
from tocsin.domain.incident import Due, Firing, Incident, Status, resolve, waking
from tocsin.domain.notification import TOLERANCE
from tocsin.domain.values import replace

NAME = "Tocsin"


def openings(known: Iterable[datetime], at: datetime, rule: Flapping) -> tuple[datetime, ...]:
    """Add an opening to those of before, and leave out those that count no more, or need not be known."""
    return tuple(one for one in sorted((*known, at)) if one > at - rule.within)[-rule.times * 2 :]


def marked(opened: Incident, times: int, rule: Flapping, now: datetime) -> Incident:
    """Mark what has just opened, if that is once too often."""
    if times < rule.times:
        return opened
    flaps = replace(opened, flapping=f"{times} times in {lasting(rule.within)}", stable=rule.stable)
    why = f"{flaps.flapping}: it is resolved when nothing has come for {lasting(rule.stable)}"
    return flaps.noting(now, "flapping", why)


def settle(incident: Incident, by: str, now: datetime) -> Incident:
    """Begin to wait whether it stays away: pages that were planned are not needed any more."""
    until = now + (incident.stable or timedelta(0))
    quiet = replace(
        incident, firing=(), settles_at=until, generation=incident.generation + 1, episode=incident.episode + 1
    )
    return _timed(quiet, until).noting(now, "settling", f"{by} resolved it: closed at {until:%H:%M:%S} UTC", by)


def again(incident: Incident, event: Event, now: datetime) -> Incident:
    """Let it fire again: what is still so after it should have been stable is paged on."""
    by = event.integration
    until = now + (incident.stable or timedelta(0))
    if incident.is_paused and incident.paused_until:
        until = max(until, incident.paused_until)
    mine = Firing(by, event.alert.dedup_key, event.accepted_at)
    firing = replace(incident, firing=(mine,), settles_at=None, generation=incident.generation + 1)
    back = incident.snoozed_until or _lapses(incident, now)
    noted = firing.noting(now, "fires again", f"{by} triggered it: nobody is paged before {until:%H:%M:%S} UTC", by)
    if incident.status is Status.TRIGGERED:
        return _timed(noted, until)
    return waking(noted, back) if back else replace(noted, next_at=None, outbox=(), new=())


def is_stable(incident: Incident, now: datetime) -> bool:
    """Say whether it has been away for long enough."""
    alive = incident.status is not Status.RESOLVED
    return alive and incident.settles_at is not None and now >= incident.settles_at - TOLERANCE


def settled(incident: Incident, now: datetime) -> Incident:
    """Resolve it, on behalf of nobody; a trigger accepted since it was last resolved is a new incident."""
    length = lasting(incident.stable) if incident.stable else "long"
    return resolve(incident, NAME, now, f"because it has been stable for {length}", incident.triggered_at)


def _lapses(incident: Incident, now: datetime) -> datetime | None:
    return now + incident.acknowledgement_timeout if incident.acknowledgement_timeout else None


def _timed(incident: Incident, at: datetime) -> Incident:
    return replace(incident, next_at=at, outbox=(Due(at),), new=())

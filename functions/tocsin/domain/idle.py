"""An incident is idle while no alert joins it; one that is snoozed waits for its time first."""

from datetime import datetime, timedelta

from tocsin.domain.heartbeat import lasting
from tocsin.domain.incident import Incident, resolve

NAME = "Tocsin"
_A_MOMENT = timedelta(minutes=1)


def idle_until(incident: Incident, heard: datetime | None, untold: datetime | None = None) -> datetime | None:
    """Give when it will have been idle for long enough, or None if it is never closed for that.

    `heard` is when the newest of its alerts was accepted, `untold` when the first page about it is due, as long as
    nobody has been told: it is not closed before that.
    """
    if not incident.auto_resolve:
        return None
    quiet = max(incident.opened_at, heard or incident.opened_at) + incident.auto_resolve
    return max(quiet, incident.snoozed_until or quiet, untold + _A_MOMENT if untold else quiet)


def close(incident: Incident, heard: datetime | None, now: datetime) -> Incident:
    """Resolve what is idle, on behalf of nobody; a trigger accepted after `heard` is a new incident."""
    length = lasting(incident.auto_resolve) if incident.auto_resolve else "long"
    return resolve(incident, NAME, now, f"because no alert has come for {length}", heard)

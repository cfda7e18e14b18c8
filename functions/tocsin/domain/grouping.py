"""A group is one incident for several troubles: it is over when all of them are."""

from datetime import datetime, timedelta

from tocsin.domain.alert import Event
from tocsin.domain.incident import Firing, Incident, Status
from tocsin.domain.merging import firing
from tocsin.domain.values import dataclass, replace

MOST = 500
"""How many troubles one incident holds: its document has an end. The next one begins another incident."""


@dataclass(frozen=True)
class Group:
    """The latest incident of a group, since when alerts join it, and when incidents of this group opened lately."""

    incident: str = ""
    since: datetime | None = None
    openings: tuple[datetime, ...] = ()


def takes(group: Group, incident: Incident | None, event: Event, window: timedelta | None) -> bool:
    """Say whether an alert joins the incident of its group: while that is open, and its window, if it has one."""
    if not incident or incident.status is Status.RESOLVED or len(incident.firing) >= MOST:
        return False
    return window is None or group.since is None or event.accepted_at < group.since + window


def take(incident: Incident, event: Event, group: str, now: datetime) -> Incident:
    """Let one more trouble join; nobody is paged for it, since somebody is or was for the first one."""
    mine = Firing(event.integration, event.alert.dedup_key, event.accepted_at)
    grown = replace(incident, firing=(*firing(incident), mine), new=())
    return grown.noting(now, "grouped", f"{event.integration} says: {event.alert.title} ({group})", event.integration)

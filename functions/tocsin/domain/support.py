"""Support hours: within them trouble is urgent, outside it can wait, and what has waited is raised when they begin."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.domain.config import Config, Service, ServiceUrgency, SupportHours, Urgency
from tocsin.domain.escalation import page_again
from tocsin.domain.hours import opened
from tocsin.domain.incident import Incident, Status
from tocsin.domain.timeline import CLOSED, NEVER
from tocsin.domain.values import replace


def urgency(support: SupportHours | None, at: datetime) -> Urgency:
    """Say how loudly to page at an aware time; high where nobody can say whether the hours hold."""
    return Urgency.LOW if support and _begin(support, at) else Urgency.HIGH


def raises_at(service: Service | None, at: datetime) -> datetime | None:
    """Give when what opens at an aware time is to be raised; None if it is urgent already, or never becomes so."""
    if not service or service.urgency is not ServiceUrgency.BY_SUPPORT_HOURS:
        return None
    support = service.support_hours
    begin = _begin(support, at) if support and support.raise_pending else None
    return begin if begin and begin < NEVER else None


def raised(incident: Incident, config: Config, now: datetime) -> Incident:
    """Make an incident urgent whose service has somebody again; a triggered one pages its level again at once.

    The hours are those of today: an incident whose service has none any more stays as it is, and one whose service
    begins later waits until then. One that somebody has acknowledged, or that is over for the moment, is urgent should
    it come back.
    """
    service = config.services.get(incident.service)
    waiting = replace(incident, raise_at=raises_at(service, now))
    by_hours = service and service.urgency is ServiceUrgency.BY_SUPPORT_HOURS
    support = service.support_hours if service and by_hours else None
    if incident.status is Status.RESOLVED or incident.urgency is Urgency.HIGH:
        return replace(incident, raise_at=None)
    if not support or not support.raise_pending or urgency(support, now) is Urgency.LOW:
        return waiting
    louder = replace(waiting, urgency=Urgency.HIGH, raised_step=incident.step).noting(
        now, "raised", "support hours begin: low urgency becomes high"
    )
    waits = louder.status is Status.TRIGGERED and not louder.settles_at
    return page_again(louder, config, now) if waits else louder


def _begin(support: SupportHours, at: datetime) -> datetime | None:
    """Give when the hours begin next; None while they hold, and where the zone is unknown."""
    try:
        now = next(opened(support.hours, ZoneInfo(support.time_zone), at))
    except ZoneInfoNotFoundError:
        return None
    return now.until if now.value is CLOSED else None

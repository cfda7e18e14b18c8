"""A graver alert joins: what could wait cannot any more."""

from datetime import datetime

from tocsin.domain.alert import Event
from tocsin.domain.config import Config, ServiceUrgency, Urgency
from tocsin.domain.escalation import page_again
from tocsin.domain.incident import Incident, Status
from tocsin.domain.opening import urgency
from tocsin.domain.rules import Path
from tocsin.domain.values import replace


def is_graver(event: Event, alive: Incident, config: Config, now: datetime, path: Path) -> bool:
    """Say whether what can wait would not, had this event opened it; hours have a rule of their own."""
    service = config.services.get(event.service)
    if path.urgency:
        return alive.urgency is Urgency.LOW and path.urgency is Urgency.HIGH
    if alive.urgency is Urgency.HIGH or not service or service.urgency is ServiceUrgency.BY_SUPPORT_HOURS:
        return False
    return urgency(service, event.alert.severity, now) is Urgency.HIGH


def raised(event: Event, alive: Incident, config: Config, now: datetime) -> Incident:
    """Make it as urgent as that, and page once more where it stands if nobody has it."""
    severity = event.alert.severity
    why = f"{event.integration} says {severity}: low urgency becomes high"
    louder = replace(alive, severity=severity, urgency=Urgency.HIGH, raised_step=alive.step, raise_at=None, new=())
    louder = louder.noting(now, "raised", why, event.integration)
    return page_again(louder, config, now) if louder.status is Status.TRIGGERED else louder

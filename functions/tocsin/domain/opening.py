"""How an incident begins: what the event, the service and the rules say of it, and whether anybody is paged at once."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from tocsin.domain import support, testpage
from tocsin.domain.alert import Event, Severity
from tocsin.domain.config import Config, Service, ServiceUrgency, Urgency
from tocsin.domain.incident import Due, Incident
from tocsin.domain.rules import NOTHING_CHOSEN, Path, said
from tocsin.domain.values import dataclass, replace


@dataclass(frozen=True)
class Minted:
    """The ids a new incident would have; minted by the caller, since a rule knows no randomness.

    `circles` tell whose turn it is at the levels that go round.
    """

    id: str
    nonce: str
    circles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def open_incident(event: Event, config: Config, minted: Minted, now: datetime, path: Path = NOTHING_CHOSEN) -> Incident:
    """Give the incident an event opens, nobody paged yet; without a service or policy the catch-all takes it."""
    alert = event.alert
    service = config.services.get(event.service)
    policy = config.policies.get(service.policy) if service else testpage.policy(event.integration)
    incident = Incident(
        id=minted.id,
        nonce=minted.nonce,
        integration=event.integration,
        service=event.service,
        service_name=service.name if service else event.service,
        dedup_key=alert.dedup_key,
        title=alert.title,
        severity=alert.severity,
        urgency=path.urgency or urgency(service, alert.severity, now),
        levels=policy.levels if policy else (),
        repeat=policy.repeat if policy else 0,
        acknowledgement_timeout=service.acknowledgement_timeout if service else None,
        auto_resolve=service.auto_resolve if service else None,
        idle_at=now + service.auto_resolve if service and service.auto_resolve else None,
        opened_at=now,
        triggered_at=event.accepted_at,
        link=alert.link,
        affected=alert.affected,
        details=alert.details,
        circles=minted.circles,
        raise_at=None if path.urgency else support.raises_at(service, now),
        shadow=bool(service and service.shadow),
        priority=path.priority,
        retention=config.retention,
    )
    noted = incident.noting(now, "triggered", f"{event.integration} says: {alert.title}", event.integration)
    return noted.noting(now, "ruled", said(path)) if path.by else noted


def paused(opened: Incident, path: Path, now: datetime) -> Incident:
    """Let nobody be paged before the pause that a rule has chosen is over."""
    until = now + (path.pause or timedelta(0))
    waits = replace(opened, paused_until=until, next_at=until, outbox=(Due(until),))
    return waits.noting(now, "paused", f"by the rule {path.by['pause']}: nobody is paged before {until:%H:%M:%S} UTC")


def urgency(service: Service | None, severity: Severity, now: datetime) -> Urgency:
    """Say how loudly to page: by severity only warnings and information are quiet, the unknown never is."""
    if not service:
        return Urgency.HIGH
    if service.urgency is ServiceUrgency.BY_SUPPORT_HOURS:
        return support.urgency(service.support_hours, now)
    if service.urgency is ServiceUrgency.BY_SEVERITY:
        return Urgency.LOW if severity in {Severity.WARNING, Severity.INFO} else Urgency.HIGH
    return Urgency(service.urgency.value)

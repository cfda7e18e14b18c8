"""What an accepted event does: opens an incident, joins one, answers one, or nothing, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from tocsin.domain import merging, support, testpage
from tocsin.domain.alert import Action, Event, Severity
from tocsin.domain.config import Config, Service, ServiceUrgency, Urgency
from tocsin.domain.escalation import page_again, page_next, saying
from tocsin.domain.heartbeat import due
from tocsin.domain.incident import Incident, Status, acknowledge, resolve
from tocsin.domain.maintenance import Maintenance, window


@dataclass(frozen=True)
class Pointer:
    """What stands at a dedup key: its latest incident, and through which instant it was resolved or acknowledged.

    Deliveries overtake each other. The watermarks make them commute: a trigger accepted before the resolve opens
    nothing, and one accepted before the acknowledge opens an incident that is acknowledged already.
    """

    incident: str = ""
    resolved_through: datetime | None = None
    acknowledged_through: datetime | None = None


class Outcome(StrEnum):
    """How an event ended; each has exactly one."""

    OPENED = "opened"
    JOINED = "joined"
    SUPPRESSED = "suppressed"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    LATE = "late"
    NOTHING_OPEN = "nothing open"
    RECORDED = "recorded"


@dataclass(frozen=True)
class Routed:
    """The outcome with its reason; incident and pointer are None where they stay as they are.

    `until` is when a maintenance window ends that suppressed it.
    """

    outcome: Outcome
    reason: str
    incident: Incident | None = None
    pointer: Pointer | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Minted:
    """The ids a new incident would have; minted by the caller, since a rule knows no randomness.

    `circles` tell whose turn it is at the levels that go round.
    """

    id: str
    nonce: str
    circles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def decide(
    event: Event, pointer: Pointer, current: Incident | None, config: Config, minted: Minted, now: datetime
) -> Routed:
    """Say what the event does; `current` is the pointer's incident."""
    if event.alert.action is Action.CHANGE:
        return Routed(Outcome.RECORDED, "change events are recorded and never page")
    alive = current if current and current.status is not Status.RESOLVED else None
    if event.alert.action is Action.TRIGGER:
        return _trigger(event, pointer, current, alive, config, minted, now)
    if event.alert.action is Action.ACKNOWLEDGE:
        return _acknowledge(event, pointer, alive, now)
    if event.alert.action is Action.BEAT:
        return _beat(event, pointer, alive, config, now)
    return _resolve(event, pointer, alive, now)


def _trigger(
    event: Event,
    pointer: Pointer,
    current: Incident | None,
    alive: Incident | None,
    config: Config,
    minted: Minted,
    now: datetime,
) -> Routed:
    closed = _latest(pointer.resolved_through, current.closed_through if current else None)
    if closed and event.accepted_at < closed:
        return Routed(Outcome.LATE, "older than the resolve: opens nothing")
    heard = pointer.acknowledged_through
    acknowledged = heard and event.accepted_at < heard
    if alive:
        return _join(event, pointer, replace(alive, circles=minted.circles), config, now)
    if expected := window(config.maintenance, event, now):
        return suppressed(expected)
    opened = open_incident(event, config, minted, now)
    if acknowledged:
        quiet = acknowledge(replace(opened, new=()), event.integration, now, "before the trigger arrived")
        return Routed(Outcome.OPENED, "opened, acknowledged already", quiet, replace(pointer, incident=minted.id))
    paged = page_next(opened, config, now)
    return Routed(Outcome.OPENED, "opened a new incident", paged, replace(pointer, incident=minted.id))


def _join(event: Event, pointer: Pointer, alive: Incident, config: Config, now: datetime) -> Routed:
    """Join what is open; what overtook a trigger counts for its own incident, not for one that was merged into."""
    known, alive = alive, merging.again(alive, event)
    heard = pointer.acknowledged_through
    overtaken = alive.id == pointer.incident and event.accepted_at < alive.triggered_at
    acknowledged = overtaken and heard and event.accepted_at < heard < alive.triggered_at
    if overtaken:
        # An answer to this one answers the trigger that had overtaken it as well.
        alive = replace(alive, triggered_at=event.accepted_at)
    # Only an acknowledge that seemed too old for this incident waits for its trigger; any other has done its work.
    if acknowledged and alive.status is Status.TRIGGERED:
        answered = acknowledge(alive, event.integration, now, "before this trigger arrived")
        return Routed(Outcome.JOINED, "joined; its acknowledge had overtaken it", answered)
    reason = f"joined an incident that is {alive.status}"
    if _is_graver(event, alive, config, now):
        return Routed(Outcome.JOINED, f"{reason}: raised", _raised(event, alive, config, now))
    return Routed(Outcome.JOINED, reason, alive if alive != known else None)


def _is_graver(event: Event, alive: Incident, config: Config, now: datetime) -> bool:
    """Say whether what can wait would not, had this event opened it; hours have a rule of their own."""
    service = config.services.get(event.service)
    if alive.urgency is Urgency.HIGH or not service or service.urgency is not ServiceUrgency.BY_SEVERITY:
        return False
    return urgency(service, event.alert.severity, now) is Urgency.HIGH


def _raised(event: Event, alive: Incident, config: Config, now: datetime) -> Incident:
    severity = event.alert.severity
    why = f"{event.integration} says {severity}: low urgency becomes high"
    louder = replace(alive, severity=severity, urgency=Urgency.HIGH, raise_at=None, new=())
    louder = louder.noting(now, "raised", why, event.integration)
    return page_again(louder, config, now) if louder.status is Status.TRIGGERED else louder


def suppressed(by: Maintenance) -> Routed:
    """Open nothing, since it was expected; what is not over is looked at again when the window ends."""
    why = f"suppressed by the maintenance window {by.name}, until {by.end:%Y-%m-%d %H:%M} UTC"
    return Routed(Outcome.SUPPRESSED, why, until=by.end)


def outlasted(routed: Routed, suppressed: str, now: datetime) -> Routed:
    """Say of what a maintenance window had suppressed why it is routed only now, on its page as well.

    What was over before the window was stays suppressed.
    """
    if routed.outcome is Outcome.LATE:
        return replace(routed, outcome=Outcome.SUPPRESSED, reason=f"{suppressed}; it was over before that")
    routed = replace(routed, reason=f"{routed.reason}, after maintenance")
    if routed.outcome is not Outcome.OPENED or not routed.incident:
        return routed
    noted = routed.incident.noting(now, "maintenance is over", f"{suppressed}; nobody has said that this is over")
    return replace(routed, incident=saying("Maintenance is over", noted))


def _acknowledge(event: Event, pointer: Pointer, alive: Incident | None, now: datetime) -> Routed:
    marked = replace(pointer, acknowledged_through=_latest(pointer.acknowledged_through, event.accepted_at))
    if not alive or event.accepted_at < alive.triggered_at:
        return Routed(Outcome.NOTHING_OPEN, "nothing is open for this dedup key: dropped", pointer=marked)
    if alive.status is Status.ACKNOWLEDGED:
        return Routed(Outcome.ACKNOWLEDGED, f"already acknowledged by {alive.answered_by}", pointer=marked)
    answered = acknowledge(alive, event.integration, now, "through the integration")
    return Routed(Outcome.ACKNOWLEDGED, "acknowledged by the integration", answered, marked)


def _resolve(event: Event, pointer: Pointer, alive: Incident | None, now: datetime) -> Routed:
    marked = replace(pointer, resolved_through=_latest(pointer.resolved_through, event.accepted_at))
    if not alive:
        return Routed(Outcome.NOTHING_OPEN, "nothing is open for this dedup key: dropped", pointer=marked)
    if event.accepted_at < merging.since(alive, event):
        return Routed(Outcome.LATE, "older than the trigger that opened the incident", pointer=marked)
    if (left := merging.without(alive, event)).firing:
        reason = f"its part is over, {len(left.firing)} of what was merged still fires"
        said = left.noting(now, "resolved in part", f"{event.integration}: {reason}", event.integration)
        return Routed(Outcome.RESOLVED, reason, said, marked)
    closed = resolve(alive, event.integration, now, "through the integration", event.accepted_at)
    return Routed(Outcome.RESOLVED, "resolved by the integration", closed, marked)


def _beat(event: Event, pointer: Pointer, alive: Incident | None, config: Config, now: datetime) -> Routed:
    """Take a beat for a resolve that holds until the next beat is due."""
    monitor = config.integrations.get(event.integration)
    vouched = due(event.accepted_at, monitor.every) if monitor and monitor.every else event.accepted_at
    routed = _resolve(replace(event, accepted_at=vouched), pointer, alive, now)
    if alive:
        return routed
    return replace(routed, outcome=Outcome.RECORDED, reason="a heartbeat, while nothing is open")


def open_incident(event: Event, config: Config, minted: Minted, now: datetime) -> Incident:
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
        urgency=urgency(service, alert.severity, now),
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
        raise_at=support.raises_at(service, now),
        shadow=bool(service and service.shadow),
    )
    return incident.noting(now, "triggered", f"{event.integration} says: {alert.title}", event.integration)


def urgency(service: Service | None, severity: Severity, now: datetime) -> Urgency:
    """Say how loudly to page: by severity only warnings and information are quiet, the unknown never is."""
    if not service:
        return Urgency.HIGH
    if service.urgency is ServiceUrgency.BY_SUPPORT_HOURS:
        return support.urgency(service.support_hours, now)
    if service.urgency is ServiceUrgency.BY_SEVERITY:
        return Urgency.LOW if severity in {Severity.WARNING, Severity.INFO} else Urgency.HIGH
    return Urgency(service.urgency.value)


def _latest(*instants: datetime | None) -> datetime | None:
    return max((one for one in instants if one), default=None)

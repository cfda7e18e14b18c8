"""A test page is an alert to one person over one channel: it goes the way of every page, and asks nobody else."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Config, ContactRule, Level, Policy, Target, TargetKind, User
from tocsin.domain.incident import TEST, Incident, Status
from tocsin.domain.notification import Notification
from tocsin.domain.values import dataclass, replace

OVER = timedelta(minutes=10)
"""How long somebody has to answer; then the incident is closed."""

NAME = "the end of the test"
"""Who answers the incident of a test page if nobody has."""

SERVICE = "Test page"
"""No service of a configuration can have this name."""

_WORDS = {"sms": "text", "voice": "call"}


@dataclass(frozen=True)
class Step:
    """Something that happened to a test page, and when."""

    at: datetime
    what: str


def event(identity: str, user: User, channel: str, now: datetime) -> Event:
    """Give the alert; the integration, which no configuration can have, says whom and how it pages."""
    alert = Alert(Action.TRIGGER, identity, f"This is a test page for {user.name}", Severity.INFO)
    return Event(identity, now, f"{TEST}{channel}/{user.id}", SERVICE, alert)


def policy(integration: str) -> Policy | None:
    """Give the policy of a test page, or nothing for any other alert."""
    if not integration.startswith(TEST):
        return None
    user = Target(TargetKind.USER, integration.split("/")[2])
    return Policy(SERVICE, (Level((user,), OVER),))


def narrowed(config: Config, incident: Incident) -> Config:
    """Leave, for a test page, only its channel of whatever rules the people have."""
    if not incident.is_test:
        return config
    rules = {incident.urgency: (ContactRule(incident.integration.split("/")[1]),)}
    return replace(config, users={id_: replace(user, rules=rules) for id_, user in config.users.items()})


def steps(event: Event, incident: Incident | None, pages: Iterable[Notification]) -> list[Step]:
    """Say what has happened to it up to now, in order."""
    happened = [Step(event.accepted_at, "accepted")]
    if incident:
        happened.append(Step(incident.opened_at, "opened as an incident"))
        happened += [Step(one.at, f"{one.what}: {one.why}") for one in incident.timeline if one.what in _TOLD]
    happened += [
        Step(line.at, f"{_WORDS.get(one.channel, one.channel)} {line.what}: {line.why}")
        for one in pages
        for line in one.history
    ]
    return sorted(happened, key=lambda step: step.at)


_TOLD = frozenset({"alarm", Status.RESOLVED.value})


def is_answered(incident: Incident) -> bool:
    """Say whether the person has answered."""
    return incident.status is not Status.TRIGGERED and incident.answered_by != NAME

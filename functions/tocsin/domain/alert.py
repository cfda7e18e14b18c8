"""What a monitoring tool says: an alert, and the event it becomes once it is accepted."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from tocsin.domain.values import dataclass


class Action(StrEnum):
    """What the sender wants; a change is recorded and never pages, a beat says that all is well until the next one."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    CHANGE = "change"
    BEAT = "beat"


class Severity(StrEnum):
    """PagerDuty's four, and what nobody could tell: unknown counts as critical when urgency is chosen."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Alert:
    """One statement of one source; alerts of one integration with equal `dedup_key` are the same trouble."""

    action: Action
    dedup_key: str
    title: str
    severity: Severity = Severity.UNKNOWN
    affected: str = ""
    link: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    details: str = ""


@dataclass(frozen=True)
class Event:
    """An accepted alert: its id and time are minted once, before the first attempt to publish it."""

    id: str
    accepted_at: datetime
    integration: str
    service: str
    alert: Alert

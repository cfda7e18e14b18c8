"""What is read of PagerDuty's REST API v2."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime

from infra.cli.importing.export import Dialect, Resource, Wire

PAGE = 100

AHEAD = timedelta(days=180)  # how far overrides are fetched


def resources(now: datetime) -> tuple[Resource, ...]:
    """List what is read; overrides are only answered for a range of dates."""
    ahead = {"since": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "until": f"{now + AHEAD:%Y-%m-%dT%H:%M:%SZ}"}
    return (
        Resource("users", {"include[]": ["contact_methods", "notification_rules"]}, is_needed=True),
        Resource("teams"),
        Resource("teams/{}/members"),
        Resource("schedules", {"include[]": ["schedule_layers"]}, is_needed=True),
        Resource("schedules/{}/overrides", ahead, is_paged=False),
        Resource("escalation_policies", is_needed=True),
        Resource("services", {"include[]": ["integrations"]}, is_needed=True),
        Resource("maintenance_windows", {"filter": "open"}),
    )


DIALECT = Dialect(
    headers=lambda token: {
        "Authorization": f"Token token={token}",
        "Accept": "application/vnd.pagerduty+json;version=2",
    },
    page=lambda _, seen: {"limit": str(PAGE), "offset": str(seen)},
    has_more=lambda body: bool(body.get("more")),
)


class Reference(Wire):
    """Another object, by its id."""

    id: str
    type: str = ""
    summary: str | None = None


class ContactMethod(Reference):
    """An address; a mere reference has none."""

    address: str | None = None
    country_code: int | None = None
    blacklisted: bool = False


class NotificationRule(Wire):
    """When a contact method is used; a mere reference has no urgency."""

    urgency: str | None = None
    start_delay_in_minutes: int = 0
    contact_method: Reference | None = None


class User(Wire):
    """Somebody with a login."""

    id: str
    name: str
    role: str = ""
    time_zone: str | None = None
    contact_methods: tuple[ContactMethod, ...] = ()
    notification_rules: tuple[NotificationRule, ...] = ()


class Team(Wire):
    """A team; its members are answered apart."""

    id: str
    name: str


class Member(Wire):
    """A user in a team."""

    user: Reference


class Restriction(Wire):
    """Hours of each day, or of each week."""

    type: str
    start_time_of_day: str
    duration_seconds: int
    start_day_of_week: int | None = None


class LayerUser(Wire):
    """A user in a layer."""

    user: Reference


class Layer(Wire):
    """A rotation."""

    name: str | None = None
    start: AwareDatetime
    end: AwareDatetime | None = None
    rotation_virtual_start: AwareDatetime
    rotation_turn_length_seconds: int
    users: list[LayerUser]
    restrictions: tuple[Restriction, ...] = ()


class Schedule(Wire):
    """Layers, the highest first."""

    id: str
    name: str = ""
    summary: str = ""
    type: str = "schedule"
    time_zone: str = ""
    schedule_layers: list[Layer] | None = None


class Override(Wire):
    """One user for an interval."""

    start: AwareDatetime
    end: AwareDatetime
    user: Reference


class EscalationRule(Wire):
    """One level."""

    escalation_delay_in_minutes: int
    targets: list[Reference]
    escalation_rule_assignment_strategy: Any = None


class EscalationPolicy(Wire):
    """Levels, repeated `num_loops` times."""

    id: str
    name: str
    num_loops: int = 0
    escalation_rules: list[EscalationRule]


class Urgency(Wire):
    """One urgency, or two by support hours."""

    type: str = "constant"
    urgency: str | None = None
    during_support_hours: "Urgency | None" = None
    outside_support_hours: "Urgency | None" = None


class SupportHours(Wire):
    """The same hours on some days of the week, 1 being Monday."""

    time_zone: str
    days_of_week: list[int]
    start_time: str
    end_time: str


class Integration(Wire):
    """A door for senders; the key is answered although the published schema has none."""

    id: str
    type: str
    name: str | None = None
    summary: str | None = None
    integration_key: str | None = None
    vendor: Reference | None = None


class Service(Wire):
    """What incidents are opened on; time-outs in seconds."""

    id: str
    name: str
    status: str = "active"
    escalation_policy: Reference
    incident_urgency_rule: Urgency = Urgency(urgency="high")
    support_hours: SupportHours | None = None
    scheduled_actions: tuple[dict[str, Any], ...] = ()
    acknowledgement_timeout: int | None = None
    auto_resolve_timeout: int | None = None
    integrations: tuple[Integration, ...] = ()
    alert_grouping_parameters: dict[str, Any] | None = None
    auto_pause_notifications_parameters: dict[str, Any] | None = None


class MaintenanceWindow(Wire):
    """Services that open no incidents for a while."""

    id: str
    description: str | None = None
    start_time: AwareDatetime
    end_time: AwareDatetime
    services: list[Reference]

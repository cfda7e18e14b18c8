"""What is read of Grafana OnCall's public HTTP API v1."""

from datetime import datetime

from infra.cli.importing.export import Dialect, Resource, Wire

DIALECT = Dialect(
    headers=lambda token: {"Authorization": token},
    page=lambda number, _: {"page": str(number + 1)},
    has_more=lambda body: bool(body.get("next")),
    ending="/",
)


def resources(_: datetime) -> tuple[Resource, ...]:
    """List what is read; the API has no members of teams but the teams of users."""
    needed = ("users", "schedules", "on_call_shifts", "escalation_chains", "escalation_policies", "integrations")
    others = ("teams", "personal_notification_rules", "routes")
    return (
        *(Resource(path, version="api/v1", is_needed=True) for path in needed),
        *(Resource(path, version="api/v1") for path in others),
    )


class User(Wire):
    """Somebody with a login; the API has no phone numbers."""

    id: str
    username: str = ""
    name: str | None = None
    email: str | None = None
    role: str = ""
    timezone: str | None = None
    teams: list[str] | None = None


class NotificationRule(Wire):
    """One step of a user's default or important rules; a wait has a duration in seconds."""

    user_id: str
    position: int = 0
    type: str | None = None
    important: bool = False
    duration: int | None = None


class Team(Wire):
    """A team."""

    id: str
    name: str


class Schedule(Wire):
    """Shifts, or a calendar somewhere else."""

    id: str
    name: str
    type: str = "calendar"
    time_zone: str | None = None
    shifts: list[str] | None = None
    ical_url_primary: str | None = None
    ical_url_overrides: str | None = None


class Shift(Wire):
    """When users are on call; times are wall-clock times of its zone, a duration is in seconds."""

    id: str
    name: str = ""
    type: str
    time_zone: str | None = None
    level: int = 0
    start: datetime
    duration: int
    rotation_start: datetime | None = None
    until: datetime | None = None
    frequency: str | None = None
    interval: int | None = None
    week_start: str | None = None
    by_day: list[str] | None = None
    by_month: list[int] | None = None
    by_monthday: list[int] | None = None
    users: list[str] | None = None
    rolling_users: list[list[str]] | None = None
    start_rotation_from_user_index: int | None = None


class Chain(Wire):
    """An escalation chain."""

    id: str
    name: str


class Step(Wire):
    """One step of a chain."""

    escalation_chain_id: str
    position: int = 0
    type: str | None = None
    important: bool | None = None
    duration: int | None = None
    persons_to_notify: list[str] | None = None
    persons_to_notify_next_each_time: list[str] | None = None
    notify_on_call_from_schedule: str | None = None
    team_to_notify: str | None = None


class DefaultRoute(Wire):
    """Where alerts go that no other route takes."""

    escalation_chain_id: str | None = None


class Integration(Wire):
    """A door for one tool; the last part of the link is its key."""

    id: str
    name: str
    type: str = ""
    link: str | None = None
    default_route: DefaultRoute = DefaultRoute()


class Route(Wire):
    """Where some of an integration's alerts go."""

    integration_id: str
    escalation_chain_id: str | None = None
    routing_regex: str | None = None
    is_the_last_route: bool = False

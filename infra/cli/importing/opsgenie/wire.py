"""What is read of Opsgenie's REST API v2."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from infra.cli.importing.export import Dialect, Resource, Wire

PAGE = 100

DIALECT = Dialect(
    headers=lambda token: {"Authorization": f"GenieKey {token}"},
    page=lambda _, seen: {"limit": str(PAGE), "offset": str(seen)},
    has_more=lambda body: bool((body.get("paging") or {}).get("next")),
)


def resources(_: datetime) -> tuple[Resource, ...]:
    """List what is read; members of teams and steps of notification rules are only answered one by one."""
    return (
        Resource("users", version="v2", is_needed=True),
        Resource("users/{}/contacts", version="v2", is_paged=False),
        Resource("users/{}/notification-rules", version="v2", is_paged=False),
        Resource("users/{}/notification-rules/{}", version="v2", is_paged=False),
        Resource("teams", version="v2", is_paged=False),
        Resource("teams/{}", version="v2", is_paged=False),
        Resource("teams/{}/routing-rules", version="v2", is_paged=False),
        Resource("schedules", {"expand": "rotation"}, version="v2", is_paged=False, is_needed=True),
        Resource("schedules/{}/overrides", version="v2", is_paged=False),
        Resource("escalations", version="v2", is_paged=False, is_needed=True),
        Resource("integrations", version="v2", is_paged=False),
        Resource("maintenance", {"type": "non-expired"}, version="v1", is_paged=False),
        Resource("maintenance/{}", version="v1", is_paged=False),
    )


class Reference(Wire):
    """Another object: a user by id and username, anything else by id and name."""

    type: str = ""
    id: str | None = None
    name: str | None = None
    username: str | None = None

    @property
    def said(self) -> str:
        """Name it as a person would."""
        return self.username or self.name or self.id or "somebody"


class Role(Wire):
    """A user's role."""

    name: str = ""


class User(Wire):
    """Somebody with a login; `username` is the mail address."""

    id: str
    username: str
    full_name: str = Field(default="", validation_alias="fullName")
    time_zone: str | None = Field(default=None, validation_alias="timeZone")
    role: Role = Role()
    blocked: bool = False


class Status(Wire):
    """Whether a contact is used."""

    enabled: bool = True


class Contact(Wire):
    """An address of a user; phones are written `44-7700900123`."""

    method: str
    to: str = ""
    status: Status = Status()


class Amount(Wire):
    """A length of time."""

    amount: int = Field(default=0, validation_alias="timeAmount")
    unit: str = Field(default="minutes", validation_alias="timeUnit")


class Step(Wire):
    """One attempt of a notification rule."""

    contact: Contact
    send_after: Amount | None = Field(default=None, validation_alias="sendAfter")
    enabled: bool = True


class Criteria(Wire):
    """Which alerts are meant."""

    type: str = "match-all"


class Hours(Wire):
    """From a time of day to another one, the days only where the restriction has them."""

    start_day: str | None = Field(default=None, validation_alias="startDay")
    start_hour: int = Field(validation_alias="startHour")
    start_minute: int = Field(default=0, validation_alias="startMin")
    end_day: str | None = Field(default=None, validation_alias="endDay")
    end_hour: int = Field(validation_alias="endHour")
    end_minute: int = Field(default=0, validation_alias="endMin")


class TimeRestriction(Wire):
    """One restriction for all days, or a list of them by weekday."""

    type: str
    restriction: Hours | None = None
    restrictions: tuple[Hours, ...] = ()


class NotificationRule(Wire):
    """What happens on an action, for the alerts of its criteria."""

    id: str
    name: str = ""
    action: str = Field(default="", validation_alias="actionType")
    enabled: bool = True
    criteria: Criteria | None = None
    time_restriction: TimeRestriction | None = Field(default=None, validation_alias="timeRestriction")
    steps: list[Step] | None = None


class Member(Wire):
    """A user in a team."""

    user: Reference


class Team(Wire):
    """A team; its members are only answered one by one."""

    id: str
    name: str
    members: tuple[Member, ...] = ()


class RoutingRule(Wire):
    """Where a team's alerts go."""

    name: str = ""
    is_default: bool = Field(default=False, validation_alias="isDefault")
    notify: Reference


class Rotation(Wire):
    """Participants who take turns of `length` times `type`."""

    id: str
    name: str = ""
    type: str
    length: int = 1
    start: AwareDatetime = Field(validation_alias="startDate")
    end: AwareDatetime | None = Field(default=None, validation_alias="endDate")
    participants: tuple[Reference, ...] = ()
    time_restriction: TimeRestriction | None = Field(default=None, validation_alias="timeRestriction")


class Schedule(Wire):
    """Rotations, all of which are on call at once."""

    id: str
    name: str
    timezone: str
    enabled: bool = True
    rotations: list[Rotation] | None = None


class Override(Wire):
    """One user for an interval, for some rotations or, if it names none, for all of them."""

    user: Reference
    start: AwareDatetime = Field(validation_alias="startDate")
    end: AwareDatetime = Field(validation_alias="endDate")
    rotations: tuple[Reference, ...] = ()


class EscalationRule(Wire):
    """Whom to notify, this long after the escalation began."""

    condition: str = "if-not-acked"
    notify_type: str = Field("default", validation_alias="notifyType")
    delay: Amount = Amount()
    recipient: Reference


class Repeat(Wire):
    """Whether the rules are gone through again; the interval is in minutes."""

    wait_interval: int = Field(default=0, validation_alias="waitInterval")
    count: int = 0
    resets: bool = Field(default=False, validation_alias="resetRecipientStates")
    closes: bool = Field(default=False, validation_alias="closeAlertAfterAll")


class Escalation(Wire):
    """Rules and their repetition."""

    id: str
    name: str
    rules: list[EscalationRule]
    repeat: Repeat | None = None


class Integration(Wire):
    """A door for one tool; the API does not tell its key."""

    id: str
    name: str
    type: str = ""
    enabled: bool = True
    team: str | None = Field(default=None, validation_alias="teamId")


class Times(Wire):
    """When a maintenance is."""

    start: AwareDatetime | None = Field(default=None, validation_alias="startDate")
    end: AwareDatetime | None = Field(default=None, validation_alias="endDate")


class MaintenanceRule(Wire):
    """An integration or a policy, and what becomes of it."""

    state: str = ""
    entity: Reference


class Maintenance(Wire):
    """Integrations that are switched off for a while."""

    id: str
    status: str = ""
    description: str = ""
    time: Times = Times()
    rules: tuple[MaintenanceRule, ...] = ()

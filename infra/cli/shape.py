"""The shape of the configuration file: what may stand where; a field's description is what a mistake about it says."""

from typing import Annotated

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from infra.cli.alone import alone
from infra.cli.fields import (
    CallingCode,
    Contact,
    Id,
    IntegrationId,
    IntegrationName,
    Pause,
    Phone,
    PolicyName,
    Retention,
    ServiceName,
    SourceName,
    Text,
    TimeZone,
    To,
    UserName,
    Wait,
    few,
    some,
)
from infra.cli.keys import Kept, Old
from infra.cli.matchers import LabelMatcher
from infra.cli.rosters import EXACT, Schedule
from infra.cli.ruling import Flaps, Rules
from infra.cli.times import Day, Moment, OpenHours, QuietHours
from tocsin.domain.config import RETENTION, Flapping, ServiceUrgency

MOST_TARGETS, MOST_LEVELS = 10, 20


class Shape(BaseModel):
    """A mapping with no other fields than these."""

    model_config = EXACT


Money = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Contacts = Annotated[list[Contact], some("is empty: say at least one way to reach this user, as in [sms]")]


class Notify(Shape):
    """How a user is reached; both urgencies, because a page of either kind must find a way."""

    high: Contacts = Field(description="how this user is reached for what cannot wait, as in [sms, voice after 2m]")
    low: Contacts = Field(description="how this user is reached for what can wait, as in [sms]")


class User(Shape):
    """Somebody who can be paged."""

    name: Text = Field(description="the name as colleagues say it")
    phone: Phone = Field(description="the phone in E.164, as in +15550100123")
    notify: Notify = Field(description="how this user is reached, for high and low urgency")
    time_zone: TimeZone = "UTC"
    quiet_hours: QuietHours | None = None
    shift_notices: bool = False
    links: bool = Field(default=False, description="whether texts have a link to a page with buttons")
    organisation: Text | None = None


class Team(Shape):
    """People who can be paged under one name."""

    users: Annotated[list[UserName], some("is empty: a team needs at least one user")] = Field(
        description="who is in the team"
    )
    organisation: Text | None = None


class Level(Shape):
    """Everybody paged at once, or one of them for each incident, and their time to answer."""

    notify: Annotated[
        list[To],
        some("is empty: nobody answers this level, name a user, a schedule or a team"),
        few(MOST_TARGETS, "put those who are paged together in a team"),
    ] = Field(description="who is paged, as in [schedule shop-primary]")
    delay: Wait = Field(description="how long until the next level is paged, as in 5m")
    round_robin: bool = False


class Policy(Shape):
    """Levels, gone through in order and then `repeat` times again."""

    levels: Annotated[
        list[Level],
        some("is empty: nobody answers this policy, give it at least one level"),
        few(MOST_LEVELS, "let the last ones go, or say repeat"),
    ] = Field(description="who is paged first, and who when nobody answers")
    repeat: int = Field(default=0, ge=0, le=100)


class Integration(Shape):
    """A door for one source; `old_keys` are still accepted while senders change over to `key`.

    A key stands there as its SHA-256, which opens nothing and so may be read: `infra/tocsin key` makes both. An old one
    may end by itself: `sha256:... until 2026-12-01 09:00`, in UTC.
    """

    source: SourceName = Field(description="what kind of tool posts here, as in alertmanager")
    key: Kept = Field(description="sha256: and the hash of the secret that the tool shows, or that secret itself")
    old_keys: list[Old] = []
    options: dict[str, Text] = {}
    every: Wait | None = Field(
        default=None, validate_default=True, description="how often a heartbeat is expected, as in 5m"
    )
    title: Text | None = None

    @field_validator("every", "title")
    @classmethod
    def of_a_heartbeat(cls, value: object, info: ValidationInfo) -> object:
        """Take these from a heartbeat monitor only, which cannot do without `every`."""
        if "source" not in info.data:
            return value
        if info.data["source"] != "heartbeat" and value is not None:
            raise ValueError("only a heartbeat has this: the source is another one")
        if info.data["source"] == "heartbeat" and value is None and info.field_name == "every":
            raise PydanticKnownError("missing")
        return value


class SupportHours(Shape):
    """When somebody is there for a service."""

    time_zone: TimeZone = Field(description="an IANA time zone, as in Europe/London")
    hours: Annotated[list[OpenHours], some("is empty: without hours nothing is ever urgent")] = Field(
        description="days and times, as in [mon-fri 09:00-17:30]"
    )
    raise_pending: bool = False


class Service(Shape):
    """Something that can break."""

    name: Text = Field(description="what is read out when it breaks")
    policy: PolicyName = Field(description="the escalation policy: without it nobody is paged")
    urgency: ServiceUrgency = ServiceUrgency.BY_SEVERITY
    support_hours: SupportHours | None = Field(
        default=None, validate_default=True, description="when this service is urgent"
    )
    acknowledgement_timeout: Wait | None = None
    auto_resolve: Wait | None = None
    shadow: bool = False
    flapping: Flaps = Field(default_factory=Flapping)
    integrations: dict[IntegrationId, Integration] = {}

    @field_validator("support_hours")
    @classmethod
    def with_hours(cls, value: SupportHours | None, info: ValidationInfo) -> SupportHours | None:
        """Take support hours where the urgency follows them, and nowhere else."""
        by_hours = info.data.get("urgency") is ServiceUrgency.BY_SUPPORT_HOURS
        if "urgency" in info.data and value and not by_hours:
            raise ValueError("counts for nothing: write urgency: by_support_hours beside it")
        if by_hours and not value:
            raise PydanticKnownError("missing")
        return value


class Maintenance(Shape):
    """Hours in which trouble of some services is expected and pages nobody."""

    name: Text = Field(description="what is done there, as the timeline says it")
    services: Annotated[list[ServiceName], some("is empty: name at least one service")] = Field(
        description="whose alerts page nobody"
    )
    start: Moment = Field(description="from when, in `time_zone`")
    end: Moment = Field(description="until when, in `time_zone`")
    time_zone: TimeZone = "UTC"
    match: list[LabelMatcher] = []

    @field_validator("end")
    @classmethod
    def after_start(cls, end: Moment, info: ValidationInfo) -> Moment:
        """Take only an end after the start."""
        if "start" in info.data and end <= info.data["start"]:
            raise ValueError("should be after the start: this window would never hold")
        return end


class CatchAll(Shape):
    """Who takes what nobody else takes."""

    users: Annotated[list[UserName], some("is empty: somebody must take what nobody else takes")] = Field(
        description="who takes what nobody else takes"
    )
    every: Wait = Field(description="how often they are asked again until somebody answers, as in 30m")


class Canary(Shape):
    """An alert that is sent again and again to show that one gets through."""

    integration: IntegrationName = Field(description="the integration of a service that pages nobody but the contact")
    every: Pause = Field(description="how often one is sent, as in 10m")
    answers: bool = False


class Budget(Shape):
    """What a month of texts and calls may cost before what can wait is bundled."""

    month: Money = Field(description="what a month may cost, in the currency of the Twilio account, as in 50")
    text: Money = Field(description="what a text costs there, as in 0.012: of two segments, if titles are long")
    call: Money = Field(description="what a minute of a call costs there, as in 0.02")


class File(Shape):
    """The whole file."""

    users: dict[Id, User] = Field(description="everybody who can be paged")
    teams: dict[Id, Team] = {}
    holidays: dict[Id, Annotated[list[Day], some("is empty: name at least one date, as in 2026-12-25")]] = {}
    schedules: dict[Id, Schedule] = {}
    policies: dict[Id, Policy] = Field(description="who is paged first, and who when nobody answers")
    services: dict[Id, Service] = Field(description="what can break, and whose it is")
    rules: Rules = []
    maintenance: list[Maintenance] = []
    catch_all: CatchAll = Field(description="who takes what nobody else takes")
    retention: Retention = RETENTION
    canary: Canary | None = None
    budget: Budget | None = None
    calling_codes: list[CallingCode] = []

    @field_validator("canary")
    @classmethod
    def apart(cls, canary: Canary | None, info: ValidationInfo) -> Canary | None:
        """Take only a canary that can reach nobody but a contact of its own."""
        if canary and {"teams", "schedules", "policies", "services", "catch_all"} <= set(info.data):
            alone(canary.integration, info.data)
        return canary

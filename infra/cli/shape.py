"""The shape of the configuration file: what may stand where; a field's description is what a mistake about it says."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticKnownError

from infra.cli.alone import alone
from infra.cli.fields import (
    Contact,
    Id,
    IntegrationId,
    IntegrationName,
    Key,
    Pause,
    Phone,
    PolicyName,
    ServiceName,
    SourceName,
    Text,
    TimeZone,
    To,
    UserName,
    Wait,
    some,
)
from infra.cli.matchers import LabelMatcher
from infra.cli.times import Day, HolidaysName, Moment, OpenHours, Turn
from tocsin.domain.config import ServiceUrgency


class Shape(BaseModel):
    """A mapping with no other fields than these."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Rules = Annotated[list[Contact], some("is empty: say at least one way to reach this user, as in [sms]")]


class Notify(Shape):
    """How a user is reached; both urgencies, because a page of either kind must find a way."""

    high: Rules = Field(description="how this user is reached for what cannot wait, as in [sms, voice after 2m]")
    low: Rules = Field(description="how this user is reached for what can wait, as in [sms]")


class User(Shape):
    """Somebody who can be paged."""

    name: Text = Field(description="the name as colleagues say it")
    phone: Phone = Field(description="the phone in E.164, as in +15550100123")
    notify: Notify = Field(description="how this user is reached, for high and low urgency")


class Rotation(Shape):
    """Users who take turns."""

    users: Annotated[list[UserName], some("is empty: a rotation needs at least one user")] = Field(
        description="who takes turns, in order"
    )
    turn: Turn = Field(description="how long a turn is, as in 1w")
    start: Moment = Field(description="when the first turn begins, in the schedule's time zone, as in 2026-01-05 09:00")


class Layer(Rotation):
    """Users who take turns, perhaps at some hours only, over the layers before."""

    name: Text | None = None
    end: Moment | None = None
    only: list[OpenHours] = []
    off: list[HolidaysName] = Field(default=[], alias="except")
    on: Annotated[list[HolidaysName], some("is empty: this layer would never be on call")] | None = None

    @field_validator("end")
    @classmethod
    def after_start(cls, end: Moment | None, info: ValidationInfo) -> Moment | None:
        """Take only an end after the start."""
        if end and "start" in info.data and end <= info.data["start"]:
            raise ValueError("should be after the start: this layer would never be on call")
        return end


class Override(Shape):
    """One user instead of the rotation for a while."""

    user: UserName = Field(description="who takes over")
    start: Moment = Field(description="from when, in the schedule's time zone")
    end: Moment = Field(description="until when, in the schedule's time zone")

    @field_validator("end")
    @classmethod
    def after_start(cls, end: Moment, info: ValidationInfo) -> Moment:
        """Take only an end after the start."""
        if "start" in info.data and end <= info.data["start"]:
            raise ValueError("should be after the start: this override would never hold")
        return end


class Schedule(Shape):
    """Who is on call when."""

    time_zone: TimeZone = Field(description="an IANA time zone, as in Europe/London")
    rotation: Rotation | None = None
    layers: list[Layer] = []
    overrides: list[Override] = []

    @model_validator(mode="after")
    def of_one_form(self) -> Self:
        """Take either a rotation or layers."""
        if bool(self.rotation) == bool(self.layers):
            problem = "has a rotation and layers" if self.layers else "says nowhere who takes turns"
            raise ValueError(f"{problem}: write either a rotation or at least one layer")
        return self

    def users(self) -> Iterator[str]:
        """Give everybody who can be on call here."""
        yield from self.rotation.users if self.rotation else ()
        yield from (user for layer in self.layers for user in layer.users)
        yield from (override.user for override in self.overrides)


class Level(Shape):
    """Everybody paged at once, and their time to answer."""

    notify: Annotated[list[To], some("is empty: nobody answers this level, name a user or a schedule")] = Field(
        description="who is paged, as in [schedule shop-primary]"
    )
    delay: Wait = Field(description="how long until the next level is paged, as in 5m")


class Policy(Shape):
    """Levels, gone through in order and then `repeat` times again."""

    levels: Annotated[list[Level], some("is empty: nobody answers this policy, give it at least one level")] = Field(
        description="who is paged first, and who when nobody answers"
    )
    repeat: int = Field(default=0, ge=0, le=100)


class Integration(Shape):
    """A door for one source; `old_keys` are still accepted while senders change over to `key`."""

    source: SourceName = Field(description="what kind of tool posts here, as in alertmanager")
    key: Key = Field(description="the secret in the tool's URL, at least 20 characters")
    old_keys: list[Key] = []
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


class Service(Shape):
    """Something that can break."""

    name: Text = Field(description="what is read out when it breaks")
    policy: PolicyName = Field(description="the escalation policy: without it nobody is paged")
    urgency: ServiceUrgency = ServiceUrgency.BY_SEVERITY
    acknowledgement_timeout: Wait | None = None
    auto_resolve: Wait | None = None
    integrations: dict[IntegrationId, Integration] = {}


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


class File(Shape):
    """The whole file."""

    users: dict[Id, User] = Field(description="everybody who can be paged")
    holidays: dict[Id, Annotated[list[Day], some("is empty: name at least one date, as in 2026-12-25")]] = {}
    schedules: dict[Id, Schedule] = {}
    policies: dict[Id, Policy] = Field(description="who is paged first, and who when nobody answers")
    services: dict[Id, Service] = Field(description="what can break, and whose it is")
    maintenance: list[Maintenance] = []
    catch_all: CatchAll = Field(description="who takes what nobody else takes")
    canary: Canary | None = None

    @field_validator("canary")
    @classmethod
    def apart(cls, canary: Canary | None, info: ValidationInfo) -> Canary | None:
        """Take only a canary that can reach nobody but a contact of its own."""
        if canary and {"schedules", "policies", "services", "catch_all"} <= set(info.data):
            alone(canary.integration, info.data)
        return canary

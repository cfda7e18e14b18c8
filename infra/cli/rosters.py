"""The shape of schedules in the configuration file: rotations, layers and overrides."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from infra.cli.fields import Text, TimeZone, UserName, some
from infra.cli.times import HolidaysName, Moment, OpenHours, Turn

EXACT = ConfigDict(extra="forbid", frozen=True)


class Shape(BaseModel):
    """A mapping with no other fields than these."""

    model_config = EXACT


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

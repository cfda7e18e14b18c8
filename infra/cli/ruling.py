"""The shape of routing rules: what each of them asks of an alert, and what it can choose."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationInfo, field_validator

from infra.cli.fields import ServiceName, Text, Wait, duration, few, lasting, matching, text
from infra.cli.matchers import LabelMatcher
from infra.cli.rosters import EXACT
from tocsin import conditions
from tocsin.domain import templates
from tocsin.domain.alert import Severity
from tocsin.domain.config import Flapping, Threshold, Urgency

MOST_RULES, MOST_MATCHERS = 100, 20
LEAST_COUNT, MOST_COUNT, MOST_FLAPS = 2, 100, 20
LONGEST = timedelta(weeks=1)
OFF = "off"
COUNT = re.compile(r"([0-9]{1,4}) +in +([0-9]+[smhdw])")
FLAPS = re.compile(r"([0-9]{1,4}) +in +([0-9]+[smhdw]), *stable +([0-9]+[smhdw])")


def threshold(value: object) -> Threshold:
    """Read `5 in 10m`."""
    found = COUNT.fullmatch(text(value))
    if not found or not LEAST_COUNT <= int(found[1]) <= MOST_COUNT:
        raise ValueError(
            f'"{value}" is not a threshold: write how many triggers ({LEAST_COUNT} to {MOST_COUNT}) and within how '
            "long, as in 5 in 10m"
        )
    return Threshold(int(found[1]), lasting(LONGEST)(duration(found[2])))


def flapping(value: object) -> Flapping | None:
    """Read `6 in 1h, stable 10m`, or `off`."""
    if text(value) == OFF:
        return None
    found = FLAPS.fullmatch(text(value))
    if not found or not LEAST_COUNT <= int(found[1]) <= MOST_FLAPS:
        raise ValueError(
            f'"{value}" is not how something flaps: write how often it opens ({LEAST_COUNT} to {MOST_FLAPS}), within '
            "how long, and how long it is to be stable, as in 6 in 1h, stable 10m; or off"
        )
    within, stable = (lasting(LONGEST)(duration(one)) for one in (found[2], found[3]))
    return Flapping(int(found[1]), within, stable)


def _known(value: Severity) -> Severity:
    if value is Severity.UNKNOWN:
        raise ValueError("should be critical, error, warning or info: unknown is what nobody has said")
    return value


def _template(value: str) -> str:
    templates.check(value)
    return value


def _expression(value: str) -> str:
    conditions.check(value)
    return value


Known = Annotated[Severity, AfterValidator(_known)]
Template = Annotated[Text, AfterValidator(_template)]
Expression = Annotated[Text, AfterValidator(_expression)]
Priority = Annotated[Text, matching("P[1-5]", "is not a priority: write P1 (matters most) to P5")]
Pause = Annotated[timedelta, BeforeValidator(duration), AfterValidator(lasting(LONGEST))]
Counted = Annotated[Threshold, BeforeValidator(threshold)]
Flaps = Annotated[Flapping | None, BeforeValidator(flapping)]


class Rule(BaseModel):
    """What is decided about the alerts that it fits."""

    model_config = EXACT

    name: Text = Field(description="what this rule is called wherever it has decided something")
    match: Annotated[list[LabelMatcher], few(MOST_MATCHERS, "say the rest in a rule of its own, or in when")] = []
    when: Expression | None = None
    continues: bool = Field(default=False, alias="continue")
    service: ServiceName | None = None
    severity: Known | None = None
    urgency: Urgency | None = None
    priority: Priority | None = None
    dedup_key: Template | None = None
    group: Template | None = None
    group_window: Wait | None = None
    suppress: bool | None = None
    pause: Pause | None = None
    threshold: Counted | None = None

    @field_validator("group_window")
    @classmethod
    def of_a_group(cls, value: timedelta | None, info: ValidationInfo) -> timedelta | None:
        """Take a window only for a group."""
        if value and "group" in info.data and not info.data["group"]:
            raise ValueError("counts for nothing: write beside it, with group, what belongs together")
        return value


def once(rules: list[Rule]) -> list[Rule]:
    """Take each name once: it says which rule has decided."""
    names = [rule.name for rule in rules]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f'two rules are called "{twice}": what one of them decides could not be told from the other')
    return rules


Rules = Annotated[list[Rule], few(MOST_RULES, "say in fewer what each of them decides"), AfterValidator(once)]

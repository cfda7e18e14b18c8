"""Reads matchers on the labels of an alert, written as Alertmanager writes them."""

from typing import Annotated

from pydantic import BeforeValidator

from infra.cli.fields import text
from tocsin.domain import matchers
from tocsin.domain.matchers import Matcher


def matcher(value: object) -> Matcher:
    """Read `severity="warning"`, `host!=web-1`, `alertname=~"Disk.*"` or `team!~"a|b"`."""
    return matchers.parse(text(value))


LabelMatcher = Annotated[Matcher, BeforeValidator(matcher)]

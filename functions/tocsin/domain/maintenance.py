"""Maintenance: hours in which trouble of certain services is expected, is written down and pages nobody."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tocsin.domain.alert import Alert, Event


class Relation(StrEnum):
    """How a label is compared, written as Alertmanager writes it; a pattern must match the whole of it."""

    IS = "="
    IS_NOT = "!="
    MATCHES = "=~"
    MATCHES_NOT = "!~"


@dataclass(frozen=True)
class Matcher:
    """What one label of an alert must be; a label that is missing is empty."""

    label: str
    relation: Relation
    value: str

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Say whether an alert with these labels is meant."""
        found = labels.get(self.label, "")
        if self.relation in {Relation.IS, Relation.IS_NOT}:
            return (found == self.value) is (self.relation is Relation.IS)
        return bool(re.fullmatch(self.value, found)) is (self.relation is Relation.MATCHES)


@dataclass(frozen=True)
class Maintenance:
    """From `start` up to and without `end` (UTC) alerts of these services that every matcher fits page nobody."""

    name: str
    services: tuple[str, ...]
    start: datetime
    end: datetime
    match: tuple[Matcher, ...] = ()


def window(windows: Iterable[Maintenance], event: Event, now: datetime) -> Maintenance | None:
    """Give the window that an event falls into, or None.

    It must have been accepted inside, and the window not be over: what was held up until after the end is still
    trouble then. Of several windows the one that ends last is given.
    """
    labels = labels_of(event.alert)
    inside = (
        one for one in windows if event.service in one.services and one.start <= event.accepted_at and now < one.end
    )
    meant = [one for one in inside if all(matcher.fits(labels) for matcher in one.match)]
    return max(meant, key=lambda one: one.end, default=None)


def labels_of(alert: Alert) -> dict[str, str]:
    """Give what matchers can ask for: the labels, and for sources without any the severity and the title."""
    return {"severity": alert.severity.value, "title": alert.title, **alert.labels}

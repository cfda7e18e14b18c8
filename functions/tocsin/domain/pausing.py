"""A pause is for those alerts only that a rule lets wait: one that would page at once ends it when it joins."""

from datetime import datetime

from tocsin.domain.alert import Event
from tocsin.domain.config import Config
from tocsin.domain.escalation import page_next
from tocsin.domain.incident import Incident
from tocsin.domain.rules import Path


def joined(incident: Incident, event: Event, path: Path, config: Config, now: datetime) -> Incident:
    """Page the first level of what is paused, unless the rules let the event wait as well."""
    if path.pause or not incident.is_paused:
        return incident
    by = event.integration
    return page_next(incident.noting(now, "pause over", f"{by} says what no rule lets wait", by), config, now)

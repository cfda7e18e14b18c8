"""A threshold waits until so many triggers have come within so long; before that nothing opens."""

from datetime import datetime

from tocsin.domain.alert import Event
from tocsin.domain.config import Threshold
from tocsin.domain.heartbeat import lasting
from tocsin.domain.incident import Firing
from tocsin.domain.values import dataclass, replace


@dataclass(frozen=True)
class Count:
    """The latest triggers that one rule has counted for one key, as many as its threshold can ask for.

    That each event is counted once is its marker's business, which is written in the same commit.
    """

    triggers: tuple[Firing, ...] = ()


def counted(count: Count, event: Event, threshold: Threshold) -> Count:
    """Count one more trigger; those out of reach of the newest are forgotten."""
    mine = Firing(event.integration, event.alert.dedup_key, event.accepted_at)
    in_order = sorted((*count.triggers, mine), key=lambda one: one.since)
    newest = in_order[-1].since
    within = [one for one in in_order if one.since > newest - threshold.within]
    return replace(count, triggers=tuple(within[-threshold.count :]))


def waiting(count: Count, threshold: Threshold) -> str:
    """Say how far it is, or nothing once it is reached."""
    if len(count.triggers) >= threshold.count:
        return ""
    return f"{len(count.triggers)} of {threshold.count} in {lasting(threshold.within)}"


def others(count: Count, event: Event) -> dict[tuple[str, str], datetime]:
    """Give by integration and dedup key the latest trigger of each other trouble that was counted."""
    mine = (event.integration, event.alert.dedup_key)
    found = {(one.integration, one.dedup_key): one.since for one in count.triggers}
    return {key: since for key, since in found.items() if key != mine}

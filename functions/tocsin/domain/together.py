"""Neighbours that say the same of one trouble are decided one after the other, as if each had come by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tocsin.domain.alert import Event
from tocsin.domain.config import Config
from tocsin.domain.incident import Incident
from tocsin.domain.routing import Minted, Outcome, Pointer, Routed, decide


@dataclass(frozen=True)
class Ended:
    """How one event ended; `incident` is the one it is about, or nothing."""

    event: Event
    outcome: Outcome
    reason: str
    incident: str

    def alike(self, other: "Ended") -> bool:
        """Say whether another one ended in the same way."""
        return (self.outcome, self.reason, self.incident) == (other.outcome, other.reason, other.incident)


@dataclass(frozen=True)
class Decided:
    """Each event's end, and what is to be saved after the last; None where it stays as it was."""

    ended: tuple[Ended, ...]
    incident: Incident | None
    pointer: Pointer | None


def decide_all(
    events: Sequence[Event], pointer: Pointer, current: Incident | None, config: Config, minted: Minted, now: datetime
) -> Decided:
    """Say what the events do; `current` is the pointer's incident. They are of one integration and dedup key."""
    ended: list[Ended] = []
    incident, marked = None, None
    for event in events:
        routed = decide(event, marked or pointer, _saved(incident) or current, config, minted, now)
        ended.append(
            Ended(event, routed.outcome, routed.reason, _about(routed, marked or pointer, incident or current))
        )
        incident = _after(incident, routed.incident)
        marked = routed.pointer or marked
    return Decided(tuple(ended), incident, marked)


def _saved(incident: Incident | None) -> Incident | None:
    """Give it as it is once it is stored: what a change makes belongs to that change."""
    return incident and replace(incident, new=(), circles={}, drawn="")


def _after(before: Incident | None, after: Incident | None) -> Incident | None:
    """Keep what the changes before have made, which is saved with the last one."""
    if not before or not after:
        return after or before
    circles, drawn = {**before.circles, **after.circles}, after.drawn or before.drawn
    return replace(after, new=(*before.new, *after.new), circles=circles, drawn=drawn)


def _about(routed: Routed, pointer: Pointer, current: Incident | None) -> str:
    """Give the id of the incident an event is about, or nothing."""
    if routed.outcome in {Outcome.NOTHING_OPEN, Outcome.RECORDED, Outcome.SUPPRESSED}:
        return ""
    about = routed.incident or current
    return about.id if about else pointer.incident

"""What must hold of what an incident does by itself: it is triggered again, or resolved because nothing joins it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from tests.simulation import timelines
from tocsin import events
from tocsin.domain import idle

if TYPE_CHECKING:
    from datetime import datetime

    from tests.simulation.observed import Observed

Data = dict[str, Any]

CLOCK = 0.45
TOLERANCE = 1.0 + 2 * CLOCK
"""Seconds: the rule's own tolerance, and two clocks that are each off."""

SNOOZED = timedelta(minutes=2)
"""How long everybody who snoozes does."""


def wakes(incident: Data) -> bool:
    """Say whether an incident is acknowledged for so long only."""
    lapses = incident["acknowledgement_timeout"] or incident["snoozed_until"]
    return incident["status"] == "acknowledged" and bool(lapses)


def check_timer(seen: Observed, identity: str, before: Data | None, after: Data) -> None:
    """I4: an answered incident has a timer exactly if its answer holds for so long only, and keeps it until then."""
    if after["status"] == "triggered":
        return
    if _settles(before, after):
        return
    if bool(after["next_at"]) != wakes(after):
        seen.violated("I4", f"{identity} is {after['status']}, its timer is {after['next_at']}")
        return
    if after["status"] != "acknowledged":
        return
    answered = before is None or before["answered_at"] != after["answered_at"]
    due = _due(after) if answered else before and before["next_at"]
    if after["next_at"] != due:
        seen.violated("I4", f"{identity} is acknowledged until {after['next_at']}, and should be until {due}")


def _settles(before: Data | None, after: Data) -> bool:
    """Say whether the timer of an answered incident is that of its settling, or has just ceased to be."""
    return bool(after["settles_at"] or (before and before["settles_at"]))


def _is_settled(seen: Observed, before: Data, after: Data) -> bool:
    """Say whether this is what was flapping may become by itself: resolved, once it has been stable."""
    return _is_past(seen, before["settles_at"], TOLERANCE) and "has been stable" in after["timeline"][-1]["why"]


def _due(answered: Data) -> Any:
    """Give when an incident that was just answered is to be triggered again."""
    if answered["snoozed_until"]:
        return answered["answered_at"] + SNOOZED
    timeout = length(answered["acknowledgement_timeout"])
    return answered["answered_at"] + timeout if timeout else None


def length(kept: str | None) -> timedelta | None:
    """Give a length as a document has it."""
    return msgspec.convert(kept, timedelta) if kept else None


def by_itself(seen: Observed, before: Data, after: Data) -> bool:
    """I5': say whether this is what an incident may become without anybody's word: it lapses, or it is idle."""
    added = [entry["what"] for entry in timelines.added(before, after)]
    if after["status"] == "triggered":
        return wakes(before) and "triggered again" in added and _is_past(seen, before["next_at"], TOLERANCE)
    if after["status"] == "resolved" and _is_settled(seen, before, after):
        seen.world.trouble.counts["settled"] += 1
        return True
    ends = length(before["auto_resolve"])
    if after["status"] != "resolved" or not ends or after["answered_by"] != idle.NAME:
        return False
    quiet = max(before["opened_at"], after["closed_through"]) + ends
    seen.world.trouble.counts["idle"] += 1
    return all(_is_past(seen, one, CLOCK) for one in (quiet, before["idle_at"], before["snoozed_until"] or quiet))


def _is_past(seen: Observed, at: Any, tolerance: float) -> bool:
    return bool(at) and seen.world.seconds(at) - tolerance <= seen.world.time


def starts_anew(seen: Observed, identity: str, before: Data, after: Data) -> None:
    """I8: what is triggered again by itself begins at the first level that has anybody, or with the catch-all."""
    added = timelines.added(before, after)
    if before["status"] != "acknowledged" or not any(entry["what"] == "triggered again" for entry in added):
        return
    passed = sum("skipped at once" in entry["why"] for entry in added)
    if after["level"] not in {1 + passed - after["round"] * len(after["levels"]), len(after["levels"]) + 1}:
        seen.violated("I8", f"{identity} was triggered again at level {after['level']} of round {after['round']}")
    if after["episode"] != before["episode"] + 1:
        seen.violated("I2", f"{identity} was triggered again in episode {after['episode']}")


def nothing_is_closed_with_the_idle(seen: Observed) -> None:
    """I1: no trigger stays with an incident that was resolved as idle on behalf of those before it."""
    if not seen.world.night.config.services["checkout"].auto_resolve:
        return
    incidents, markers = (seen.world.store.all(kind) for kind in ("incidents", "events"))
    over: dict[tuple[str, str], datetime] = {}  # what a monitor has resolved since has healed
    for one in markers.values():
        if one["action"] == "resolve":
            over[events.keys(one)] = max(one["accepted_at"], over.get(events.keys(one), one["accepted_at"]))
    for name, one in markers.items():
        incident = incidents.get(one["incident"])
        if not incident or one["action"] != "trigger" or incident["answered_by"] != idle.NAME:
            continue
        healed = one["accepted_at"] < over.get(events.keys(one), one["accepted_at"])
        if incident["status"] == "resolved" and one["accepted_at"] > incident["closed_through"] and not healed:
            seen.violated("I1", f"{name} was closed with {one['incident'].lstrip('0')}, which was idle before it")

"""What must hold of merged incidents: whatever means the one that was merged means the one that it went into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.simulation.observed import Observed
    from tests.simulation.store import Commit

Data = dict[str, Any]

SAID = {"Acknowledged ": "acknowledged", "Resolved ": "resolved", "Snoozed ": "acknowledged", "Merged ": "resolved"}
"""How an answer begins, and what an incident that it means has been when it says so."""


def chain(seen: Observed, identity: str) -> Iterator[str]:
    """Give an incident, the one it was merged into, and so on."""
    while identity:
        yield identity
        identity = seen.world.store.documents[f"incidents/{identity}"].data["merged_into"]


def about(seen: Observed, notification: Data) -> Data:
    """Give the incident of a page; whoever was asked for help with what was merged is asked about both."""
    chained = list(chain(seen, notification["incident"]))
    named = chained[-1 if notification["beside"] else 0]
    document: Data = seen.world.store.documents[f"incidents/{named}"].data
    return document


def meant(seen: Observed, commit: Commit, incidents: Iterable[str]) -> set[str]:
    """Give what some incidents meant just before a commit."""
    return {_last(seen, commit, one) for one in incidents}


def _last(seen: Observed, commit: Commit, identity: str) -> str:
    while True:
        path = f"incidents/{identity}"
        before = commit.before[path] if path in commit.before else seen.world.store.documents[path].data
        if not before or not before["merged_into"]:
            return identity
        identity = before["merged_into"]


def check_merge(seen: Observed, commit: Commit, identity: str, before: Data, after: Data) -> None:
    """I9: what is merged goes, with all that fires in it, into one that is open, in the same commit; once."""
    if after["merged_into"] == before["merged_into"]:
        return
    target = commit.after.get(f"incidents/{after['merged_into']}")
    if before["merged_into"] or not target or target["status"] == "resolved" or identity not in target["merged"]:
        seen.violated("I9", f"{identity} was merged into {after['merged_into']}, which did not take it")
        return
    if missing := firing(before) - firing(target):
        seen.violated("I9", f"{identity} was merged into {after['merged_into']} without {missing}")


def firing(incident: Data) -> set[tuple[str, str]]:
    """Give the integration and dedup key of what an incident is about, or of all that fires in it after a merge."""
    own = {(incident["integration"], incident["dedup_key"])}
    return {(one["integration"], one["dedup_key"]) for one in incident["firing"]} or own


def was_answered(seen: Observed, identity: str, at: float) -> bool:
    """Say whether somebody has had an incident at an instant or since, or the one it was merged into.

    That it was resolved by being merged is no answer.
    """
    merged = seen.world.store.documents[f"incidents/{identity}"].data["merged_into"]
    history = seen.incidents[identity]
    stood = (*[one for one in history if one.at <= at][-1:], *(one for one in history if one.at > at))
    waiting = {"triggered", "resolved"} if merged else {"triggered"}
    return any(one.status not in waiting for one in stood) or bool(merged and was_answered(seen, merged, at))

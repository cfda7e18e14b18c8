"""What must hold of who is asked: in turn where a level goes round, who stands in while that holds, else nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation import timelines

if TYPE_CHECKING:
    from tests.simulation.observed import Observed
    from tests.simulation.store import Commit

Data = dict[str, Any]

KNOWN = 10.0
"""Seconds after which every instance has read the configuration again."""

TWO_SWEEPS = 130.0


def one_takes_it(seen: Observed, commit: Commit, identity: str, after: Data) -> None:
    """I8: at a level that goes round one person is paged."""
    level = after["level"]
    if not 0 < level <= len(after["levels"]) or not after["levels"][level - 1]["circle"]:
        return
    made = [one for path, one in commit.after.items() if path.startswith("notifications/") and not commit.before[path]]
    users = {one["user"] for one in made if one["incident"] == identity and not one["beside"]}
    if len(users) > 1:
        seen.violated("I8", f"{identity} was taken by {sorted(users)} at a level that goes round")


def check_circle(seen: Observed, commit: Commit, name: str, before: Data | None, after: Data) -> None:
    """I8: whoever has taken none for longest takes the next one, but for who is gone or out of reach."""
    seen.world.trouble.counts["round robin"] += 1
    known, order = list(before["order"]) if before else [], list(after["order"])
    takers, away = _takers(commit, name), seen.world.night.config.users.keys() - seen.world.night.edited.users.keys()
    last = len(takers)  # of an answer to a digest, several
    if set(order[-last:]) != takers or order[:-last] != [one for one in known if one not in takers]:
        seen.violated("I8", f"the circle {name} went from {known} to {order}, when {sorted(takers)} took an incident")
    for taker in takers & set(known):
        if passed := set(known[: known.index(taker)]) - away - takers - _out_of_reach(commit, name, taker):
            seen.violated("I8", f"{taker} took an incident when it was the turn of {sorted(passed)}")


def _takers(commit: Commit, name: str) -> set[str]:
    """Give who takes an incident by a commit; whoever has taken it before is paged without its being his turn."""
    changed = [(commit.before[path], one) for path, one in commit.after.items() if path.startswith("incidents/")]
    known = [(before["takers"].get(name) if before else None, one["takers"].get(name)) for before, one in changed]
    return {taker for before, taker in known if taker and taker != before}


def _out_of_reach(commit: Commit, name: str, taker: str) -> set[str]:
    incidents = [one for path, one in commit.after.items() if path.startswith("incidents/")]
    return {one for incident in incidents if incident["takers"].get(name) == taker for one in incident["out_of_reach"]}


def the_override_holds(seen: Observed, identity: str, before: Data | None, after: Data) -> None:
    """I8: whoever stands in is paged for the schedule, once all is well and everybody can know of it."""
    made, world = seen.world.overrides, seen.world
    if not made or not world.trouble.healed:
        return
    if world.time < KNOWN + max(world.outages.healed_at, world.seconds(made[0].override.start)):
        return
    for entry in timelines.added(before, after):
        holds = made[0].override.start <= entry["at"] < made[0].override.end
        seen.world.trouble.counts["stands in"] += "by override until" in entry["why"]
        scheduled = entry["what"] == "paging" and "on call in office by" in entry["why"]
        if scheduled and holds and "by override until" not in entry["why"]:
            seen.violated("I8", f"{identity} paged {entry['why']}, although somebody stands in")


def suppressed_in_a_window(seen: Observed, identity: str, after: Data) -> None:
    """I1: what opens nothing because it was expected came inside a window, and what came inside opens nothing."""
    if after.get("path", {}).get("suppress"):
        return
    windows = seen.world.night.config.maintenance
    inside = any(one.start <= after["accepted_at"] and after["routed_at"] < one.end for one in windows)
    seen.world.trouble.counts["suppressed"] += after["outcome"] == "suppressed"
    if after["outcome"] == "suppressed" and after["reason"].endswith("it was over before that"):
        return
    decided = after["outcome"] in {"suppressed", "opened"} and after["event"]["service"] == "checkout"
    if decided and inside is (after["outcome"] == "opened"):
        seen.violated("I1", f"the event {identity} was {after['outcome']}, windows {windows}")


def what_outlasts_a_window_is_told(seen: Observed) -> None:
    """I1: what was suppressed is looked at again within two sweeps of the end of its window."""
    for identity, one in seen.world.store.all("events").items():
        until = one.get("suppressed_until")
        if until and seen.world.seconds(until) < seen.world.time - TWO_SWEEPS:
            seen.violated("I1", f"the event {identity} was suppressed until {until}, and is not looked at again")

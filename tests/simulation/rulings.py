"""What some nights' pagers are ruled by, and what must hold of it: what was to wait waits, what was to be silent is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from tests.simulation import timelines
from tests.simulation.timers import TOLERANCE, length
from tocsin.domain.config import Config, Flapping, Rule, Threshold
from tocsin.domain.matchers import parse

if TYPE_CHECKING:
    from tests.simulation.observed import Observed
    from tests.simulation.store import Commit

Data = dict[str, Any]

CHANCE, FLAPS = 0.3, 0.12
REFUSED = "cards are refused"
BEGUN = {"escalated", "passed on", "triggered again", "raised", "merged"}
"""The lines of a timeline after which somebody is paged although a pause had not been over."""


def ruled(seed: int, config: Config) -> Config:
    """Give what a seed makes of a night's rules; its draws are its own, and all of them are made every night."""
    random = Random(f"rules of {seed}")
    chances, number = [random.random() for _ in range(2)], random.choice((1, 1, 2))
    chosen = random.sample(_rules(random), number)
    stable = timedelta(seconds=round(random.uniform(20.0, 90.0)))
    service = config.services["checkout"]
    if chances[0] < FLAPS and not service.auto_resolve:
        flapping = Flapping(2, timedelta(hours=1), stable)
        config = replace(config, services={**config.services, "checkout": replace(service, flapping=flapping)})
    return replace(config, rules=tuple(chosen)) if chances[1] < CHANCE else config


def _rules(random: Random) -> list[Rule]:
    pause = timedelta(seconds=round(random.uniform(10.0, 90.0)))
    window = random.choice((None, timedelta(seconds=round(random.uniform(20.0, 90.0)))))
    return [
        Rule("refused", (parse(f'title="{REFUSED}"'),), suppress=True),
        Rule("patient", continues=True, pause=pause),
        Rule("often", (parse('severity="warning"'),), continues=True, threshold=Threshold(2, timedelta(minutes=10))),
        Rule("together", continues=True, group="{{service}}", group_window=window),
        Rule("one trouble", when='severity == "error"', continues=True, dedup_key="shared"),
    ]


# While it happens


def check_ruling(seen: Observed, commit: Commit, identity: str, after: Data) -> None:
    """I1, I7: what was to be suppressed opens nothing, a threshold was reached, and a group is one incident."""
    path = after.get("path")
    if commit.before[f"events/{identity}"] or not path:
        return
    counts = seen.world.trouble.counts
    counts["waiting"] += after["outcome"] == "waiting"
    counts["ruled out"] += after["outcome"] == "suppressed" and bool(path["suppress"])
    if after["outcome"] != "opened":
        return
    if path["suppress"]:
        seen.violated("I1", f"the event {identity} was to be suppressed, and opened {after['incident']}")
    if path["threshold"] and _triggers(seen, commit, after) < path["threshold"]["count"]:
        seen.violated("I1", f"the event {identity} opened {after['incident']} before its threshold was reached")
    if path["group"]:
        one_group_is_one_incident(seen, commit, after)


def _triggers(seen: Observed, commit: Commit, after: Data) -> int:
    known = {**seen.world.store.all("events"), **_events(commit)}
    same = [one for one in known.values() if one["action"] == "trigger" and one.get("led_to") == after["led_to"]]
    group = after["path"]["group"]
    return len([one for one in known.values() if one.get("path", {}).get("group") == group] if group else same)


def _events(commit: Commit) -> dict[str, Data]:
    return {path.removeprefix("events/"): one for path, one in commit.after.items() if path.startswith("events/")}


def one_group_is_one_incident(seen: Observed, commit: Commit, after: Data) -> None:
    """I7: as long as the incident of a group without a window is open, no other one is opened for it."""
    opened = commit.after[f"incidents/{after['incident']}"]
    key = (opened["service"], opened["urgency"], after["path"]["group"])
    before = seen.groups.get(key)
    seen.groups[key] = after["incident"]
    stood = seen.world.store.all("incidents").get(before or "")
    if stood and stood["status"] != "resolved" and not after["path"]["group_window"]:
        seen.violated("I7", f"{after['incident']} was opened for {key} beside {before}")


def check_waiting(seen: Observed, identity: str, before: Data | None, after: Data) -> None:
    """I8: nobody is paged in a pause, unless somebody wanted that; what settles waits for as long as it is to."""
    added = [entry["what"] for entry in timelines.added(before, after)]
    counts = seen.world.trouble.counts
    counts.update(one for one in added if one in {"paused", "grouped", "flapping", "settling", "fires again"})
    until = after["paused_until"]
    begins = after["step"] and not (before and before["step"])
    early = until and seen.world.seconds(until) - TOLERANCE > seen.world.time
    if begins and early and not BEGUN & {entry["what"] for entry in after["timeline"]}:
        seen.violated("I8", f"{identity} paged somebody {seen.world.seconds(until) - seen.world.time:.1f} s early")
    counts["healed in its pause"] += after["status"] == "resolved" and not after["step"] and bool(until)


def shifts(before: Data, after: Data) -> bool:
    """Say whether a change lets an incident settle or fire again, for which nobody is paged."""
    added = {entry["what"] for entry in timelines.added(before, after)}
    return bool({"settling", "fires again"} & added) and before["step"] == after["step"]


def paused(incident: Data) -> float:
    """Give for how many seconds after it had opened nobody was to be paged."""
    until = incident["paused_until"]
    return float((until - incident["opened_at"]).total_seconds()) if until else 0.0


def stable(incident: Data) -> float:
    """Give how many seconds what flaps takes to be paged on, or resolved."""
    found = length(incident["stable"])
    return found.total_seconds() if found else 0.0

"""What must hold at every single commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation import merges, rulings, timelines, timers, turns
from tests.simulation.timers import TOLERANCE
from tests.simulation.watched import CANARY
from tocsin.domain.delivery import RANKS

if TYPE_CHECKING:
    from tests.simulation.observed import Observed
    from tests.simulation.store import Commit

Data = dict[str, Any]

PATIENCE = 20.0 - 2 * 0.45
"""Seconds an unknown send waits for evidence."""

OPEN = {"triggered", "acknowledged"}

SAYING = {
    "triggered": {"escalated", "passed on", "triggered again"},
    "acknowledged": {"acknowledged", "snoozed"},
    "resolved": {"resolved"},
}
"""The lines of a timeline that say what an incident has become."""

ORDERED = {"snoozed", "passed on", "added", "joined", "note", "merged", "raised", "triggered again"}
"""The lines that are counted: a run in which none of them is written says nothing about them."""

WANTED = {
    "escalated": {"escalate"},
    "passed on": {"pass"},
    "acknowledged": {"ack", "bare"},
    "snoozed": {"snooze"},
    "resolved": {"resolve"},
}
"""What a person must have meant for each of them."""


def check_incident(seen: Observed, commit: Commit, identity: str, before: Data | None, after: Data) -> None:
    """Check one incident's change."""
    one_is_open(seen, identity, after)
    timeline_only_grows(seen, identity, before, after)
    timers.check_timer(seen, identity, before, after)
    rulings.check_waiting(seen, identity, before, after)
    turns.one_takes_it(seen, commit, identity, after)
    turns.the_override_holds(seen, identity, before, after)
    if before is None:
        opened_by_an_event(seen, commit, identity)
        return
    if before["status"] != after["status"]:
        transition_has_a_cause(seen, commit, identity, before, after)
        timers.starts_anew(seen, identity, before, after)
    merges.check_merge(seen, commit, identity, before, after)
    if (before["urgency"], after["urgency"]) == ("high", "low"):
        seen.violated("I8", f"{identity} was urgent and is not any more")
    if after["status"] == "triggered" == before["status"] and place(before) != place(after):
        not_early_nor_skipped(seen, identity, before, after)


def place(incident: Data) -> tuple[int, int, int]:
    """Give where the escalation stands."""
    return incident["round"], incident["level"], incident["generation"]


def one_is_open(seen: Observed, identity: str, after: Data) -> None:
    """I7: there is one open incident for an integration and dedup key."""
    key = (after["integration"], after["dedup_key"])
    if after["status"] in OPEN:
        if seen.open.setdefault(key, identity) != identity:
            seen.violated("I7", f"{identity} is open beside {seen.open[key]} for {key[1]}")
    elif seen.open.get(key) == identity:
        del seen.open[key]


def timeline_only_grows(seen: Observed, identity: str, before: Data | None, after: Data) -> None:
    """I11: the timeline is only added to, and each change of status adds exactly one line of its name."""
    if timelines.is_rewritten(before, after):
        seen.violated("I11", f"the timeline of {identity} was rewritten")
    added = [entry["what"] for entry in timelines.added(before, after)]
    seen.world.trouble.counts.update(one for one in added if one in ORDERED)
    says = sum(one in SAYING[after["status"]] for one in added)
    if before and before["status"] != after["status"] and says != 1:
        seen.violated("I11", f"{identity} became {after['status']}, its timeline says {added}")
    if before and place(before) != place(after) and not added:
        seen.violated("I11", f"{identity} went from {place(before)} to {place(after)} without a word")


def opened_by_an_event(seen: Observed, commit: Commit, identity: str) -> None:
    """I1': an incident is opened by an event that was published."""
    events = [data for path, data in commit.after.items() if path.startswith("events/")]
    if not events or any(one["event"]["id"] not in seen.bodies for one in events):
        seen.violated("I1'", f"{identity} was opened by nothing that was published")


def transition_has_a_cause(seen: Observed, commit: Commit, identity: str, before: Data, after: Data) -> None:
    """I5': an answer is committed together with the reply or the event that says so, but for what lapses or is idle."""
    if after["integration"] == CANARY and after["answered_by"] == "the canary":
        return
    causes = [path for path in commit.after if path.startswith(("inbound/", "events/"))]
    if not causes:
        if timers.by_itself(seen, before, after):
            return
        seen.violated("I5'", f"{identity} became {after['status']} for no reason")
        return
    cause = causes[0]
    if before["status"] == "resolved":
        seen.violated("I5", f"{identity} was resolved and became {after['status']} by {cause}")
    if cause.startswith("events/"):
        if after["status"] == "triggered":
            seen.violated("I5", f"{identity} was {before['status']} and an event triggered it again")
        return
    said = seen.meanings.get(cause.removeprefix("inbound/"))
    added = [entry["what"] for entry in timelines.added(before, after)]
    wanted = {"merge"} if after["merged_into"] else {wish for one in added for wish in WANTED.get(one, ())}
    # A rival's text is told of a moment after it is sent, so a meaning may still be missing only within that call.
    if said and (
        said.wish not in wanted or (said.wish != "bare" and identity not in merges.meant(seen, commit, said.incidents))
    ):
        seen.violated("I5'", f"{identity} became {after['status']} by {cause}, which meant {said.wish or 'nothing'}")


def not_early_nor_skipped(seen: Observed, identity: str, before: Data, after: Data) -> None:
    """I8, I16: a level is paged when the one before had its time, once, and none is left out without an alarm."""
    added = timelines.added(before, after)
    asked = any(entry["by"] and entry["what"] in {"escalated", "passed on"} for entry in added)
    if any(entry["what"] == "added" for entry in added):
        changes_nobody(seen, identity, before, after)
        return
    if rulings.shifts(before, after):
        return
    if not asked and (before["louder"] or before["urgency"] != after["urgency"]):
        paged_once_more(seen, identity, before, after)
        return
    due = before["next_at"]
    if not asked and (due is None or seen.world.seconds(due) - TOLERANCE > seen.world.time):
        seen.violated("I8", f"{identity} escalated {seen.world.seconds(due) - seen.world.time:.1f} s early")
    passed = sum("skipped at once" in entry["why"] for entry in added)
    steps = after["level"] - before["level"]
    wrapped = after["round"] - before["round"]
    last = len(before["levels"])
    expected = {1 + passed} | ({1 + passed - last} if wrapped else set()) | {last + 1 - before["level"]}
    catch_all = before["level"] == after["level"] == last + 1
    stays = any(entry["what"] == "passed on" or "goes round" in entry["why"] for entry in added)
    if (steps or wrapped if stays else steps not in expected) and not catch_all:
        seen.violated("I8", f"{identity} went from level {before['level']} to {after['level']}")
    entry = (identity, after["generation"], after["level"])
    if entry in seen.entered:
        seen.violated("I8", f"{identity} entered level {after['level']} of generation {after['generation']} twice")
    seen.entered.add(entry)


def changes_nobody(seen: Observed, identity: str, before: Data, after: Data) -> None:
    """I8: whoever is asked for help is paged beside those who are, and when the next ones are stays as it was."""
    kept = ("round", "level", "episode", "step", "next_at", "answered_by")
    if any(before[name] != after[name] for name in kept) or after["generation"] != before["generation"] + 1:
        seen.violated("I8", f"{identity} went from {place(before)} to {place(after)} when somebody was added")


def paged_once_more(seen: Observed, identity: str, before: Data, after: Data) -> None:
    """I8: what becomes urgent is paged once more where it stands, at once or, after a merge, by its timer."""
    counted = ("generation",) if after["louder"] else ("generation", "episode", "step")
    added = timelines.added(before, after)
    empty = sum("skipped at once" in entry["why"] for entry in added)
    stays = after["round"] == before["round"] and after["level"] in {before["level"], before["level"] + empty}
    stays = stays or bool(empty and after["level"] == len(after["levels"]) + 1)  # nobody is left at any of them
    if after["urgency"] != "high" or not stays or any(after[name] == before[name] for name in counted):
        seen.violated("I8", f"{identity} went from {place(before)} to {place(after)} when it had become urgent")


def check_event(seen: Observed, identity: str, before: Data | None, after: Data) -> None:
    """I1: an event has one outcome for ever, but for what a resolve had overtaken, and what outlasts a window."""
    turns.suppressed_in_a_window(seen, identity, after)
    waited = before and before["outcome"] == "suppressed" and before["suppressed_until"] <= after["routed_at"]
    fate = ("outcome", "incident", "reason")
    same = before is not None and all(before[name] == after[name] for name in fate)
    if before is not None and not same and not waited and "overtaken" not in after["reason"]:
        seen.violated("I1", f"the event {identity} was {before['outcome']} and is {after['outcome']}")


def check_notification(seen: Observed, identity: str, before: Data | None, after: Data) -> None:
    """Check one notification's change."""
    if before is None:
        return
    if RANKS.get(after["delivery"], 0) < RANKS.get(before["delivery"], 0):
        seen.violated("I17", f"{identity} went from {before['delivery']} back to {after['delivery']}")
    if before["state"] in {"sent", "failed", "dropped"} and after["state"] in {"pending", "sending", "unknown"}:
        seen.violated("I17", f"{identity} was {before['state']} and is {after['state']} again")
    if after["carrier"] and after["carrier"] != before["carrier"]:
        no_claim_after_an_answer(seen, identity, after)
    if after["next_at"] != before["next_at"] and after["state"] == "pending" and after["history"] == before["history"]:
        postponed_in_silence(seen, identity, after)
    if after["state"] == "sending" and after["owner"] != before["owner"]:
        seen.claims[identity].append(seen.world.time)
        no_claim_after_an_answer(seen, identity, after)
        no_hasty_repeat(seen, identity, before, after)


def postponed_in_silence(seen: Observed, identity: str, after: Data) -> None:
    """I12: what waits longer than it was to says so, but for what another page speaks for."""
    if not after["carrier"]:
        seen.violated("I12", f"{identity.lstrip('0')} was put off without a word")


def no_hasty_repeat(seen: Observed, identity: str, before: Data, after: Data) -> None:
    """I3: a send whose answer was lost has its time to be found before it is repeated."""
    if before["state"] in {"sending", "unknown"}:
        waited = (after["claimed_at"] - before["claimed_at"]).total_seconds()
        if waited < PATIENCE:
            seen.violated("I3", f"{identity.lstrip('0')} was claimed again after {waited:.1f} s")


def no_claim_after_an_answer(seen: Observed, identity: str, after: Data) -> None:
    """I2: a notification is claimed only while somebody waits for its answer."""
    incident = merges.about(seen, after)
    if not is_wanted(incident, after):
        seen.violated("I2", f"{identity} was claimed when the incident was {incident['status']}")


def is_wanted(incident: Data, notification: Data) -> bool:
    """Say whether a page's incident waits in the page's episode, or for one who was asked beside whoever has it."""
    if notification["beside"]:
        return incident["status"] in OPEN and notification["user"] in incident["asked"]
    return bool(incident["status"] == "triggered" and incident["episode"] == notification["episode"])

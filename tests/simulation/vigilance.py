"""What must hold of those that watch: the watcher outside, the canary, the monitors, and the books."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.simulation import merges
from tests.simulation.night import START
from tests.simulation.watched import CONTACT, MONITOR, NEXT_CANARY, VOUCHES
from tocsin.domain.phone import path
from tocsin.ledger import ledger

if TYPE_CHECKING:
    from tests.simulation.observed import Observed
    from tests.simulation.store import Commit
    from tocsin.sweep import Swept

Data = dict[str, Any]

SWEPT = 60.0
OVERDUE = 150.0 + SWEPT
"""Seconds overdue from which on something was left behind by a sweep that is over."""

BALANCED = 5
"""Every fifth night's books are read: that takes as long as much of the night."""

CANARY_LATE = 300.0 + 1.0
CLOCK = 0.45
TOLD = SWEPT + 30.0
"""Seconds after its time within which a silence is told: a sweep, and what a sweep takes."""


# While it happens


def check_sweep(seen: Observed, swept: Swept, beats: int) -> None:
    """I14: the watcher is called once after a clean sweep, and never after another."""
    if beats != int(swept.clean):
        seen.violated("I14", f"the watcher was called {beats} times after {swept}")


def check_heartbeat(seen: Observed) -> None:
    """I14: while a heartbeat is sent nothing is long overdue, and no canary is lost."""
    before = START + timedelta(seconds=seen.world.time - OVERDUE)
    for kind in ("spill", "heartbeats", "notifications", "incidents"):
        for name, _ in seen.world.store.find(kind, (("next_at", "<", before),), None):
            seen.violated("I14", f"a heartbeat was sent, but {kind}/{name.lstrip('0')} is overdue")
    identity = seen.world.store.all("canary").get("current", {}).get("id", "")
    sent_at = seen.canaries.get(identity, seen.world.time)
    if seen.world.time > sent_at + CANARY_LATE + SWEPT and not _is_back(seen, identity, sent_at):
        seen.violated("I14", f"a heartbeat was sent, but the canary of {sent_at:.1f} s has not come through")


def _is_back(seen: Observed, identity: str, sent_at: float) -> bool:
    """Say whether the contact got the canary on record and, where that is its task, answered."""
    canary = seen.world.night.config.canary
    if canary and canary.answers:
        store = seen.world.store
        return any(
            meant.wish == "ack" and store.documents[f"incidents/{incident}"].data["dedup_key"] == identity
            for meant in seen.meanings.values()
            for incident in meant.incidents
            if meant.at > sent_at and f"incidents/{incident}" in store.documents
        )
    return any(one.to == CONTACT and one.at > sent_at for one in seen.world.telephones.sent)


def check_silence(seen: Observed, commit: Commit, identity: str, event: Data) -> None:
    """I14: a monitor is only said to be silent when it is: since its newest beat that has arrived."""
    if not any(path.startswith("incidents/") and commit.before[path] is None for path in commit.after):
        return
    due = seen.world.seconds(event["accepted_at"])
    if abs(due - (seen.beaten + VOUCHES)) > 1e-3:
        seen.violated("I14", f"{identity} says silent since {due - VOUCHES:.1f} s, heard last at {seen.beaten:.1f} s")
    if seen.world.time < due - CLOCK:
        seen.violated("I14", f"{identity} said so {due - seen.world.time:.1f} s early")


# After healing


def the_watcher_hears(seen: Observed) -> None:
    """I14: when all is well, every sweep is heard outside; after a lost canary not before another has come through."""
    heard = seen.world.watcher.heard
    contact = seen.world.store.all("phones").get(path(CONTACT).removeprefix("phones/"), {})
    waits = seen.world.night.config.canary and seen.world.time < seen.checked_at + NEXT_CANARY
    if waits or contact.get("opted_out"):
        return
    if not heard or heard[-1] < seen.world.time - SWEPT:
        seen.violated("I14", f"the watcher has heard nothing since {heard[-1] if heard else 0.0:.1f} s")


def the_silent_is_told(seen: Observed) -> None:
    """I14: a monitor that fell silent is told within its interval, a sweep and T1; one that was heard is not."""
    if seen.beaten < 0:
        return
    due = seen.beaten + VOUCHES
    incidents = seen.world.store.all("incidents").values()
    told = [one["triggered_at"] for one in incidents if one["integration"] == MONITOR]
    told += [part["since"] for one in incidents for part in one["firing"] if part["integration"] == MONITOR]
    # Whoever resolved it since has spoken for a silence that is only known by a beat which came later.
    over = [one["closed_through"] for one in incidents if one["integration"] == MONITOR and one["closed_through"]]
    known = any(seen.world.seconds(one) > due for one in over)
    if seen.world.time > due + TOLD and not known and not any(abs(seen.world.seconds(one) - due) < 1 for one in told):
        seen.violated("I14", f"the monitor was heard last at {seen.beaten:.1f} s, and nobody was told")
    # What flaps stays open until it has been stable for a while.
    waits = [one for one in incidents if one["status"] != "resolved" and not one.get("settles_at")]
    silent = [one for one in waits if (MONITOR, MONITOR) in merges.firing(one)]
    if seen.world.time < due and silent:
        seen.violated("I14", f"the monitor was heard at {seen.beaten:.1f} s and counts as silent")


def the_books_balance(seen: Observed) -> None:
    """I1: what was accepted has ended or is open, nothing differs, and no accepted event is missing."""
    if seen.world.night.seed % BALANCED:
        return
    found = ledger(seen.world.store, START, seen.world.now)
    sums = found.balance
    if sums.accepted != sums.ended + sums.open or sums.differences or found.cut:
        seen.violated("I1", f"accepted {sums.accepted}, ended {sums.ended}, open {sums.open}: {sums.differences}")
    if seen.world.queue.routing == 0 and sums.accepted < len(seen.accepted.keys() - seen.gone):
        seen.violated("I1", f"{len(seen.accepted)} events were accepted, the books know {sums.accepted}")


def what_is_answered_rests(seen: Observed) -> None:
    """I2, I7: an acknowledged incident that everybody forgets stays so; what the monitoring repeats joins it."""
    spoken = any(meant.at > seen.left_at for meant in seen.meanings.values())
    for identity, incident in seen.world.store.all("incidents").items():
        if seen.resting.get(identity, incident["status"]) != incident["status"] and not spoken:
            seen.violated("I2", f"{identity.lstrip('0')} was acknowledged and is {incident['status']}")
    if seen.resting and not spoken and (new := seen.world.store.all("incidents").keys() - seen.known):
        seen.violated("I7", f"{len(new)} incidents were opened beside those that are acknowledged")


def every_level_had_its_time(seen: Observed) -> None:
    """I4: an incident that waited for weeks has gone on."""
    for identity, place in seen.waiting.items():
        incident = seen.world.store.documents[f"incidents/{identity}"].data
        if (
            incident["status"] == "triggered"
            and (incident["round"], incident["level"], incident["generation"]) == place
        ):
            seen.violated("I4", f"{identity.lstrip('0')} waited for weeks and is still at {place}")

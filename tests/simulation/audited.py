"""I11: what somebody did stands in the audit by the same commit, and the audit's chain holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation import timelines
from tocsin import audit
from tocsin.domain.audit import Kind
from tocsin.domain.chain import LATE, Head, verify
from tocsin.records import from_document

if TYPE_CHECKING:
    from tests.simulation.observed import Observed
    from tests.simulation.store import Commit

Data = dict[str, Any]

UNPLACED = {"seq": 0, "prev": "", "prev_expires_at": None, "hash": ""}


def check_action(seen: Observed, commit: Commit, identity: str, before: Data | None, after: Data) -> None:
    """I11: there is one entry for what a person changed and none for anything else, and it says what was done."""
    actions = [one for path, one in commit.after.items() if path.startswith("audit/") and one["kind"] == Kind.ACTION]
    told = [one for one in actions if one["about"] == f"incidents/{identity}"]
    by_somebody = any(path.startswith("inbound/") for path in commit.after)
    wanted = int(by_somebody and before != after)
    if len(told) != wanted:
        seen.violated("I11", f"{identity} was changed with {len(told)} entries in the audit, not {wanted}")
    added = [line["what"] for line in timelines.added(before, after)]
    for one in told:
        if one["what"] != ", ".join(added) or not (one["by"] and one["user"] and one["channel"]):
            seen.violated("I11", f"the timeline of {identity} says {added}, the audit {one}")


def check_entry(seen: Observed, commit: Commit, identity: str, before: Data | None, after: Data) -> None:
    """I11: an entry comes with what it is about, and is written again only to get its place."""
    if before is None:
        seen.world.trouble.counts[f"audited: {after['kind']}"] += 1
        if after["seq"] or not (after["about"] in commit.after or after["about"].startswith("users/")):
            seen.violated("I11", f"the audit's {identity} came by itself, about {after['about']}")
    elif before["seq"] or not after["seq"] or {**after, **UNPLACED} != before:
        seen.violated("I11", f"the audit's {identity} was written again")


def the_chain_holds(seen: Observed) -> None:
    """I11: everything is sealed within T2, and the chain verifies."""
    entries = audit.entries(seen.world.store.all("audit"))
    found = seen.world.store.all("sweeps").get("audit")
    head = from_document(Head, found) if found else Head()
    waiting = [name for name, one in entries.items() if not one.seq]
    for flaw in verify(entries, head, seen.world.now + LATE):
        if flaw.entry not in waiting or seen.world.seconds(entries[flaw.entry].at) < seen.checked_at - 150.0:
            seen.violated("I11", flaw.sentence)

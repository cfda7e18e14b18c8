"""What must hold of how often a phone is paged: within its caps, and never in silence."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.simulation import merges
from tests.simulation.watched import CONTACT
from tocsin.domain.caps import CAPS

if TYPE_CHECKING:
    from datetime import datetime

    from tests.simulation.observed import Observed

Data = dict[str, Any]

SKEW = timedelta(seconds=1)
"""Two clocks that are each off."""


def has_its_turn(seen: Observed, one: Data) -> bool:
    """Whether a page waits for its turn at a phone that has had its share, and the turn is still to come."""
    return bool(
        (one["held"] or one["carrier"]) and one["next_at"] and seen.world.seconds(one["next_at"]) > seen.world.time
    )


def nobody_is_paged_too_often(seen: Observed) -> None:
    """I12, I16: to one number no more goes out in a window than its cap, but for sends of which nothing is sure."""
    sure: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for one in seen.world.store.all("notifications").values():
        doubts = any(line["what"] in {"unknown", "sending again"} for line in one["history"])
        ours = one["state"] == "sent" and not one["carrier"] and one["number"] != CONTACT
        if ours and not doubts and one["claimed_at"]:
            sure[one["number"], one["channel"]].append(one["claimed_at"])
    for (number, channel), times in sure.items():
        times.sort()
        for cap in CAPS[channel]:
            windows = zip(times, times[cap.most :], strict=False)
            if any(last - first < cap.window - SKEW for first, last in windows):
                seen.violated("I12", f"{number} got more than {cap.most} by {channel} in {cap.window}")


def only_what_can_wait_waits_for_money(seen: Observed) -> None:
    """I12: a page that waits for money has low urgency, or repeats what the phone was told; and it will be told."""
    pages = seen.world.store.all("notifications")
    for identity, one in pages.items():
        if not any(line["what"] == "held" and "budget" in line["why"] for line in one["history"]):
            continue
        seen.world.trouble.counts["waits for money"] += 1
        incident = merges.about(seen, one)
        before = (each for each in pages.values() if each["number"] == one["number"] and each["step"] < one["step"])
        was_urgent = incident["urgency"] == "high" and one["step"] > incident["raised_step"]
        if was_urgent and not any(each["claimed_at"] or each["carrier"] for each in before):
            seen.violated("I12", f"{identity.lstrip('0')} is urgent and news to its phone, and waited for money")
        if one["held"] and not one["next_at"]:
            seen.violated("I12", f"{identity.lstrip('0')} waits for money, and nobody will look at it")


def what_spoke_for_others_was_sent(seen: Observed) -> None:
    """I12: what counts as told by another page was told: that page was taken by the provider."""
    pages = seen.world.store.all("notifications")
    for identity, one in pages.items():
        if one["carrier"] and one["state"] == "sent" and pages[one["carrier"]]["state"] != "sent":
            seen.violated(
                "I12", f"{identity.lstrip('0')} counts as told, but {one['carrier'].lstrip('0')} was not sent"
            )

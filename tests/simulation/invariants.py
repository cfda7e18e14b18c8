"""What must hold of a night: the invariants, a sentence and a function each."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.simulation.commits import same_episode
from tocsin.domain.caps import CAPS

if TYPE_CHECKING:
    from datetime import datetime

    from tests.simulation.observed import Observed
    from tests.simulation.telephones import Sent

Data = dict[str, Any]

T1 = 30.0
LEASE = 45.0
NEIGHBOURS = 300.0
SKEW = timedelta(seconds=1)
FOUND_AGAIN = 80.0
"""Seconds after which a text whose webhook was lost has been found by the sweep."""

LATEST_TIMER = 100.0
"""Seconds after its time within which a timer has fired although its task was lost: a sweep, its grace, its work."""


def every_event_has_one_outcome(seen: Observed) -> None:
    """I1: every accepted event has its outcome within T1, or T2 after the world has healed."""
    events = seen.world.store.all("events")
    for event, at in seen.accepted.items():
        if seen.world.time >= at + T1 and marker(event) not in events and not _still_on_its_way(seen):
            seen.violated("I1", f"event {event.lstrip('0')}, accepted at {at:.1f} s, has no outcome")


def every_event_was_published(seen: Observed) -> None:
    """I1': there is no outcome of an event that nobody sent."""
    known = {marker(event) for event in seen.bodies}
    for name in seen.world.store.all("events"):
        if name not in known:
            seen.violated("I1'", f"the event {name} was never published")


def every_incident_was_paged(seen: Observed) -> None:
    """I1: for every incident somebody is called or texted, unless it was answered before that."""
    paged = {incident for notification in seen.begins for incident in seen.about(notification)}
    paged |= {one["incident"] for one in seen.world.store.all("notifications").values() if _has_its_turn(seen, one)}
    for identity, incident in seen.world.store.all("incidents").items():
        if incident["status"] != "triggered" or identity in paged or seen.world.time < _opened(seen, identity) + T1:
            continue
        # Somebody whose only way is refused for good cannot be paged; that must at least be said.
        if not any(entry["what"] == "alarm" and "no channel is left" in entry["why"] for entry in incident["timeline"]):
            seen.violated("I1", f"nobody was paged for {identity.lstrip('0')}")


def no_page_is_forgotten(seen: Observed) -> None:
    """I1: no notification of an open incident is overdue."""
    incidents = seen.world.store.all("incidents")
    for identity, one in seen.world.store.all("notifications").items():
        incident = incidents[one["incident"]]
        current = incident["status"] == "triggered" and same_episode(incident, one)
        if current and one["next_at"] and seen.world.seconds(one["next_at"]) < seen.world.time - LATEST_TIMER:
            seen.violated("I1", f"{identity.lstrip('0')} is {one['state']}, due since {one['next_at']:%H:%M:%S}")


def escalation_never_stops(seen: Observed) -> None:
    """I4: an incident that waits for an answer has a timer, and none is overdue."""
    for identity, incident in seen.world.store.all("incidents").items():
        if incident["status"] != "triggered":
            continue
        due = incident["next_at"]
        if due is None or seen.world.seconds(due) < seen.world.time - LATEST_TIMER:
            seen.violated("I4", f"{identity.lstrip('0')} waits at level {incident['level']}, its timer is {due}")


def no_answer_is_lost(seen: Observed) -> None:
    """I5: whoever answered a page with its code has ended the waiting of that incident."""
    for meant in seen.meanings.values():
        if meant.wish not in {"ack", "resolve"} or (meant.by_key and meant.key not in seen.words):
            continue
        if seen.world.time < meant.at + FOUND_AGAIN:
            continue
        for incident in meant.incidents:
            history = seen.incidents[incident]
            before = [one for one in history if one.at <= meant.at][-1:]
            if all(one.status == "triggered" for one in (*before, *(one for one in history if one.at > meant.at))):
                seen.violated("I5", f"the {meant.wish} {meant.key.lstrip('SMCA0')} at {meant.at:.1f} s was lost")


def poison_is_put_aside(seen: Observed) -> None:
    """I13: what cannot be read is in quarantine, and was not delivered again and again."""
    aside = seen.world.store.all("quarantine")
    for body in seen.poison:
        if hashlib.sha256(body).hexdigest() not in aside:
            seen.violated("I13", f"{body!r} is not in quarantine")


def statuses_agree(seen: Observed) -> None:
    """I7: of the incidents of one dedup key at most one is open."""
    found: dict[tuple[str, str], str] = {}
    for identity, one in seen.world.store.all("incidents").items():
        if one["status"] != "resolved":
            key = (one["integration"], one["dedup_key"])
            if key in found:
                seen.violated("I7", f"{identity} and {found[key]} are both open")
            found[key] = identity


def everything_is_resolved(seen: Observed) -> None:
    """I9: after the last resolve has arrived nothing is open, whatever arrived late."""
    for identity, one in seen.world.store.all("incidents").items():
        if one["status"] != "resolved":
            seen.violated("I9", f"{identity.lstrip('0')} ({one['dedup_key']}) is {one['status']} in the morning")


def nobody_is_paged_too_often(seen: Observed) -> None:
    """I12, I16: to one number no more goes out in a window than its cap, but for sends of which nothing is sure."""
    sure: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for one in seen.world.store.all("notifications").values():
        doubts = any(line["what"] in {"unknown", "sending again"} for line in one["history"])
        if one["state"] == "sent" and not one["carrier"] and not doubts and one["claimed_at"]:
            sure[one["number"], one["channel"]].append(one["claimed_at"])
    for (number, channel), times in sure.items():
        times.sort()
        for cap in CAPS[channel]:
            windows = zip(times, times[cap.most :], strict=False)
            if any(last - first < cap.window - SKEW for first, last in windows):
                seen.violated("I12", f"{number} got more than {cap.most} by {channel} in {cap.window}")


def what_spoke_for_others_was_sent(seen: Observed) -> None:
    """I12: what counts as told by another page was told: that page was taken by the provider."""
    pages = seen.world.store.all("notifications")
    for identity, one in pages.items():
        if one["carrier"] and one["state"] == "sent" and pages[one["carrier"]]["state"] != "sent":
            seen.violated(
                "I12", f"{identity.lstrip('0')} counts as told, but {one['carrier'].lstrip('0')} was not sent"
            )


AFTER_HEALING = (
    nobody_is_paged_too_often,
    what_spoke_for_others_was_sent,
    every_event_has_one_outcome,
    every_event_was_published,
    every_incident_was_paged,
    no_page_is_forgotten,
    escalation_never_stops,
    no_answer_is_lost,
    statuses_agree,
)
IN_THE_MORNING = (
    poison_is_put_aside,
    every_event_has_one_outcome,
    every_event_was_published,
    everything_is_resolved,
    no_answer_is_lost,
)


# While it happens


def check_call(seen: Observed, notification: str) -> None:
    """I2: a call follows a claim within its lease, and there are three at most."""
    claims = seen.claims.get(notification)
    if not claims:
        seen.violated("I2", f"{notification} is sent without a claim")
    elif seen.world.time > claims[-1] + LEASE:
        seen.violated("I2", f"{notification} is sent {seen.world.time - claims[-1]:.1f} s after its claim")
    if len(seen.sends[notification]) > 3:
        seen.violated("I3", f"{notification} is sent for the {len(seen.sends[notification])}. time")


def check_duplicate(seen: Observed, sent: Sent) -> None:
    """I3: what the provider has accepted is sent again only if a look at its list could not show it."""
    sends = seen.sends[sent.notification]
    if len(sends) < 2:
        return
    seen.duplicates += 1
    earlier = sends[-2]
    looks = [(at, honest) for at, honest in seen.looks[sent.to] if at > earlier.at]
    if not looks:
        seen.violated("I3", f"{sent.notification.lstrip('0')} was sent twice without a look at the list")
    elif looks[-1][1] and looks[-1][0] >= earlier.listed and not _could_be_another_call(seen, sent, earlier):
        seen.violated("I3", f"{sent.notification.lstrip('0')} was sent twice, though the list shows the first one")


def _could_be_another_call(seen: Observed, sent: Sent, earlier: Sent) -> bool:
    """Whether the list could not tell: a call says only whom it rang, and this phone had another one open."""
    user = sent.notification.split("-")[3]
    others = (times for one, times in seen.claims.items() if one != sent.notification and f"-{user}-" in one)
    return sent.kind == "call" and any(abs(at - earlier.at) < NEIGHBOURS for times in others for at in times)


def check_words(seen: Observed, key: str, words: str) -> None:
    """I5: "acknowledged" and "resolved" are only said of what was committed."""
    meant = seen.meanings.get(key)
    if not meant or not meant.wish or meant.wish == "bare":
        return
    for said, status in (("Acknowledged ", "acknowledged"), ("Resolved ", "resolved")):
        stood = (one.status for incident in meant.incidents for one in seen.incidents[incident])
        if said in words and status not in stood:
            seen.violated("I5", f"{key} was told {words!r}, but that was not committed")


def marker(event: str) -> str:
    """Give the name of an event's document."""
    return hashlib.sha256(event.encode()).hexdigest()


def _has_its_turn(seen: Observed, one: Data) -> bool:
    """Whether a page waits for its turn at a phone that has had its share, and the turn is still to come."""
    return bool(
        (one["held"] or one["carrier"]) and one["next_at"] and seen.world.seconds(one["next_at"]) > seen.world.time
    )


def _opened(seen: Observed, identity: str) -> float:
    return seen.incidents[identity][0].at if seen.incidents[identity] else 0.0


def _still_on_its_way(seen: Observed) -> bool:
    return seen.world.queue.routing > 0

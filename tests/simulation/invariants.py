"""What must hold of a night: the invariants, a sentence and a function each."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.simulation import audited, merges, noise, rulings, timers, turns, vigilance
from tests.simulation.commits import is_wanted
from tests.simulation.watched import CANARY

if TYPE_CHECKING:
    from tests.simulation.observed import Observed
    from tests.simulation.telephones import Sent

Data = dict[str, Any]

CLOCK = 0.45
LONGEST_ACCEPTING = 300.0
"""Seconds from an event's acceptance until it is safe: time-outs of the topic and the store, and what else goes on."""

T1 = 30.0
FIRST_RULE = 30.0
"""Seconds after which somebody's first way to be paged is used, at most."""

LEASE = 45.0
NEIGHBOURS = 300.0
FOUND_AGAIN = 80.0
"""Seconds after which a text whose webhook was lost has been found by the sweep."""

LATEST_TIMER = 100.0
"""Seconds after its time within which a timer has fired although its task was lost: a sweep, its grace, its work."""


def every_event_has_one_outcome(seen: Observed) -> None:
    """I1: every accepted event has its outcome within T1, or T2 after the world has healed."""
    ended = marked(seen)
    for event, at in seen.accepted.items():
        if event not in seen.gone and seen.world.time >= at + T1 and event not in ended and not _still_on_its_way(seen):
            seen.violated("I1", f"event {event.lstrip('0')}, accepted at {at:.1f} s, has no outcome")


def every_event_was_published(seen: Observed) -> None:
    """I1': there is no outcome of an event that nobody sent, and none has two."""
    ended = marked(seen)
    for event in ended.keys() - seen.bodies.keys():
        seen.violated("I1'", f"the event {event.lstrip('0')} was never published")
    for event, times in ended.items():
        if times > 1:
            seen.violated("I1", f"the event {event.lstrip('0')} has {times} outcomes")


def every_incident_was_paged(seen: Observed) -> None:
    """I1: for every incident somebody is called or texted, unless it was answered before that."""
    paged = {incident for notification in seen.begins for incident in seen.about(notification)}
    paged |= {
        one["incident"] for one in seen.world.store.all("notifications").values() if noise.has_its_turn(seen, one)
    }
    for identity, incident in seen.world.store.all("incidents").items():
        if incident["status"] != "triggered" or identity in paged or incident["settles_at"]:
            continue
        if seen.world.time < _begins(seen, identity, incident):
            continue
        # Somebody whose only way is refused for good cannot be paged; that must at least be said.
        if not any(entry["what"] == "alarm" and "no channel is left" in entry["why"] for entry in incident["timeline"]):
            seen.violated("I1", f"nobody was paged for {identity.lstrip('0')}")


def no_page_is_forgotten(seen: Observed) -> None:
    """I1: no notification of an open incident is overdue."""
    for identity, one in seen.world.store.all("notifications").items():
        if (
            is_wanted(merges.about(seen, one), one)
            and one["next_at"]
            and seen.world.seconds(one["next_at"]) < seen.world.time - LATEST_TIMER
        ):
            seen.violated("I1", f"{identity.lstrip('0')} is {one['state']}, due since {one['next_at']:%H:%M:%S}")


def escalation_never_stops(seen: Observed) -> None:
    """I4: an incident that waits for an answer, or was answered for so long only, has a timer; none is overdue."""
    for identity, incident in seen.world.store.all("incidents").items():
        if incident["status"] != "triggered" and not timers.wakes(incident):
            continue
        due = incident["next_at"]
        if due is None or seen.world.seconds(due) < seen.world.time - LATEST_TIMER:
            seen.violated(
                "I4", f"{identity.lstrip('0')} is {incident['status']} at level {incident['level']}, its timer is {due}"
            )


def no_answer_is_lost(seen: Observed) -> None:
    """I5: whoever answered a page with its code has ended the waiting of that incident."""
    for meant in seen.meanings.values():
        if meant.wish not in {"ack", "resolve", "snooze"} or (meant.by_key and meant.key not in seen.words):
            continue
        if seen.world.time < meant.at + FOUND_AGAIN:
            continue
        for incident in meant.incidents:
            if not merges.was_answered(seen, incident, meant.at):
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
    """I9: after the last resolve has arrived nothing is open, whatever arrived late, but for the canary on its way."""
    flight = seen.world.store.all("canary").get("current", {}).get("id")
    for identity, one in seen.world.store.all("incidents").items():
        # One that is on nobody's record is closed by the next sweep when it was answered, else by its own last level.
        still_out = one["integration"] == CANARY and (one["dedup_key"] == flight or one["status"] == "triggered")
        if one["status"] != "resolved" and not still_out:
            seen.violated("I9", f"{identity.lstrip('0')} ({one['dedup_key']}) is {one['status']} in the morning")


def what_was_sent_was_taken(seen: Observed) -> None:
    """I1: nobody counts as paged by something that the provider has never taken."""
    taken = {one.sid for one in seen.world.telephones.sent}
    for identity, one in seen.world.store.all("notifications").items():
        if one["state"] == "sent" and one["sid"] not in taken:
            seen.violated("I1", f"{identity.lstrip('0')} counts as sent, but as {one['sid'] or 'nothing'}")


AFTER_HEALING = (
    timers.nothing_is_closed_with_the_idle,
    turns.what_outlasts_a_window_is_told,
    noise.nobody_is_paged_too_often,
    noise.only_what_can_wait_waits_for_money,
    noise.what_spoke_for_others_was_sent,
    every_event_has_one_outcome,
    every_event_was_published,
    every_incident_was_paged,
    no_page_is_forgotten,
    escalation_never_stops,
    no_answer_is_lost,
    statuses_agree,
    what_was_sent_was_taken,
    vigilance.the_watcher_hears,
    vigilance.the_silent_is_told,
    vigilance.the_books_balance,
    audited.the_chain_holds,
)
LONG_AFTER = (
    escalation_never_stops,
    no_page_is_forgotten,
    vigilance.the_watcher_hears,
    vigilance.what_is_answered_rests,
    vigilance.every_level_had_its_time,
)
IN_THE_MORNING = (
    poison_is_put_aside,
    every_event_has_one_outcome,
    every_event_was_published,
    everything_is_resolved,
    no_answer_is_lost,
    what_was_sent_was_taken,
    vigilance.the_books_balance,
    audited.the_chain_holds,
)


# While it happens


def check_date(seen: Observed, event: Data) -> None:
    """I9: an event is dated by our clock when it is accepted, whatever its sender believes the time to be."""
    at = seen.world.seconds(datetime.fromisoformat(event["accepted_at"]))
    if not seen.world.time - LONGEST_ACCEPTING <= at <= seen.world.time + CLOCK:
        seen.violated("I9", f"the event {event['id'].lstrip('0')} is dated {at:.1f} s at {seen.world.time:.1f} s")


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
    # A send may take long, and others may look meanwhile: what counts is what could be known when it was claimed.
    claimed = seen.claims[sent.notification][-1]
    looks = [(at, honest) for at, honest in seen.looks[sent.to] if earlier.at < at <= claimed]
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
    """I5: "acknowledged", "resolved", "snoozed" and "merged" are only said of what was committed."""
    meant = seen.meanings.get(key)
    if not meant or not meant.wish or meant.wish == "bare":
        return
    named = {one for incident in meant.incidents for one in merges.chain(seen, incident)}
    for said, status in merges.SAID.items():
        stood = (one.status for incident in named for one in seen.incidents[incident])
        if said in words and status not in stood:
            seen.violated("I5", f"{key} was told {words!r}, but that was not committed")


def marked(seen: Observed) -> Counter[str]:
    """Count the outcomes of each event, alone in a document or beside its neighbours."""
    documents = seen.world.store.all("events").values()
    return Counter(event["id"] for one in documents for event in (one["event"], *one.get("repeats", ())))


def _begins(seen: Observed, identity: str, incident: Data) -> float:
    """Give when somebody must have been paged: soon after it opened, or was triggered again having been answered."""
    history = seen.incidents[identity]
    if not history:
        return T1
    answered = [number for number, one in enumerate(history) if one.status != "triggered"]
    # What fires again may wait anew for as long as it takes to be stable.
    again = [seen.world.seconds(entry["at"]) for entry in incident["timeline"] if entry["what"] == "fires again"]
    opened = max([history[0].at, *again])
    return history[answered[-1] + 1].at + FIRST_RULE + T1 if answered else opened + T1 + _held(incident)


def _held(incident: Data) -> float:
    """Give how long nobody was to be paged; a timer that was lost is found a sweep later."""
    held = max(rulings.paused(incident), rulings.stable(incident))
    return held + LATEST_TIMER if held else 0.0


def _still_on_its_way(seen: Observed) -> bool:
    return seen.world.queue.routing > 0

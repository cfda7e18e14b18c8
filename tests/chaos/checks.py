"""Says what is wrong after the storm: first what time may still put right, then what nothing can."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.chaos.ledger import Ledger, thing
from tests.chaos.phones import Answer, notification
from tests.chaos.tools import Statement
from tocsin.domain.incident import Incident, Status
from tocsin.domain.notification import LEASE, Notification, State

OVERDUE = timedelta(seconds=15)  # three sweeps
AGAIN = "sending again"


@dataclass(frozen=True)
class Storm:
    """What the world outside saw: what tools stated, texts and calls that were made, answers that people sent."""

    statements: Sequence[Statement]
    sent: Sequence[Mapping[str, Any]]
    confirmations: Sequence[Mapping[str, Any]]
    answers: Sequence[Answer]


def unfinished(ledger: Ledger, storm: Storm, now: datetime) -> Iterator[str]:
    """Give what is not as it must be in the end, but may become so."""
    yield from _lost_events(ledger, storm)
    yield from _unpaged(ledger, storm)
    yield from _overdue(ledger, now)
    yield from _lost_answers(ledger, storm)
    yield from (f"the ledger: {difference}" for difference in ledger.differences)
    yield from (f"{count} documents wait in {name}" for name, count in ledger.left.items() if count)


def broken(ledger: Ledger, storm: Storm) -> Iterator[str]:
    """Give what must never have happened."""
    yield from _phantoms(ledger, storm)
    yield from _twice_open(ledger)
    yield from _wrong_end(ledger, storm)
    yield from _paged_twice(ledger, storm)
    yield from _paged_after_answer(ledger, storm)
    yield from _false_words(ledger, storm)


def repeated(ledger: Ledger, storm: Storm) -> dict[str, int]:
    """Give the notifications that reached the phone more than once, with how many copies were too many."""
    copies = Counter(notification(one) for one in storm.sent)
    return {identity: count - 1 for identity, count in copies.items() if count > 1 and identity in ledger.notifications}


def foretold(one: Notification) -> int:
    """Count the copies that the history admits to: each is written down before it is sent."""
    return sum(line.what == AGAIN for line in one.history)


def _lost_events(ledger: Ledger, storm: Storm) -> Iterator[str]:
    """An accepted statement has an event with its one outcome (a document is an event: there can be no second one)."""
    ended = ledger.outcomes()
    accepted = Counter((one.thing, one.action) for one in storm.statements if one.accepted)
    for key, count in accepted.items():
        if ended[key] < count:
            yield f"{key}: {count} accepted, {ended[key]} have an outcome"
    for identity, event in ledger.events.items():
        if event["incident"] and event["incident"] not in ledger.incidents:
            yield f"event {identity} ({thing(event)}) ended in the incident {event['incident']}, which is not there"


def _unpaged(ledger: Ledger, storm: Storm) -> Iterator[str]:
    """An incident has a text or a call, or waits for its turn at a phone that has had its share, or was answered."""
    paged = {incident.id for one in storm.sent for incident in _about(ledger, notification(one))}
    paged |= {one.incident for one in ledger.notifications.values() if one.next_at and (one.held or one.carrier)}
    for incident in ledger.incidents.values():
        if incident.id not in paged and incident.status is Status.TRIGGERED:
            yield f"nobody was paged for {_name(incident)}, which is open"


def _overdue(ledger: Ledger, now: datetime) -> Iterator[str]:
    for one in ledger.notifications.values():
        if one.next_at and one.next_at < now - OVERDUE:
            yield f"notification {one.id} is {one.state} and was due at {one.next_at:%H:%M:%S}"
        if one.state in {State.SENDING, State.UNKNOWN}:
            yield f"notification {one.id} is {one.state}"
    for incident in ledger.incidents.values():
        if incident.next_at and incident.next_at < now - OVERDUE:
            yield f"{_name(incident)} was to escalate at {incident.next_at:%H:%M:%S}"
        if incident.status is Status.TRIGGERED and not incident.next_at:
            yield f"{_name(incident)} is open and nothing is due"


def _lost_answers(ledger: Ledger, storm: Storm) -> Iterator[str]:
    """Whoever answered by text finds the incident answered; the words all had a code."""
    for answer in storm.answers:
        if answer.sid not in ledger.inbound:
            yield f"the text {answer.words!r} ({answer.sid}) was never taken"
            continue
        for incident in _about(ledger, answer.notification):
            if incident.status is Status.TRIGGERED:
                yield f"{_name(incident)} is open although {answer.words!r} ({answer.sid}) was taken"
            elif "resolve" in answer.words and incident.status is not Status.RESOLVED:
                yield f"{_name(incident)} is {incident.status} although {answer.words!r} ({answer.sid}) was taken"


def _phantoms(ledger: Ledger, storm: Storm) -> Iterator[str]:
    """An event comes from a try of a tool, an incident from an event, a page from a notification."""
    tries: Counter[tuple[str, str]] = Counter()
    for one in storm.statements:
        tries[one.thing, one.action] += one.tries
    yield from (f"{key}: {n} events of {tries[key]} tries" for key, n in ledger.outcomes().items() if n > tries[key])
    opened = {event["incident"] for event in ledger.events.values()}
    yield from (f"{_name(one)} has no event" for one in ledger.incidents.values() if one.id not in opened)
    unknown = {notification(one) for one in storm.sent} - ledger.notifications.keys()
    yield from (f"a page was sent for the notification {one}, which is not there" for one in unknown)


def _twice_open(ledger: Ledger) -> Iterator[str]:
    alive = [one for one in ledger.incidents.values() if one.status is not Status.RESOLVED]
    for key, count in Counter((one.integration, one.dedup_key) for one in alive).items():
        if count > 1:
            yield f"{count} incidents are open for {key}"


def _wrong_end(ledger: Ledger, storm: Storm) -> Iterator[str]:
    """What a tool said last holds: well again, all is closed; in trouble, only a person may have closed it since."""
    incidents: dict[str, dict[str, Incident]] = defaultdict(dict)
    for event in ledger.events.values():
        if event["incident"] in ledger.incidents:
            incidents[thing(event)][event["incident"]] = ledger.incidents[event["incident"]]
    last = {one.thing: one.action for one in storm.statements if one.accepted}
    for name, action in last.items():
        found = sorted(incidents[name].values(), key=lambda one: one.opened_at)
        if action == "resolve":
            yield from (f"{_name(one)} is open after the resolve" for one in found if one.status is not Status.RESOLVED)
        elif not found:
            yield f"{name} was in trouble to the end and has no incident"
        elif found[-1].status is Status.RESOLVED and found[-1].answered_by == found[-1].integration:
            yield f"{_name(found[-1])} is closed by its tool although that said trouble last"


def _paged_twice(ledger: Ledger, storm: Storm) -> Iterator[str]:
    for identity, extra in repeated(ledger, storm).items():
        if extra > foretold(ledger.notifications[identity]):
            history = [(line.what, line.why) for line in ledger.notifications[identity].history]
            yield f"notification {identity} was sent {extra + 1} times, and its history knows nothing of it: {history}"


def _paged_after_answer(ledger: Ledger, storm: Storm) -> Iterator[str]:
    """A page that was claimed before the answer may still go out, for as long as a claim lasts."""
    for made in storm.sent:
        late = [one for one in _about(ledger, notification(made)) if not _is_before(made, one)]
        if late and len(late) == len(_about(ledger, notification(made))):
            yield f"{made['sid']} was made at {made['created_at']}, after {_name(late[0])} was {late[0].status}"


def _is_before(made: Mapping[str, Any], incident: Incident) -> bool:
    """Whether a page was made before its incident was answered, or nobody has."""
    if not incident.answered_at or incident.status is Status.TRIGGERED:
        return True
    return datetime.fromisoformat(made["created_at"]) <= incident.answered_at + LEASE


def _false_words(ledger: Ledger, storm: Storm) -> Iterator[str]:
    """Whoever was told that it is acknowledged or resolved was told the truth."""
    named = {(one.number, one.code): one.id for one in ledger.notifications.values() if one.code}
    for text in storm.confirmations:
        word, _, rest = text["body"].partition(" ")
        meant = _about(ledger, named.get((text["to"], rest[:4]), ""))
        untrue = not meant or any(one.status is Status.TRIGGERED for one in meant)
        if word in {"Acknowledged", "Resolved"} and untrue:
            yield f"{text['body']!r} was said, and it is not so"


def _about(ledger: Ledger, identity: str) -> list[Incident]:
    """Give the incidents that a page spoke for."""
    page = ledger.notifications.get(identity)
    every = [ledger.notifications[one] for one in (identity, *page.carried)] if page else []
    return [ledger.incidents[one.incident] for one in every if one.incident in ledger.incidents]


def _name(incident: Incident) -> str:
    return f"incident {incident.id[:8]} ({incident.title})"

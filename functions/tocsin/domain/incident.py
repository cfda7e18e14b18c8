"""An incident is trouble that somebody must answer: every rule takes one and gives the next one."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.domain.alert import Severity
from tocsin.domain.config import RETENTION, Level, Urgency
from tocsin.domain.notification import Notification
from tocsin.domain.values import dataclass, replace

_LINES = 600
_CHARACTERS, _FEW = 100_000, 10

TEST = "test/"
"""What the integration of a test page begins with: no name in a configuration holds a slash."""


class Status(StrEnum):
    """Where an incident stands; only a triggered one is paged and escalated."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Entry:
    """One line of the timeline: what happened and why; `by` is a user, an integration or empty for Tocsin itself."""

    at: datetime
    what: str
    why: str
    by: str = ""


@dataclass(frozen=True)
class Due:
    """One thing the last change demanded: a notification to send, or (without an id) the escalation timer."""

    at: datetime
    notification: str = ""


@dataclass(frozen=True)
class Firing:
    """One of several troubles that were merged and is not over; a resolve accepted before `since` is not about it."""

    integration: str
    dedup_key: str
    since: datetime


@dataclass(frozen=True)
class Incident:
    """The whole truth about one trouble, but for its notifications, which are documents of their own.

    `generation` rises whenever what was planned loses its meaning: timers carry the generation and level they were
    made for, and do nothing if it has passed. `episode` rises when somebody has answered or passed the page on: only
    then what is still to be sent is not needed any more. `step` counts the pages, whatever their level and round.
    `next_at` is its timer: of a triggered one the escalation, of an acknowledged one when it is triggered again, where
    an acknowledgement holds for so long only or it is snoozed. None means that nothing is due.
    `outbox` holds what the last change demanded, saved with it, so that whoever comes next can ask for it again.
    `new` are the notifications that the change itself makes: they are stored as documents, not in this one.
    `raise_at` is when support hours begin for what has low urgency until then.
    `takers` are those who have taken it at the levels that go round, by circle; `out_of_reach` whoever no channel
    reached. `circles` and `drawn` tell what a change knew of such turns, and are not stored in this document either.
    With `shadow` nothing of it is sent: it only tells who would have been paged.
    `idle_at` is when to look whether anything has joined it for `auto_resolve`; None means never. Of one that was
    resolved for that, or by a person, it says that somebody must still look what had joined before the commit.
    `asked` are the users who were paged beside whoever has it, and have not answered yet.
    `passed_to` is the user whom the last page went to because somebody passed it on.
    With `louder` its timer pages once more where the escalation stands, since it has become more urgent; `raised_step`
    is the step at which it did.
    `firing` are the troubles it holds, once others were `merged` into it or grouped with it; `merged_into` is where it
    went itself.
    `merged_step` is the step at the last merge: pages up to there were about one or the other, and compare with none.
    `paused_until` is when a pause ends in which nobody is paged. One that is `flapping` (how often) is resolved at
    `settles_at`, when nothing of it has come for as long as `stable`.
    `retention` is how long it is kept once it is over.
    `triggered_at` is when the alert that opened it was accepted, `closed_through` the instant its resolve speaks for.
    """

    id: str
    nonce: str
    integration: str
    service: str
    service_name: str
    dedup_key: str
    title: str
    severity: Severity
    urgency: Urgency
    levels: tuple[Level, ...]
    repeat: int
    opened_at: datetime
    triggered_at: datetime
    link: str = ""
    affected: str = ""
    details: str = ""
    status: Status = Status.TRIGGERED
    generation: int = 1
    episode: int = 1
    step: int = 0
    level: int = 0
    round: int = 0
    next_at: datetime | None = None
    outbox: tuple[Due, ...] = ()
    timeline: tuple[Entry, ...] = ()
    answered_by: str = ""
    answered_at: datetime | None = None
    closed_through: datetime | None = None
    acknowledgement_timeout: timedelta | None = None
    auto_resolve: timedelta | None = None
    idle_at: datetime | None = None
    shadow: bool = False
    snoozed_until: datetime | None = None
    priority: str = ""
    asked: tuple[str, ...] = ()
    passed_to: str = ""
    louder: bool = False
    raised_step: int = 0
    firing: tuple[Firing, ...] = ()
    merged: tuple[str, ...] = ()
    merged_into: str = ""
    merged_step: int = 0
    paused_until: datetime | None = None
    flapping: str = ""
    stable: timedelta | None = None
    settles_at: datetime | None = None
    new: tuple[Notification, ...] = ()
    raise_at: datetime | None = None
    retention: timedelta = RETENTION
    takers: Mapping[str, str] = field(default_factory=dict)
    out_of_reach: tuple[str, ...] = ()
    circles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drawn: str = ""

    @property
    def is_paused(self) -> bool:
        """Say whether nobody was paged yet because that was to wait."""
        return self.paused_until is not None and self.step == 0 and self.status is Status.TRIGGERED

    @property
    def is_test(self) -> bool:
        """Say whether it is a test page, which is no trouble: whoever answers it ends it."""
        return self.integration.startswith(TEST)

    @property
    def expires_at(self) -> datetime | None:
        """Give until when it is kept, or None while it is not over: what is open is never forgotten."""
        over = self.status is Status.RESOLVED and not self.idle_at
        return (self.answered_at or self.opened_at) + self.retention if over else None

    def noting(self, at: datetime, what: str, why: str, by: str = "") -> "Incident":
        """Add a line to the timeline; when it grows too long for a document, lines in the middle go."""
        kept = self.timeline
        if len(kept) >= _LINES:
            kept = (*kept[: _LINES // 2], *kept[_LINES // 2 + 1 :])
        kept = (*kept, Entry(at, what, why, by))
        while len(kept) > _FEW and sum(len(one.why) for one in kept) > _CHARACTERS:
            kept = (*kept[: len(kept) // 2], *kept[len(kept) // 2 + 1 :])
        return replace(self, timeline=kept)


def acknowledge(incident: Incident, by: str, now: datetime, how: str) -> Incident:
    """Stop the escalation: whatever was planned finds a later generation. Only a triggered incident changes.

    Where an acknowledgement holds for so long only, the new generation has a timer again.
    """
    if incident.status is not Status.TRIGGERED:
        return incident
    if incident.is_test:
        return resolve(incident, by, now, how)
    answered = _answered(incident, Status.ACKNOWLEDGED, by, now).noting(
        now, "acknowledged", f"{by} acknowledged {how}", by
    )
    return waking(answered, now + incident.acknowledgement_timeout) if incident.acknowledgement_timeout else answered


def snooze(incident: Incident, by: str, until: datetime, now: datetime, how: str) -> Incident:
    """Acknowledge it, whoever has it, for as long as somebody asks and no longer; a resolved one stays as it is."""
    if incident.status is Status.RESOLVED:
        return incident
    quiet = replace(_answered(incident, Status.ACKNOWLEDGED, by, now), snoozed_until=until)
    return waking(quiet, until).noting(now, "snoozed", f"{by} snoozed {how} until {until:%Y-%m-%d %H:%M:%S} UTC", by)


def waking(incident: Incident, at: datetime) -> Incident:
    """Set the timer of an acknowledged incident."""
    return replace(incident, next_at=at, outbox=(Due(at),))


def resolve(incident: Incident, by: str, now: datetime, how: str, through: datetime | None = None) -> Incident:
    """Close it; a trigger accepted after `through` (a person's word counts from now, see `idle_at`) is a new one."""
    if incident.status is Status.RESOLVED:
        return incident
    closed = replace(incident, closed_through=through or now, idle_at=None if through else now, settles_at=None)
    return _answered(closed, Status.RESOLVED, by, now).noting(now, "resolved", f"{by} resolved {how}", by)


def _answered(incident: Incident, status: Status, by: str, now: datetime) -> Incident:
    return replace(
        incident,
        status=status,
        generation=incident.generation + 1,
        episode=incident.episode + 1,
        next_at=None,
        outbox=(),
        answered_by=by,
        answered_at=now,
        snoozed_until=None,
        new=(),
    )


def note(incident: Incident, by: str, words: str, now: datetime) -> Incident:
    """Write down what somebody says; also of what is resolved."""
    return replace(incident, new=()).noting(now, "note", f"{by}: {words}", by)


def prioritise(incident: Incident, by: str, priority: str, now: datetime, how: str) -> Incident:
    """Say how much it matters, P1 most; who is paged and how does not change."""
    ranked = replace(incident, priority=priority, new=())
    return ranked.noting(now, "priority", f"{by} set {priority} {how}", by)


def joined(incident: Incident, user: str, by: str, now: datetime, how: str) -> Incident:
    """Take somebody who was asked beside whoever has it off the list of those who have not answered."""
    if user not in incident.asked:
        return incident
    left = tuple(one for one in incident.asked if one != user)
    return replace(incident, asked=left, new=()).noting(now, "joined", f"{by} joined {how}", by)


def unneeded(incident: Incident, notification: Notification) -> str:
    """Say why a page is not needed any more, or nothing.

    Whoever was asked beside those who have it is paged until they answer themselves.
    """
    if incident.shadow:
        return f"{notification.user_name} would have been paged: the service is in shadow"
    if notification.beside and incident.status is not Status.RESOLVED:
        return "" if notification.user in incident.asked else f"{notification.user_name} has answered"
    if incident.status is not Status.TRIGGERED:
        return f"already {incident.status} by {incident.answered_by}"
    if notification.episode != incident.episode:
        return f"stale: made for episode {notification.episode}, the incident is at {incident.episode}"
    return ""

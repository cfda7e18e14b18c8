"""What an accepted event does: opens an incident, joins one, answers one, or nothing, and why."""

from datetime import datetime
from enum import StrEnum

from tocsin.domain import flapping, grouping, merging, pausing
from tocsin.domain.alert import Action, Event
from tocsin.domain.config import Config
from tocsin.domain.escalation import page_next
from tocsin.domain.graver import is_graver, raised
from tocsin.domain.heartbeat import due
from tocsin.domain.incident import Firing, Incident, Status, acknowledge, resolve
from tocsin.domain.maintenance import Maintenance, window
from tocsin.domain.opening import Minted, open_incident, paused
from tocsin.domain.rules import NOTHING_CHOSEN, Path
from tocsin.domain.values import dataclass, replace


@dataclass(frozen=True)
class Pointer:
    """What stands at a dedup key: its latest incident, and through which instant it was resolved or acknowledged.

    Deliveries overtake each other. The watermarks make them commute: a trigger accepted before the resolve opens
    nothing, and one accepted before the acknowledge opens an incident that is acknowledged already.
    `led_to` is the dedup key that a rule has chosen for what comes with this one; `openings` are when it opened lately.
    It is kept until `expires_at`, and longer while triggers still come.
    """

    incident: str = ""
    resolved_through: datetime | None = None
    acknowledged_through: datetime | None = None
    led_to: str = ""
    openings: tuple[datetime, ...] = ()
    expires_at: datetime | None = None


class Outcome(StrEnum):
    """How an event ended; each has exactly one."""

    OPENED = "opened"
    JOINED = "joined"
    SUPPRESSED = "suppressed"
    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    LATE = "late"
    NOTHING_OPEN = "nothing open"
    RECORDED = "recorded"


@dataclass(frozen=True)
class Routed:
    """The outcome with its reason; incident and pointer are None where they stay as they are.

    With `quiet` nothing is due that was not due before. `until` is when a maintenance window ends that suppressed it.
    """

    outcome: Outcome
    reason: str
    incident: Incident | None = None
    pointer: Pointer | None = None
    quiet: bool = False
    until: datetime | None = None


@dataclass(frozen=True)
class Around:
    """What else a decision is about: what the rules chose, and what was found because of that.

    `group` is the incident that the event joins with its group; `waiting` says how far its threshold is, if that is not
    reached; `others` are the troubles that were counted before it was; `openings` when its group has opened lately.
    """

    path: Path = NOTHING_CHOSEN
    group: Incident | None = None
    waiting: str = ""
    others: tuple[Firing, ...] = ()
    openings: tuple[datetime, ...] = ()


ALONE = Around()


def decide(
    event: Event,
    pointer: Pointer,
    current: Incident | None,
    config: Config,
    minted: Minted,
    now: datetime,
    around: Around = ALONE,
) -> Routed:
    """Say what the event does; `current` is the pointer's incident."""
    if event.alert.action is Action.CHANGE:
        return Routed(Outcome.RECORDED, "change events are recorded and never page")
    if event.alert.action is Action.TRIGGER:
        return _trigger(event, pointer, current, config, minted, now, around)
    alive = _alive(current)
    if event.alert.action is Action.ACKNOWLEDGE:
        return _acknowledge(event, pointer, alive, now)
    if event.alert.action is Action.BEAT:
        return _beat(event, pointer, alive, config, now)
    return _resolve(event, pointer, alive, now)


def _alive(current: Incident | None) -> Incident | None:
    return current if current and current.status is not Status.RESOLVED else None


def _trigger(
    event: Event,
    pointer: Pointer,
    current: Incident | None,
    config: Config,
    minted: Minted,
    now: datetime,
    around: Around,
) -> Routed:
    closed = _latest(pointer.resolved_through, current.closed_through if current else None)
    if closed and event.accepted_at < closed:
        return Routed(Outcome.LATE, "older than the resolve: opens nothing")
    acknowledged = bool((heard := pointer.acknowledged_through) and event.accepted_at < heard)
    hushed = _hushed(event, config, now, around.path)
    alive = _alive(current)
    # What was to be silent does not make an incident older that came after it: an answer to it would answer that one.
    if alive and not (hushed and event.accepted_at < alive.triggered_at):
        return _join(event, pointer, replace(alive, circles=minted.circles), config, now, around.path, hushed)
    if hushed:
        return hushed
    if around.waiting:
        return Routed(Outcome.WAITING, f"waiting: {around.waiting} (rule {around.path.by['threshold']})")
    if around.group:
        return _grouped(event, pointer, replace(around.group, circles=minted.circles), config, now, around.path)
    return _open(event, pointer, config, minted, now, around, acknowledged=acknowledged)


def _hushed(event: Event, config: Config, now: datetime, path: Path) -> Routed | None:
    if path.suppress:
        return Routed(Outcome.SUPPRESSED, f"suppressed by the rule {path.by['suppress']}")
    expected = window(config.maintenance, event, now)
    return suppressed(expected) if expected else None


def _open(
    event: Event, pointer: Pointer, config: Config, minted: Minted, now: datetime, around: Around, *, acknowledged: bool
) -> Routed:
    opened = open_incident(event, config, minted, now, around.path)
    if around.others:
        opened = replace(opened, firing=(*merging.firing(opened), *around.others))
    service = config.services.get(event.service)
    if service and service.flapping:
        known = around.openings if around.path.group else pointer.openings
        pointer = replace(pointer, openings=flapping.openings(known, event.accepted_at, service.flapping))
        opened = flapping.marked(opened, len(pointer.openings), service.flapping, now)
    pointer = replace(pointer, incident=minted.id)
    if acknowledged:
        quiet = acknowledge(replace(opened, new=()), event.integration, now, "before the trigger arrived")
        return Routed(Outcome.OPENED, "opened, acknowledged already", quiet, pointer)
    if around.path.pause:
        why = f"opened a new incident, paused by the rule {around.path.by['pause']}"
        return Routed(Outcome.OPENED, why, paused(opened, around.path, now), pointer)
    return Routed(Outcome.OPENED, "opened a new incident", page_next(opened, config, now), pointer)


def _grouped(event: Event, pointer: Pointer, incident: Incident, config: Config, now: datetime, path: Path) -> Routed:
    grown, known = grouping.take(incident, event, path.group, now), replace(pointer, incident=incident.id)
    reason = f"joined the group {path.group} (rule {path.by['group']}), which is {incident.status}"
    if incident.settles_at:
        return Routed(Outcome.JOINED, reason, flapping.again(grown, event, now), known)
    paged = pausing.joined(grown, event, path, config, now)
    return Routed(Outcome.JOINED, reason, paged, known, quiet=paged is grown)


def _join(
    event: Event, pointer: Pointer, alive: Incident, config: Config, now: datetime, path: Path, hushed: Routed | None
) -> Routed:
    """Join what is open; what overtook a trigger counts for its own incident, not for one that was merged into."""
    known, alive = alive, merging.again(alive, event)
    if alive.settles_at:
        alive = flapping.again(alive, event, now)
    heard = pointer.acknowledged_through
    overtaken = alive.id == pointer.incident and event.accepted_at < alive.triggered_at
    acknowledged = overtaken and heard and event.accepted_at < heard < alive.triggered_at
    if overtaken:
        # An answer to this one answers the trigger that had overtaken it as well.
        alive = replace(alive, triggered_at=event.accepted_at)
    # Only an acknowledge that seemed too old for this incident waits for its trigger; any other has done its work.
    if acknowledged and alive.status is Status.TRIGGERED:
        answered = acknowledge(alive, event.integration, now, "before this trigger arrived")
        return Routed(Outcome.JOINED, "joined; its acknowledge had overtaken it", answered)
    reason = f"joined an incident that is {alive.status}"
    if is_graver(event, alive, config, now, path):
        alive, reason = raised(event, alive, config, now), f"{reason}: raised"
    if not (hushed or known.settles_at):
        alive = pausing.joined(alive, event, path, config, now)
    return Routed(Outcome.JOINED, reason, alive if alive != known else None)


def suppressed(by: Maintenance) -> Routed:
    """Open nothing, since it was expected; what is not over is looked at again when the window ends."""
    why = f"suppressed by the maintenance window {by.name}, until {by.end:%Y-%m-%d %H:%M} UTC"
    return Routed(Outcome.SUPPRESSED, why, until=by.until)


def _acknowledge(event: Event, pointer: Pointer, alive: Incident | None, now: datetime) -> Routed:
    marked = replace(pointer, acknowledged_through=_latest(pointer.acknowledged_through, event.accepted_at))
    if not alive or event.accepted_at < alive.triggered_at:
        return Routed(Outcome.NOTHING_OPEN, "nothing is open for this dedup key: dropped", pointer=marked)
    if alive.status is Status.ACKNOWLEDGED:
        return Routed(Outcome.ACKNOWLEDGED, f"already acknowledged by {alive.answered_by}", pointer=marked)
    answered = acknowledge(alive, event.integration, now, "through the integration")
    return Routed(Outcome.ACKNOWLEDGED, "acknowledged by the integration", answered, marked)


def _resolve(event: Event, pointer: Pointer, alive: Incident | None, now: datetime) -> Routed:
    marked = replace(pointer, resolved_through=_latest(pointer.resolved_through, event.accepted_at))
    if not alive:
        return Routed(Outcome.NOTHING_OPEN, "nothing is open for this dedup key: dropped", pointer=marked)
    if event.accepted_at < merging.since(alive, event):
        return Routed(Outcome.LATE, "older than the trigger that opened the incident", pointer=marked)
    if (left := merging.without(alive, event)).firing:
        reason = f"its part is over, {len(left.firing)} of what was put together still fires"
        said = left.noting(now, "resolved in part", f"{event.integration}: {reason}", event.integration)
        return Routed(Outcome.RESOLVED, reason, said, marked)
    if alive.settles_at:  # a heartbeat, for one, says every minute that all is well
        return Routed(Outcome.RESOLVED, f"it flaps, {alive.flapping}: it is settling already", pointer=marked)
    if alive.stable:
        settling = flapping.settle(alive, event.integration, now)
        return Routed(Outcome.RESOLVED, f"it flaps, {alive.flapping}: resolved once it is stable", settling, marked)
    # The resolve of one of several speaks for none of the others: each has a pointer that knows of its own.
    through = alive.triggered_at if alive.firing else event.accepted_at
    if alive.is_paused:
        closed = resolve(alive, event.integration, now, "within its pause: nobody was paged", through)
        return Routed(Outcome.RESOLVED, "resolved within its pause: nobody was paged", closed, marked)
    closed = resolve(alive, event.integration, now, "through the integration", through)
    return Routed(Outcome.RESOLVED, "resolved by the integration", closed, marked)


def _beat(event: Event, pointer: Pointer, alive: Incident | None, config: Config, now: datetime) -> Routed:
    """Take a beat for a resolve that holds until the next beat is due."""
    monitor = config.integrations.get(event.integration)
    vouched = due(event.accepted_at, monitor.every) if monitor and monitor.every else event.accepted_at
    routed = _resolve(replace(event, accepted_at=vouched), pointer, alive, now)
    if alive:
        return routed
    return replace(routed, outcome=Outcome.RECORDED, reason="a heartbeat, while nothing is open")


def _latest(*instants: datetime | None) -> datetime | None:
    return max((one for one in instants if one), default=None)

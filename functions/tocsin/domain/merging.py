"""Two incidents are one trouble: one is resolved into the other, which stays open until all that it took in is over."""

from datetime import datetime

from tocsin.domain.alert import Event
from tocsin.domain.config import Urgency
from tocsin.domain.incident import Due, Firing, Incident, Status, resolve
from tocsin.domain.values import replace


def merge(source: Incident, target: Incident, by: str, now: datetime, how: str) -> tuple[Incident, Incident]:
    """Resolve the source into the target, and give both; what concerns the source's alerts concerns the target then.

    The target is as urgent as the more urgent of the two, and goes on from where it was. If that is more than it was
    before, and nobody has it, its timer pages once more at once: its pages may wait for the end of quiet hours. So it
    does if nobody is paged for it before a pause is over, and nobody has answered the source, whose pages end here.
    """
    urgency = Urgency.HIGH if Urgency.HIGH in {source.urgency, target.urgency} else target.urgency
    step = max(source.step, target.step)
    grown = replace(
        target,
        step=step,
        merged_step=step,
        urgency=urgency,
        firing=(*firing(target), *firing(source)),
        merged=(*target.merged, source.id, *source.merged),
        asked=tuple(dict.fromkeys((*target.asked, *source.asked))),
        auto_resolve=None,
        idle_at=None,
        new=(),
    )
    # Whether all of them are idle is more than its own alerts can tell.
    stays = "; it is not resolved for being idle any more" if target.auto_resolve else ""
    wakes = target.is_paused and source.status is Status.TRIGGERED and not source.is_paused
    if wakes or urgency is not target.urgency:
        grown = replace(grown, raised_step=step)
        grown = _at_once(grown, now) if target.status is Status.TRIGGERED else grown
    closed = resolve(source, by, now, f"{how}: merged into {target.title}")
    return (
        replace(closed, merged_into=target.id, idle_at=None),
        grown.noting(now, "merged", f"{by} merged {source.title} into this {how}{stays}", by),
    )


def _at_once(incident: Incident, now: datetime) -> Incident:
    paged = tuple(due for due in incident.outbox if due.notification)
    return replace(incident, louder=True, generation=incident.generation + 1, next_at=now, outbox=(*paged, Due(now)))


def since(incident: Incident, event: Event) -> datetime:
    """Give the instant from which on a resolve is about what is open; one before it speaks of an earlier trouble."""
    mine = [one for one in incident.firing if _is_about(one, event)]
    return mine[0].since if mine else incident.triggered_at


def again(incident: Incident, event: Event) -> Incident:
    """Let a merged trouble that was over fire again; anything else changes nothing."""
    if not incident.firing or any(_is_about(one, event) for one in incident.firing):
        return incident
    fired = Firing(event.integration, event.alert.dedup_key, event.accepted_at)
    return replace(incident, firing=(*incident.firing, fired), new=())


def without(incident: Incident, event: Event) -> Incident:
    """Take out the merged trouble that an event says is over."""
    return replace(incident, firing=tuple(one for one in incident.firing if not _is_about(one, event)), new=())


def firing(incident: Incident) -> tuple[Firing, ...]:
    """Give all that fires in an incident, its own trouble if it holds no others."""
    if incident.firing or incident.settles_at:
        return incident.firing
    return (Firing(incident.integration, incident.dedup_key, incident.triggered_at),)


def _is_about(one: Firing, event: Event) -> bool:
    return (one.integration, one.dedup_key) == (event.integration, event.alert.dedup_key)

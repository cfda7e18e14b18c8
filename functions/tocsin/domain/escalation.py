"""Who is paged next: level after level, round after round, then the catch-all for as long as nobody answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.domain import canary, circle, flapping, testpage
from tocsin.domain.config import Config
from tocsin.domain.incident import Due, Incident, Status, resolve
from tocsin.domain.notification import TOLERANCE
from tocsin.domain.people import Chosen, Page, choose, notifications
from tocsin.domain.quiet import reaches
from tocsin.domain.values import replace
from tocsin.domain.wall import weekday_and_clock


def page_next(incident: Incident, config: Config, now: datetime) -> Incident:
    """Page the next level that has anybody and set its timer; an empty one is skipped at once, with an alarm.

    The levels are the incident's own, taken from the policy when it opened; the people are those of today.
    """
    config = testpage.narrowed(config, incident)
    while incident.level < len(incident.levels) or (incident.levels and incident.round < incident.repeat):
        incident = _step(incident)
        if paged := _page_level(incident, config, now):
            return paged
        incident = _skipped(incident, now)
        if incident.level == len(incident.levels) and not _anybody(incident, config, now):
            break
    if incident.is_test:
        return resolve(incident, testpage.NAME, now, "because nobody else is asked for a test")
    if config.canary and incident.integration == config.canary.integration:
        return resolve(incident, canary.NAME, now, "because nobody else is asked for a test")
    return _page_catch_all(incident, config, now)


class Fired(StrEnum):
    """What became of a timer."""

    ESCALATED = "escalated"
    SETTLED = "settled"
    RESUMED = "triggered again"
    ANSWERED = "answered already"
    STALE = "stale timer"
    EARLY = "early timer"


def fire(incident: Incident, generation: int, level: int, now: datetime) -> tuple[Fired, str]:
    """Say what a timer made for one generation and level may do now, with the reason."""
    timed = incident.next_at and (generation, level) == (incident.generation, incident.level)
    if incident.status is Status.RESOLVED or (incident.status is Status.ACKNOWLEDGED and not timed):
        return Fired.ANSWERED, f"already {incident.status} by {incident.answered_by}"
    if (generation, level) != (incident.generation, incident.level):
        return Fired.STALE, f"made for {generation}/{level}, the incident is at {incident.generation}/{incident.level}"
    if incident.next_at and now < incident.next_at - TOLERANCE:
        return Fired.EARLY, "not due yet: set again"
    if flapping.is_stable(incident, now):
        return Fired.SETTLED, "it was flapping, and has been stable since"
    if incident.status is Status.ACKNOWLEDGED:
        return Fired.RESUMED, _lapsed(incident)
    if incident.is_paused:
        return Fired.ESCALATED, "the pause is over"
    if incident.louder:
        return Fired.ESCALATED, "it has become more urgent: paged once more"
    return Fired.ESCALATED, f"nobody answered at {stage(incident)}"


def _lapsed(incident: Incident) -> str:
    if incident.snoozed_until:
        return f"the snooze of {incident.answered_by} is over"
    return f"{incident.answered_by} acknowledged, and it is not resolved in time"


def resume(incident: Incident, config: Config, now: datetime) -> Incident:
    """Trigger an acknowledged incident again, from the first level on; whoever is paged there reads why."""
    words = "Snooze is over" if incident.snoozed_until else "Not resolved yet"
    again = replace(_anew(incident), level=0, round=0)
    return saying(words, page_next(again.noting(now, "triggered again", _lapsed(incident)), config, now))


def saying(words: str, paged: Incident) -> Incident:
    """Let the pages that were just made begin with words of their own."""
    return replace(paged, new=tuple(replace(one, lead=words) for one in paged.new))


def escalate(incident: Incident, config: Config, now: datetime) -> Incident:
    """Go on to the next level because nobody answered in time, or to the next of a round robin that is out of reach.

    What has become more urgent pages once more where it stands, and what was paused pages the first one.
    """
    if incident.is_paused:
        return page_next(incident.noting(now, "pause over", "nobody has resolved it"), config, now)
    if incident.louder:
        return page_again(incident, config, now)
    if instead := _next_of_the_circle(incident, config, now):
        return instead
    return page_next(incident.noting(now, "escalated", f"nobody answered at {stage(incident)}"), config, now)


def escalate_now(incident: Incident, by: str, config: Config, now: datetime, how: str) -> Incident:
    """Go on to the next level because somebody asked for it; an acknowledged incident is triggered again."""
    if incident.is_test:
        return resolve(incident, by, now, how)
    return page_next(_anew(incident).noting(now, "escalated", f"{by} escalated {how}", by), config, now)


def _anew(incident: Incident) -> Incident:
    """Trigger it for whoever comes next: nobody has it any more, and what was planned finds a later generation."""
    return replace(
        incident,
        status=Status.TRIGGERED,
        generation=incident.generation + 1,
        episode=incident.episode + 1,
        answered_by="",
        snoozed_until=None,
    )


def page_again(incident: Incident, config: Config, now: datetime) -> Incident:
    """Page once more where the escalation stands, or whoever it was passed to there.

    What is still to be sent of before is not needed any more. While nobody is to be paged yet, nobody is.
    """
    if incident.is_paused:
        return replace(incident, new=())
    again = replace(incident, generation=incident.generation + 1, episode=incident.episode + 1)
    if to := config.users.get(again.passed_to):
        return _page_instead(again, Chosen(to, "it was passed to them"), config, now)
    if again.level > len(again.levels):
        return _page_catch_all(again, config, now)
    if not again.level:
        return page_next(again, config, now)
    return _page_level(again, config, now) or page_next(_skipped(again, now), config, now)


def _skipped(incident: Incident, now: datetime) -> Incident:
    return incident.noting(now, "alarm", f"level {incident.level} has nobody to page: skipped at once")


def pass_on(incident: Incident, to: Chosen, by: str, config: Config, now: datetime, how: str) -> Incident:
    """Page one person instead of whoever has it; after the level's delay the policy goes on from where it was."""
    noted = _anew(incident).noting(now, "passed on", f"{by} passed it to {to.user.name} {how}", by)
    return saying(f"From {by}", _page_instead(noted, to, config, now))


def _page_instead(incident: Incident, to: Chosen, config: Config, now: datetime) -> Incident:
    on_levels = 0 < incident.level <= len(incident.levels)
    delay = incident.levels[incident.level - 1].delay if on_levels else config.catch_all.every
    paged = _page(incident, (to,), delay, now, f"instead of {stage(incident)}")
    return replace(paged, passed_to=to.user.id)


def add(incident: Incident, chosen: Sequence[Chosen], by: str, now: datetime, how: str) -> Incident:
    """Page more people beside whoever has it or is paged; its timer stays, as that of a new generation.

    The generation rises only so that a notification has an id of its own, however often somebody is asked.
    """
    generation = incident.generation + 1
    page = Page(incident.id, generation, incident.episode, incident.step, incident.level, incident.urgency)
    new = tuple(replace(one, beside=True) for person in chosen for one in notifications(person, page, now))
    # What was paged before stays in the outbox: whether anybody of a level can still be reached is told by it.
    before = tuple(due for due in incident.outbox if due.notification)
    timer = (Due(incident.next_at),) if incident.next_at else ()
    users = (person.user for person in chosen)
    added = replace(
        incident,
        generation=generation,
        asked=(*incident.asked, *(user.id for user in users)),
        new=new,
        outbox=(*before, *(Due(one.due, one.id) for one in new), *timer),
    )
    who = ", ".join(person.user.name for person in chosen)
    return saying(f"{by} asks for help", added.noting(now, "added", f"{by} asked {who} {how}", by))


def stage(incident: Incident) -> str:
    """Say where the escalation stands."""
    if not incident.level:
        return "the pause"
    return f"level {incident.level}" if incident.level <= len(incident.levels) else "the catch-all"


def _step(incident: Incident) -> Incident:
    if incident.level < len(incident.levels):
        return replace(incident, level=incident.level + 1)
    return replace(incident, level=1, round=incident.round + 1, generation=incident.generation + 1)


def _page_level(incident: Incident, config: Config, now: datetime) -> Incident | None:
    """Page the level at which the incident is, or one of those on it; None if it has nobody."""
    level = incident.levels[incident.level - 1]
    chosen = choose(config, level.targets, now)
    if chosen and level.circle:
        incident, one = circle.in_turn(incident, level, chosen)
        chosen = (one,)
    return _page(incident, chosen, level.delay, now, f"level {incident.level}") if chosen else None


def _next_of_the_circle(incident: Incident, config: Config, now: datetime) -> Incident | None:
    if not 0 < incident.level <= len(incident.levels):
        return None
    level = incident.levels[incident.level - 1]
    taker = incident.takers.get(level.circle)
    if taker not in incident.out_of_reach or not circle.willing(incident, choose(config, level.targets, now)):
        return None
    again = replace(incident, generation=incident.generation + 1)
    return _page_level(again.noting(now, "escalated", f"level {incident.level} goes round: the next one"), config, now)


def _anybody(incident: Incident, config: Config, now: datetime) -> bool:
    return any(choose(config, level.targets, now) for level in incident.levels)


def _page_catch_all(incident: Incident, config: Config, now: datetime) -> Incident:
    """Ask the catch-all, again and again: `level` stands one above the last, each repeat is a new generation."""
    first = incident.level <= len(incident.levels)
    known = (config.users.get(user) for user in config.catch_all.users)
    chosen = tuple(Chosen(user, "takes what nobody else takes") for user in known if user)
    why = "the policy is exhausted" if incident.levels else "no policy takes it"
    generation = incident.generation + (0 if first else 1)
    incident = replace(incident, level=len(incident.levels) + 1, generation=generation)
    if first:
        incident = incident.noting(now, "alarm", f"{why}: the catch-all is asked until somebody answers")
    return _page(incident, chosen, config.catch_all.every, now, "the catch-all")


def _page(incident: Incident, chosen: Sequence[Chosen], delay: timedelta, now: datetime, stage: str) -> Incident:
    incident = replace(incident, step=incident.step + 1, louder=False, passed_to="")
    page = Page(incident.id, incident.generation, incident.episode, incident.step, incident.level, incident.urgency)
    new = tuple(one for person in chosen for one in notifications(person, page, now))
    begins = [reaches(person.user, incident.urgency, now) for person in chosen]
    due = min(begins, default=now) + delay  # nobody is passed over because all of them are asleep
    names = ", ".join(_named(person, begin, now) for person, begin in zip(chosen, begins, strict=True))
    outbox = (*(Due(one.due, one.id) for one in new), Due(due))
    paged = replace(incident, next_at=due, new=new, outbox=outbox)
    return paged.noting(now, "paging", f"{stage}: {names or 'nobody'}")


def _named(person: Chosen, begin: datetime, now: datetime) -> str:
    waits = f"; quiet hours until {weekday_and_clock(begin, person.user.time_zone)}" if begin > now else ""
    return f"{person.user.name} ({person.because}{waits})"

"""What somebody orders about an incident besides an answer: snooze it, pass it on, add somebody, note, rank, merge."""

from datetime import datetime, timedelta

from tocsin.domain import names, wording
from tocsin.domain.config import Config
from tocsin.domain.escalation import add, pass_on
from tocsin.domain.incident import Incident, Status, joined, note, prioritise, resolve, snooze
from tocsin.domain.merging import merge
from tocsin.domain.people import Chosen, choose
from tocsin.domain.replies import Reply, Wish, length
from tocsin.domain.values import dataclass
from tocsin.domain.wall import day_and_clock

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=7)
"""How long a snooze can be, as on PagerDuty."""

ORDERS = frozenset({Wish.SNOOZE, Wish.PASS, Wish.ADD, Wish.NOTE, Wish.PRIORITY})


@dataclass(frozen=True)
class Said:
    """Who said it (the name, and the user's id if there is one), how, when, and in which zone they read times.

    For the audit: the organisation whose user it is, and the `login` of whoever typed it.
    """

    by: str
    how: str
    at: datetime
    user: str = ""
    zone: str = "UTC"
    organisation: str = ""
    login: str = ""


@dataclass(frozen=True)
class Ordered:
    """The words for the person; `incidents` are those it changed, none when it could not be done."""

    words: str
    incidents: tuple[Incident, ...] = ()


def order(asked: Reply, incident: Incident, said: Said, config: Config, now: datetime) -> Ordered:
    """Do what is asked about an incident, or say why not; a note may also be made when all is over."""
    if asked.wish is Wish.NOTE:
        return _note(asked, incident, said, now)
    if incident.status is Status.RESOLVED:
        return Ordered(wording.already(incident, asked.code, said.zone))
    if incident.is_test:  # it is nobody else's: whatever is said of it, it has arrived
        over = resolve(incident, said.by, now, said.how)
        return Ordered(wording.done(over, asked.code, said.zone), (over,))
    if asked.wish is Wish.ADD:
        return _add(asked, incident, said, config, now)
    if asked.wish is Wish.PRIORITY:
        ranked = prioritise(incident, said.by, f"P{asked.rest[-1:]}", now, said.how)
        return Ordered(wording.changed(f"Priority {ranked.priority}", ranked, asked.code), (ranked,))
    if incident.answered_at and said.at <= incident.answered_at:
        # Written before the answer, found after it: what somebody has taken since is not taken away again.
        return Ordered(wording.already(incident, asked.code, said.zone))
    if asked.wish is Wish.SNOOZE:
        return _snooze(asked, incident, said, now)
    return _pass_on(asked, incident, said, config, now)


def _snooze(asked: Reply, incident: Incident, said: Said, now: datetime) -> Ordered:
    lasting = length(asked.rest)
    if lasting is None or not SHORTEST <= lasting <= LONGEST:
        return Ordered(wording.SNOOZES)
    quiet = snooze(joined(incident, said.user, said.by, now, said.how), said.by, now + lasting, now, said.how)
    until, tail = day_and_clock(now + lasting, now, said.zone), "" if quiet.asked else "Nobody is paged until then"
    return Ordered(wording.changed(f"Snoozed until {until}", quiet, asked.code, tail), (quiet,))


def _pass_on(asked: Reply, incident: Incident, said: Said, config: Config, now: datetime) -> Ordered:
    found = names.users(config, asked.rest)
    if len(found) != 1:
        return Ordered(wording.not_one(asked.rest, [target.id for target in found]))
    to = Chosen(config.users[found[0].id], f"asked by {said.by}")
    passed = pass_on(joined(incident, said.user, said.by, now, said.how), to, said.by, config, now, said.how)
    words = f"Passed to {to.user.name}, who is paged {wording.paged(passed, now, said.zone)}"
    return Ordered(wording.changed(words, passed, asked.code), (passed,))


def _add(asked: Reply, incident: Incident, said: Said, config: Config, now: datetime) -> Ordered:
    found = names.targets(config, asked.rest)
    if len(found) != 1:
        return Ordered(wording.not_one(asked.rest, [target.id for target in found]))
    fresh = [one.user for one in choose(config, found, now) if one.user.id not in incident.asked]
    if not fresh:
        return Ordered(wording.nobody_new(asked.rest))
    chosen = tuple(Chosen(user, f"asked by {said.by}") for user in fresh)
    added = add(incident, chosen, said.by, now, said.how)
    who, when = ", ".join(user.name for user in fresh), wording.paged(added, now, said.zone)
    words = f"Paged as well: {who}" if when == wording.NOW else f"Paged as well {when}: {who}"
    return Ordered(wording.changed(words, added, asked.code), (added,))


def _note(asked: Reply, incident: Incident, said: Said, now: datetime) -> Ordered:
    if len(asked.rest) > wording.LONGEST_NOTE:
        return Ordered(wording.NOTES)
    noted = note(incident, said.by, asked.rest, now)
    return Ordered(wording.changed("Noted", noted, asked.code), (noted,))


def join_up(source: Incident, target: Incident, code: str, said: Said, now: datetime) -> Ordered:
    """Merge one incident into another; both must be open, and neither a test page or over already."""
    if source.id == target.id:
        return Ordered(wording.SAME)
    if source.is_test or target.is_test:
        return Ordered(wording.TEST)
    for one in (source, target):
        if one.status is Status.RESOLVED:
            return Ordered(wording.already(one, code, said.zone))
    if source.settles_at or target.settles_at:
        return Ordered(wording.SETTLING)
    both = merge(source, target, said.by, now, said.how)
    return Ordered(wording.changed(f"Merged {wording.title(source)[:60]}", target, code, joint=" into "), both)

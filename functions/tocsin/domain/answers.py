"""What a reply does to the incident it names, and the words that say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.domain import wording
from tocsin.domain.config import Config
from tocsin.domain.escalation import escalate_now
from tocsin.domain.incident import Incident, Status, acknowledge, resolve
from tocsin.domain.replies import Reply, Wish


@dataclass(frozen=True)
class About:
    """An incident, and the step of a phone's last page about it."""

    incident: Incident
    step: int


@dataclass(frozen=True)
class Page:
    """A code and what it means on this phone: one incident, or all those of a digest.

    `sent` says that this phone is sure to have it: a bare answer can only mean what was read.
    """

    code: str
    about: tuple[About, ...]
    sent: bool = True

    @property
    def waiting(self) -> frozenset[str]:
        """Give the incidents that somebody still has to answer."""
        return frozenset(one.incident.id for one in self.about if one.incident.status is Status.TRIGGERED)


@dataclass(frozen=True)
class Said:
    """Who said it, how, and when it was written."""

    by: str
    how: str
    at: datetime


@dataclass(frozen=True)
class Answer:
    """The words for the person; `incidents` are those it changed; `passive` when no command earned the answer."""

    words: str
    incidents: tuple[Incident, ...] = ()
    passive: bool = False


def answer(reply: Reply, pages: Sequence[Page], said: Said, config: Config, now: datetime) -> Answer:
    """Do what was asked for, if it is certain what that is; `pages` are those on this phone the reply can mean."""
    if reply.wish not in {Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE}:
        return Answer(wording.HELP, passive=True)
    if reply.code:
        named = [page for page in pages if page.code == reply.code]
        return act(reply.wish, named[0], said, config, now) if named else _unknown(reply.code)
    waiting = list({page.waiting: page for page in pages if page.waiting}.values())
    if len(waiting) == 1 and waiting[0].sent:
        return act(reply.wish, waiting[0], said, config, now)
    if waiting:
        choices = [(page.code, [one.incident for one in page.about]) for page in waiting]
        return Answer(wording.choices(choices), passive=True)
    return _latest(pages) or Answer(wording.NOTHING_OPEN, passive=True)


def act(wish: Wish, page: Page, said: Said, config: Config, now: datetime) -> Answer:
    """Acknowledge, resolve or escalate what a page is about, or say who has done so already."""
    acted = [_act(wish, page.code, one, said, config, now) for one in page.about]
    if len(acted) == 1:
        return acted[0]
    changed = tuple(incident for one in acted for incident in one.incidents)
    if changed:
        return Answer(wording.done_all(list(changed), len(acted), page.code), changed)
    return Answer(wording.nothing_left(len(acted), page.code))


def _act(wish: Wish, code: str, about: About, said: Said, config: Config, now: datetime) -> Answer:
    incident = about.incident
    if incident.status is Status.RESOLVED:
        return Answer(wording.already(incident, code))
    if wish is Wish.ESCALATE:
        if incident.answered_at and said.at <= incident.answered_at:
            # Written before the answer, found after it: what somebody has taken since is not taken away again.
            return Answer(wording.already(incident, code))
        if about.step < incident.step:
            # What this person could pass on has been passed on; doing it again would skip the one who has it now.
            return Answer(wording.passed_on(incident, code))
        changed = escalate_now(incident, said.by, config, now, said.how)
    elif wish is Wish.RESOLVE:
        changed = resolve(incident, said.by, now, said.how)
    elif incident.status is Status.ACKNOWLEDGED:
        return Answer(wording.already(incident, code))
    else:
        changed = acknowledge(incident, said.by, now, said.how)
    return Answer(wording.done(changed, code), (changed,))


def _unknown(code: str) -> Answer:
    # Always answered: whoever mistypes a code at night must not take the silence for consent.
    return Answer(wording.UNKNOWN_CODE.format(code=code))


def _latest(pages: Sequence[Page]) -> Answer | None:
    """Tell whoever answers last that somebody else was quicker, rather than that nothing is open."""
    taken = [
        (one.incident, page.code) for page in pages for one in page.about if one.incident.status is Status.ACKNOWLEDGED
    ]
    if not taken:
        return None
    incident, code = max(taken, key=lambda one: one[0].opened_at)
    return Answer(wording.already(incident, code), passive=True)

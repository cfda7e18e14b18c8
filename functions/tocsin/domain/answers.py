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
class Page:
    """A code, the incident that it names on this phone, and the step of this phone's last page.

    `sent` says that this phone is sure to have it: a bare answer can only mean what was read.
    """

    code: str
    incident: Incident
    step: int
    sent: bool = True


@dataclass(frozen=True)
class Said:
    """Who said it, how, and when it was written."""

    by: str
    how: str
    at: datetime


@dataclass(frozen=True)
class Answer:
    """The words for the person; `incident` is set when it changed; `passive` when no command earned the answer."""

    words: str
    incident: Incident | None = None
    passive: bool = False


def answer(reply: Reply, pages: Sequence[Page], said: Said, config: Config, now: datetime) -> Answer:
    """Do what was asked for, if it is certain what that is; `pages` are those on this phone the reply can mean."""
    if reply.wish not in {Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE}:
        return Answer(wording.HELP, passive=True)
    if reply.code:
        named = [page for page in pages if page.code == reply.code]
        return act(reply.wish, named[0], said, config, now) if named else _unknown(reply.code)
    waiting = {page.incident.id: page for page in pages if page.incident.status is Status.TRIGGERED}
    if len(waiting) == 1 and next(iter(waiting.values())).sent:
        return act(reply.wish, next(iter(waiting.values())), said, config, now)
    if waiting:
        return Answer(wording.choices([(page.code, page.incident) for page in waiting.values()]), passive=True)
    return _latest(pages) or Answer(wording.NOTHING_OPEN, passive=True)


def act(wish: Wish, page: Page, said: Said, config: Config, now: datetime) -> Answer:
    """Acknowledge, resolve or escalate one incident, or say who has done so already."""
    code, incident = page.code, page.incident
    if incident.status is Status.RESOLVED:
        return Answer(wording.already(incident, code))
    if wish is Wish.ESCALATE:
        if incident.answered_at and said.at <= incident.answered_at:
            # Written before the answer, found after it: what somebody has taken since is not taken away again.
            return Answer(wording.already(incident, code))
        if page.step < incident.step:
            # What this person could pass on has been passed on; doing it again would skip the one who has it now.
            return Answer(wording.passed_on(incident, code))
        changed = escalate_now(incident, said.by, config, now, said.how)
    elif wish is Wish.RESOLVE:
        changed = resolve(incident, said.by, now, said.how)
    elif incident.status is Status.ACKNOWLEDGED:
        return Answer(wording.already(incident, code))
    else:
        changed = acknowledge(incident, said.by, now, said.how)
    return Answer(wording.done(changed, code), changed)


def _unknown(code: str) -> Answer:
    # Always answered: whoever mistypes a code at night must not take the silence for consent.
    return Answer(wording.UNKNOWN_CODE.format(code=code))


def _latest(pages: Sequence[Page]) -> Answer | None:
    """Tell whoever answers last that somebody else was quicker, rather than that nothing is open."""
    acknowledged = [page for page in pages if page.incident.status is Status.ACKNOWLEDGED]
    if not acknowledged:
        return None
    latest = max(acknowledged, key=lambda page: page.incident.opened_at)
    return Answer(wording.already(latest.incident, latest.code), passive=True)

"""What a reply does to the incident it names, and the words that say so."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tocsin.domain import terminal, wording
from tocsin.domain.circle import Circle
from tocsin.domain.config import Config
from tocsin.domain.escalation import escalate_now
from tocsin.domain.incident import Incident, Status, acknowledge, joined, resolve
from tocsin.domain.orders import ORDERS, Ordered, Said, join_up, order
from tocsin.domain.replies import Reply, Wish
from tocsin.domain.values import dataclass, replace

LOCKED = "answers by text are locked"
_ANSWERS = frozenset({Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE})


@dataclass(frozen=True)
class About:
    """An incident, and the step of a phone's last page about it."""

    incident: Incident
    step: int

    def knowing(self, circles: Mapping[str, Circle]) -> "About":
        """Let it know whose turn it is at the levels that go round."""
        return replace(self, incident=replace(self.incident, circles={**self.incident.circles, **circles}))

    @property
    def passed_on(self) -> bool:
        """Say whether somebody else has been paged since; steps of before a merge do not compare."""
        return max(self.step, self.incident.merged_step) < self.incident.step


@dataclass(frozen=True)
class Page:
    """A code and what it means on this phone: one incident, or all those of a digest.

    `sent` says that this phone is sure to have it: a bare answer can only mean what was read.
    """

    code: str
    about: tuple[About, ...]
    sent: bool = True

    def knowing(self, circles: Mapping[str, Circle]) -> "Page":
        """Let all of them know whose turn it is at the levels that go round."""
        return replace(self, about=tuple(one.knowing(circles) for one in self.about))

    def waiting(self, user: str) -> frozenset[str]:
        """Give the incidents that somebody still has to answer, or this user because of having been asked."""
        return frozenset(one.incident.id for one in self.about if _waits(one.incident, user))


def _waits(incident: Incident, user: str) -> bool:
    return incident.status is Status.TRIGGERED or (incident.status is Status.ACKNOWLEDGED and user in incident.asked)


@dataclass(frozen=True)
class Answer:
    """The words for the person; `incidents` are those it changed; `passive` when no command earned the answer.

    `denied` says why what was asked for is nothing this phone may ask.
    """

    words: str
    incidents: tuple[Incident, ...] = ()
    passive: bool = False
    denied: str = ""


def answer(reply: Reply, pages: Sequence[Page], said: Said, config: Config, now: datetime) -> Answer:
    """Do what was asked for, if it is certain what that is; `pages` are those on this phone the reply can mean."""
    if reply.wish in {Wish.WHO, Wish.STATUS}:
        return _told(reply, pages, said, config, now)
    if reply.wish not in _ANSWERS and not (reply.code and reply.wish in {Wish.MERGE, *ORDERS}):
        return Answer(wording.HELP, passive=True)
    if not reply.code:
        return _bare(reply.wish, pages, said, config, now)
    named = {page.code: page for page in reversed(pages)}
    if missing := [code for code in _codes(reply) if code not in named]:
        return _unknown(missing[0])
    if reply.wish is Wish.MERGE:
        return _merge(named[reply.code], named[reply.rest], said, now)
    if reply.wish in ORDERS:
        page = named[reply.code]
        meant = _left_to(reply.wish, page, said)
        return _all([order(reply, one.incident, said, config, now) for one in meant], page)
    return act(reply.wish, named[reply.code], said, config, now)


def unless_locked(answer: Answer, until: datetime | None) -> Answer:
    """Let nothing be changed, nor a code be tried, from a phone in whose name somebody has been guessing codes."""
    if not until or not (answer.incidents or answer.denied):
        return answer
    return Answer(wording.LOCKED.format(until=f"{until:%H:%M}"), denied=LOCKED)


def _told(reply: Reply, pages: Sequence[Page], said: Said, config: Config, now: datetime) -> Answer:
    """Answer a question; of an incident with several codes the first is told."""
    alive = [(page.code, one.incident) for page in pages for one in page.about]
    open_here = {one.id: (code, one) for code, one in reversed(alive) if one.status is not Status.RESOLVED}
    if reply.wish is Wish.STATUS:
        return Answer(terminal.status(list(open_here.values()), now, said.zone))
    words = terminal.who(reply.rest, [one for _, one in open_here.values()], config, now, said.zone)
    return Answer(words, passive=bool(reply.rest))  # a name may be the rest of a sentence that was not for us


def _codes(reply: Reply) -> tuple[str, ...]:
    return (reply.code, reply.rest) if reply.wish is Wish.MERGE else (reply.code,)


def _bare(wish: Wish, pages: Sequence[Page], said: Said, config: Config, now: datetime) -> Answer:
    """Do without a code only what is certain: acknowledge the only page that waits."""
    waiting = list({page.waiting(said.user): page for page in pages if page.waiting(said.user)}.values())
    if len(waiting) == 1 and waiting[0].sent:
        return act(wish, waiting[0], said, config, now)
    if waiting:
        choices = [(page.code, [one.incident for one in page.about]) for page in waiting]
        return Answer(wording.choices(choices), passive=True)
    return _latest(pages, said) or Answer(wording.NOTHING_OPEN, passive=True)


def _merge(source: Page, target: Page, said: Said, now: datetime) -> Answer:
    """Merge one page into another; what one digest into several incidents would mean nobody knows."""
    if len(target.about) != 1 or len(source.about) != 1:
        return Answer(wording.ONE_EACH)
    return _all([join_up(source.about[0].incident, target.about[0].incident, target.code, said, now)], target)


def _left_to(wish: Wish, page: Page, said: Said) -> tuple[About, ...]:
    """Give what an answer means: of a digest nothing that somebody else has taken since is taken away again."""
    if len(page.about) == 1 or wish not in {Wish.ESCALATE, Wish.PASS, Wish.SNOOZE}:
        return page.about
    return tuple(one for one in page.about if not _is_anothers(one.incident, said))


def _is_anothers(incident: Incident, said: Said) -> bool:
    return incident.status is Status.ACKNOWLEDGED and incident.answered_by != said.by


def _all(done: Sequence[Ordered], page: Page) -> Answer:
    """Give one answer for what was done to each incident of a page."""
    changed = [one for one in done if one.incidents]
    words = (changed or done)[0].words if done else wording.nothing_left(len(page.about), page.code)
    if len(changed) > 1:
        words = wording.changed_all(words, len(changed), len(page.about))
    return Answer(words, tuple(incident for one in changed for incident in one.incidents))


def act(wish: Wish, page: Page, said: Said, config: Config, now: datetime) -> Answer:
    """Acknowledge, resolve or escalate what a page is about, or say who has done so already."""
    acted: list[Answer] = []
    moved: dict[str, Circle] = {}  # what each takes is nobody's turn for the next one
    for one in _left_to(wish, page, said):
        acted.append(_act(wish, page.code, one.knowing(moved), said, config, now))
        moved |= {each.drawn: each.circles[each.drawn] for each in acted[-1].incidents if each.drawn in each.circles}
    if len(page.about) == 1:
        return acted[0]
    changed = tuple(incident for one in acted for incident in one.incidents)
    if changed:
        return Answer(wording.done_all(list(changed), len(page.about), page.code, said.zone), changed)
    return Answer(wording.nothing_left(len(page.about), page.code))


def _act(wish: Wish, code: str, about: About, said: Said, config: Config, now: datetime) -> Answer:
    incident = about.incident
    if incident.status is Status.RESOLVED:
        return Answer(wording.already(incident, code, said.zone))
    if wish is Wish.ESCALATE:
        if incident.answered_at and said.at <= incident.answered_at:
            # Written before the answer, found after it: what somebody has taken since is not taken away again.
            return Answer(wording.already(incident, code, said.zone))
        if about.passed_on:
            # What this person could pass on has been passed on; doing it again would skip the one who has it now.
            return Answer(wording.passed_on(incident, code))
        changed = escalate_now(incident, said.by, config, now, said.how)
    elif wish is Wish.RESOLVE:
        changed = resolve(incident, said.by, now, said.how)
    elif incident.status is Status.ACKNOWLEDGED:
        if said.user in incident.asked:
            beside = joined(incident, said.user, said.by, now, said.how)
            return Answer(wording.joined(beside, code), (beside,))
        return Answer(wording.already(incident, code, said.zone))
    else:
        changed = acknowledge(joined(incident, said.user, said.by, now, said.how), said.by, now, said.how)
    return Answer(wording.done(changed, code, said.zone), (changed,))


def _unknown(code: str) -> Answer:
    # Always answered: whoever mistypes a code at night must not take the silence for consent.
    return Answer(wording.UNKNOWN_CODE.format(code=code), denied="a code that means nothing on this phone")


def _latest(pages: Sequence[Page], said: Said) -> Answer | None:
    """Tell whoever answers last that somebody else was quicker, rather than that nothing is open."""
    taken = [
        (one.incident, page.code) for page in pages for one in page.about if one.incident.status is Status.ACKNOWLEDGED
    ]
    if not taken:
        return None
    incident, code = max(taken, key=lambda one: one[0].opened_at)
    return Answer(wording.already(incident, code, said.zone), passive=True)

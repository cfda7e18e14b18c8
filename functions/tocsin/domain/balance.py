"""Whether the books balance: every accepted event ended in one visible outcome or is open, and no page is stuck."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tocsin.domain.incident import Status
from tocsin.domain.routing import Outcome
from tocsin.domain.values import dataclass

LATE = timedelta(seconds=150)
"""How long trouble may take to heal by itself: two sweeps and the longest wait between them."""

QUARANTINED = "quarantined"
_OUTCOMES = frozenset(Outcome)
_CONCERNS = frozenset({Outcome.OPENED, Outcome.JOINED, Outcome.ACKNOWLEDGED, Outcome.RESOLVED})
"""The outcomes that name an incident; it must exist."""


@dataclass(frozen=True)
class Ended:
    """What a document says became of its `events`; a text, because it may be none of the outcomes."""

    accepted_at: datetime
    outcome: str
    incident: str
    events: int = 1


@dataclass(frozen=True)
class Spilled:
    """A message that was kept aside while Pub/Sub was away; once it does not wait any more it is routed.

    Of what was handed back to Pub/Sub `handed_at` says when.
    """

    accepted_at: datetime
    waiting: bool
    events: int = 1
    handed_at: datetime | None = None


@dataclass(frozen=True)
class Quarantined:
    """A message that could not be routed, and the first event it holds; `recent` if that lies in the time looked at."""

    event: str
    recent: bool
    replayed: bool
    events: int = 1


@dataclass(frozen=True)
class Standing:
    """As much of an incident as the books need."""

    id: str
    title: str
    status: Status
    episode: int
    next_at: datetime | None = None


@dataclass(frozen=True)
class Page:
    """As much of an unfinished notification as the books need."""

    id: str
    incident: str
    episode: int
    user_name: str
    channel: str
    state: str
    due: datetime
    next_at: datetime | None = None

    @property
    def awaited(self) -> datetime:
        """Give when somebody should have looked at it: what waits for its turn at a phone is not late."""
        return max(self.due, self.next_at or self.due)


@dataclass(frozen=True)
class Books:
    """What was found. Events, spilled and quarantined ones are named alike, so that none counts twice.

    An incident that was looked for and does not exist is None; one that was not looked for is not there. `pages` are
    the unfinished notifications that somebody should have looked at by now; `reached` are those incidents without a
    timer for which a notification was begun or is due, `phantoms` those that no event names.
    """

    events: Mapping[str, Ended]
    spilled: Mapping[str, Spilled]
    quarantined: tuple[Quarantined, ...]
    incidents: Mapping[str, Standing | None]
    pages: tuple[Page, ...] = ()
    reached: frozenset[str] = frozenset()
    phantoms: frozenset[str] = frozenset()
    unknown_sends: int = 0


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it must be: the document (or where it should be) and a sentence."""

    document: str
    sentence: str


@dataclass(frozen=True)
class Balance:
    """The sum; `unsent_since` is when the oldest unsent page that is still needed was due."""

    accepted: int
    outcomes: Mapping[str, int]
    open: int
    unsent_since: datetime | None
    unknown_sends: int
    not_replayed: int
    differences: tuple[Difference, ...]

    @property
    def ended(self) -> int:
        """Count what came to an end; what is neither ended nor open is among the differences."""
        return sum(self.outcomes.values())


def balance(books: Books, now: datetime) -> Balance:
    """Add up the books and name, one by one, everything that is not as it must be."""
    recent = {one.event: one for one in books.quarantined if one.recent and one.event not in books.events}
    spilled = {event: one for event, one in books.spilled.items() if event not in books.events}
    counted: Counter[str] = Counter()
    for one in books.events.values():
        counted[one.outcome] += one.events
    counted[QUARANTINED] = sum(one.events for one in recent.values() if not one.replayed)
    needed = [page for page in books.pages if _is_needed(page, books)]
    return Balance(
        accepted=sum(_sizes(recent, spilled, books.events).values()),
        outcomes={name: counted[name] for name in (*Outcome, QUARANTINED)},
        open=sum(one.events for one in spilled.values() if one.waiting),
        unsent_since=min((page.due for page in needed), default=None),
        unknown_sends=books.unknown_sends,
        not_replayed=sum(not one.replayed for one in books.quarantined),
        differences=(
            *_events(books),
            *_spilled(books, now),
            *_replayed(books),
            *_incidents(books, now),
            *_pages(needed, books, now),
        ),
    )


def _sizes(*kinds: Mapping[str, Quarantined] | Mapping[str, Spilled] | Mapping[str, Ended]) -> dict[str, int]:
    """Count the events of each name; the last kind that has it counts."""
    return {name: one.events for kind in kinds for name, one in kind.items()}


def _events(books: Books) -> Iterator[Difference]:
    for event, one in books.events.items():
        path, accepted = f"events/{event}", f"the event accepted at {_time(one.accepted_at)}"
        if one.outcome not in _OUTCOMES:
            yield Difference(path, f'{accepted} has no outcome: its document says "{one.outcome}"')
        elif one.outcome in _CONCERNS and not one.incident:
            yield Difference(path, f"{accepted} is {one.outcome}, but names no incident")
        elif one.outcome in _CONCERNS and books.incidents.get(one.incident, one) is None:
            yield Difference(path, f"{accepted} is {one.outcome}, but its incident {one.incident} does not exist")


def _spilled(books: Books, now: datetime) -> Iterator[Difference]:
    unrouted = {event: one for event, one in books.spilled.items() if event not in books.events}
    for event, one in unrouted.items():
        path, accepted = f"spill/{event}", f"the event accepted at {_time(one.accepted_at)} while Pub/Sub was away"
        waited = now - (one.handed_at or one.accepted_at)
        if one.waiting and waited > LATE:
            yield Difference(path, f"{accepted} has been waiting for {_length(waited)}: nobody sweeps")
        elif not one.waiting:
            yield Difference(path, f"{accepted} was taken off the list, and nothing says what became of it")


def _replayed(books: Books) -> Iterator[Difference]:
    for one in books.quarantined:
        if one.replayed and one.event not in books.events:
            sentence = "a quarantined message is marked as replayed, and nothing says what became of it"
            yield Difference(f"events/{one.event}", sentence)


def _incidents(books: Books, now: datetime) -> Iterator[Difference]:
    known = [one for one in books.incidents.values() if one]
    for one in known:
        if one.id in books.phantoms:
            yield Difference(f"incidents/{one.id}", f'"{one.title}" was opened by nothing: no accepted event names it')
        if one.status is Status.ACKNOWLEDGED and one.next_at and now - one.next_at > LATE:
            late = f"should have been triggered again {_length(now - one.next_at)} ago"
            yield Difference(f"incidents/{one.id}", f'"{one.title}" is acknowledged, and {late}')
    alive = [one for one in known if one.status is Status.TRIGGERED]
    for one in alive:
        path, named = f"incidents/{one.id}", f'"{one.title}" is triggered'
        if one.next_at is None and one.id not in books.reached:
            yield Difference(path, f"{named}, and nobody was or will be notified: it has no notification and no timer")
        elif one.next_at is None:
            yield Difference(path, f"{named}, but has no timer: when nobody answers, nobody else is asked")
        elif now - one.next_at > LATE:
            yield Difference(path, f"{named}, and its escalation has been overdue for {_length(now - one.next_at)}")


def _pages(needed: list[Page], books: Books, now: datetime) -> Iterator[Difference]:
    for page in needed:
        incident = books.incidents[page.incident]
        if incident and now - page.awaited > LATE:
            what = f'the {page.channel} to {page.user_name} about "{incident.title}"'
            late = f"was due {_length(now - page.due)} ago and is {page.state}"
            yield Difference(f"notifications/{page.id}", f"{what} {late}")


def _is_needed(page: Page, books: Books) -> bool:
    """Say whether anybody still waits for it: an answer, or passing it on, makes it meaningless."""
    incident = books.incidents.get(page.incident)
    return bool(incident and incident.status is Status.TRIGGERED and incident.episode == page.episode)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _length(length: timedelta) -> str:
    return f"{length // timedelta(seconds=1)} s"

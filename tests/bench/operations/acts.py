"""The acts of a night whose operations are counted, each with the least that any design could do, and why."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.cli.configfile import load
from tests.bench.operations.counted import Bill, Counted, Operations
from tests.stories.night import Night
from tests.stories.world import UTC_NIGHT

if TYPE_CHECKING:
    from collections.abc import Callable

TEAM = Path(__file__).parents[2] / "stories" / "team.yaml"
TROUBLE = "checkout is down"


@dataclass(frozen=True)
class Act:
    """What `function` is asked for when something `happens`, `before` which other things have.

    `least` is what it must ask for in any design that promises the same, and `why` says so.
    """

    name: str
    function: str
    before: Callable[[Night], object]
    happens: Callable[[Night], object]
    least: Operations
    why: str

    def measured(self) -> Operations:
        """Give what it asks for."""
        return self.lived()[0]

    def lived(self) -> tuple[Operations, Counted]:
        """Let it happen in a night of its own that nobody sweeps; the store has counted."""
        night = Night(load(TEAM))
        night.world = bill = Bill(night.world.config, UTC_NIGHT)
        bill.sweeps = False
        with contextlib.redirect_stdout(io.StringIO()):
            self.before(night)
            known = bill.store.counts[self.function]
            self.happens(night)
        return bill.store.counts[self.function] - known, bill.store


def _nothing(_: Night) -> None: ...


def _alerts(night: Night) -> None:
    night.alert(TROUBLE)


def _resolves(night: Night) -> None:
    night.resolves(TROUBLE)


def _two_minutes(night: Night) -> None:
    night.passes(minutes=2)


def _five_minutes(night: Night) -> None:
    night.passes(minutes=5)


def _paged(night: Night) -> None:
    _alerts(night)
    night.phone("primary").receives()


def _acknowledges(night: Night) -> None:
    night.phone("primary").answers("ack")


def _answered(night: Night) -> None:
    _paged(night)
    _acknowledges(night)


def _rung(night: Night) -> None:
    _alerts(night)
    _two_minutes(night)
    night.phone("primary").rings().picks_up()


def _presses(night: Night) -> None:
    night.phone("primary").presses("4")


def _sweeps(night: Night) -> None:
    night.world.sweep()


def _opened_and_swept(night: Night) -> None:
    _answered(night)
    _sweeps(night)


ACTS = (
    Act(
        "a new alert",
        "route",
        _nothing,
        _alerts,
        Operations(reads=0, writes=3, trips=1),
        "The event, the key's pointer and the incident are created unseen. Tocsin reads the pointer first, for it "
        "knows what was resolved before it was said, and writes a document for each of the two pages, which are "
        "claimed apart.",
    ),
    Act(
        "a duplicate",
        "route",
        _alerts,
        _alerts,
        Operations(reads=1, writes=1, trips=2),
        "The pointer says that the key is open, and the event is created. Tocsin looks at the incident too, which may "
        "have to be raised, and once more when it has joined: so that joining depends on nothing that others write.",
    ),
    Act(
        "a resolve",
        "route",
        _alerts,
        _resolves,
        Operations(reads=2, writes=3, trips=3),
        "Pointer and incident are read and changed, the event is created. Tocsin asks once more, for a trigger that "
        "had joined although it came later; that is why joining needs to change nothing.",
    ),
    Act(
        "a text",
        "notify",
        _nothing,
        _alerts,
        Operations(reads=4, writes=5, trips=3),
        "Page, incident, phone and code are read at once; page, phone and code are claimed while nobody has answered, "
        "and then the page is recorded. Tocsin reads page and phone before the rule and, with the channel's breaker, "
        "all of them together in it, and the page once more to record it.",
    ),
    Act("a call", "notify", _alerts, _two_minutes, Operations(reads=4, writes=5, trips=3), "As for a text."),
    Act(
        "a page that nobody needs any more",
        "notify",
        _answered,
        _two_minutes,
        Operations(reads=2, writes=2, trips=2),
        "Page and incident are read, and the page is dropped while that holds. Tocsin reads all that a claim would "
        "need in one trip, before it knows that there will be none.",
    ),
    Act(
        "an escalation step",
        "escalate",
        _alerts,
        _five_minutes,
        Operations(reads=1, writes=3, trips=2),
        "The incident is read and changed, and its two pages are created.",
    ),
    Act(
        "a timer that lost its meaning",
        "escalate",
        _answered,
        _five_minutes,
        Operations(reads=1, trips=1),
        "The incident says so.",
    ),
    Act(
        "an acknowledgement by text",
        "reply",
        _paged,
        _acknowledges,
        Operations(reads=2, writes=2, trips=3),
        "The code leads to the incident, which is changed, and the text's own document is created. Tocsin asks which "
        "codes are open on that phone, since a bare `ack` names none, notes that the phone answers, and writes the "
        "audit.",
    ),
    Act(
        "an acknowledgement by key",
        "reply",
        _rung,
        _presses,
        Operations(reads=2, writes=2, trips=3),
        "The page leads to the incident, which is changed, and the key's own document is created. Tocsin notes that "
        "the phone answers, and writes the audit.",
    ),
    Act(
        "a sweep, when nothing is open",
        "sweep",
        _sweeps,
        _sweeps,
        Operations(reads=1, queries=1, trips=1),
        "If all that is ever due stood in one collection, one question would find that nothing is. Tocsin asks each "
        "kind by itself, and at the end once more whether anything is left, for that decides about the heartbeat; it "
        "looks when the books, the shifts and the audit were last gone through, and whether anybody can have texted.",
    ),
    Act(
        "a sweep, when one incident is acknowledged",
        "sweep",
        _opened_and_swept,
        _sweeps,
        Operations(reads=1, writes=1, queries=1, trips=2),
        "As before; when the texts were listed is kept.",
    ),
)

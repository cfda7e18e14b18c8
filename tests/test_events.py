"""Neighbours in one message end as they would alone, and a marker stands for exactly those that ended alike."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.team import team
from tocsin import events, route
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.store import Data
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.moment import Moment
from tocsin.records import to_json

NOW = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)
CONFIG = team(1)


class Nobody:
    """A queue whose tasks nobody carries out."""

    def create(
        self, function: str, body: dict[str, object], at: datetime | None = None, *, urgent: bool = False
    ) -> None:
        del function, body, at, urgent


def event(number: int, action: Action, seconds: int, title: str) -> Event:
    alert = Alert(action, "cart", title, Severity.CRITICAL)
    return Event(f"e{number}", NOW + timedelta(seconds=seconds), "service-0", "service-0", alert)


SAID = st.lists(
    st.tuples(
        st.sampled_from((Action.TRIGGER, Action.TRIGGER, Action.ACKNOWLEDGE, Action.RESOLVE)),
        st.integers(0, 9),
        st.sampled_from(("down", "down", "slow")),
    ),
    max_size=12,
).map(lambda drawn: [event(number, *one) for number, one in enumerate(drawn)])


def routed(messages: list[list[Event]]) -> EmbeddedStore:
    store, ids = EmbeddedStore(":memory:"), count()
    for said in messages:
        body = to_json(said if len(said) > 1 else said[0])
        route.arrived(body, store, Nobody(), Moment(NOW, CONFIG, lambda: f"i{next(ids)}"))
    return store


def neighbours(said: list[Event]) -> list[list[Event]]:
    together: list[list[Event]] = []
    for one in said:
        if together and together[-1][0].alert.action is one.alert.action:
            together[-1].append(one)
        else:
            together.append([one])
    return together


def fates(store: EmbeddedStore) -> dict[str, tuple[str, Event, str]]:
    """Give each event's outcome, what is kept of it, and when its incident was opened."""
    incidents = dict(store.query("incidents", limit=1000))
    found: dict[str, tuple[str, Event, str]] = {}
    for _, marker in store.query("events", limit=1000):
        for one in events.marked(marker):
            assert one.id not in found
            about = incidents[marker["incident"]] if marker["incident"] else {}
            found[one.id] = (marker["outcome"], one, str(about.get("triggered_at")))
    return found


def ends(store: EmbeddedStore) -> Counter[tuple[str, datetime, str]]:
    """Count how events ended; which of two of the same instant comes first is left to chance."""
    return Counter((outcome, kept.accepted_at, opened) for outcome, kept, opened in fates(store).values())


def open_now(store: EmbeddedStore) -> list[Data]:
    names = ("status", "triggered_at", "answered_by", "generation", "episode")
    found = (data for _, data in store.query("incidents", limit=1000) if data["status"] != "resolved")
    return [{name: data[name] for name in names} for data in found]


@settings(deadline=None)
@given(SAID)
def test_together_they_leave_open_what_they_do_one_after_the_other(said: list[Event]) -> None:
    """They count in the order of their acceptance, the answers backwards: of several resolves the latest speaks."""
    in_order = [one for group in neighbours(said) for one in events.read(to_json(group))]
    alone, together = routed([[one] for one in in_order]), routed(neighbours(said))
    assert ends(together) == ends(alone)
    assert {name: kept for name, (_, kept, _) in fates(together).items()} == {one.id: one for one in said}
    assert open_now(together) == open_now(alone)


def test_a_message_of_one_event_is_the_event() -> None:
    one, another = event(1, Action.TRIGGER, 0, "down"), event(2, Action.TRIGGER, 0, "down")
    assert events.read(to_json(one)) == (one,)
    assert events.read(to_json([one, another])) == (one, another)

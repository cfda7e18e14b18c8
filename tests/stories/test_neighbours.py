"""Events that say the same are routed as one message: each ends as if it had come alone, and is in the books."""

from datetime import datetime, timedelta

from tests.stories.night import Night
from tocsin import desk, route
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.incident import Status
from tocsin.ledger import ledger
from tocsin.records import to_json

MANY = 40


def said(night: Night, *ids: str, action: str = "trigger", at: datetime | None = None, title: str = "") -> bytes:
    """Give the message of neighbours, a millisecond after each other."""
    first = at or night.world.now
    listed = [
        Event(
            one,
            first + timedelta(milliseconds=number),
            "checkout-pagerduty",
            "checkout",
            Alert(Action(action), "cart", title or "cart is slow", Severity.CRITICAL),
        )
        for number, one in enumerate(ids)
    ]
    return to_json(listed)


def arrives(night: Night, body: bytes) -> None:
    night.world.queue.publish_now(body)
    night.passes(seconds=2)


def outcomes(night: Night) -> dict[str, int]:
    """Give the books: what was accepted ended, and nothing differs."""
    sums = ledger(night.world.store, night.world.now - timedelta(days=1), night.world.now).balance
    assert not sums.differences
    assert sums.accepted == sums.ended + sums.open
    return {name: count for name, count in sums.outcomes.items() if count}


def markers(night: Night) -> list[int]:
    return sorted(1 + len(data.get("repeats", ())) for _, data in night.world.store.query("events", limit=1000))


def test_the_first_opens_and_the_others_join_in_two_documents(night: Night) -> None:
    arrives(night, said(night, *(f"e{number}" for number in range(MANY))))
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"opened": 1, "joined": MANY - 1}
    assert markers(night) == [1, MANY - 1]
    shown = desk.show(night.world.store, night.incident)
    assert shown["alerts"] == len({one["at"] for one in shown["events"]}) == MANY


def test_those_that_join_what_is_open_cost_one_document(night: Night) -> None:
    arrives(night, said(night, "first"))
    arrives(night, said(night, *(f"e{number}" for number in range(MANY)), title="cart is slower"))
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"opened": 1, "joined": MANY}
    assert markers(night) == [1, MANY]


def test_delivered_twice_they_count_once(night: Night) -> None:
    body = said(night, *(f"e{number}" for number in range(MANY)))
    arrives(night, body)
    arrives(night, body)
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"opened": 1, "joined": MANY - 1}


def test_a_later_resolve_takes_only_those_that_were_accepted_before_it(night: Night) -> None:
    start = night.world.now
    arrives(night, said(night, "e0", "e1", "e2", "e3"))
    night.phone("primary").receives("cart is slow")
    # Accepted between the second and the third, and delivered after all of them.
    night.passes(minutes=1)
    arrives(night, said(night, "r", action="resolve", at=start + timedelta(microseconds=1500)))
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"opened": 2, "joined": 2, "resolved": 1}
    assert [one.status for one in desk.incidents(night.world.store, open_only=True)] == [Status.TRIGGERED]
    assert markers(night) == [1, 1, 1, 1, 1]


def test_of_several_resolves_the_latest_speaks(night: Night) -> None:
    start = night.world.now
    arrives(night, said(night, "e0", "e1", "e2"))
    night.phone("primary").receives("cart is slow")
    arrives(night, said(night, "r0", "r1", "r2", "r3", action="resolve", at=start + timedelta(microseconds=500)))
    assert desk.incidents(night.world.store, open_only=True) == []
    assert sum(outcomes(night).values()) == 7


def test_what_the_first_delivery_could_not_ask_for_the_next_one_does(night: Night) -> None:
    """The first is too late and has a document of its own; the page belongs to the second."""
    start = night.world.now
    arrives(night, said(night, "r", action="resolve", at=start + timedelta(microseconds=500)))
    body = said(night, "e0", "e1", "e2", at=start)
    night.world.queue.down = True
    night.world.queue.publish_now(body)
    night.world.settle()
    night.phone("primary").stays_silent()
    night.world.queue.down = False
    night.world.sweeps = False
    night.passes(seconds=5)
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"late": 1, "joined": 1, "nothing open": 1, "opened": 1}


def test_while_the_topic_is_away_they_wait_together_and_count_each(night: Night) -> None:
    night.world.queue.topic_down = True
    kept = said(night, *(f"e{number}" for number in range(3)))
    document = {"body": kept.decode(), "accepted_at": night.world.now, "next_at": night.world.now}
    night.world.store.transact(lambda tx: tx.put("spill/one", document))
    sums = ledger(night.world.store, night.world.now - timedelta(days=1), night.world.now).balance
    assert (sums.accepted, sums.open) == (3, 3)


def test_a_list_without_events_is_put_aside(night: Night) -> None:
    arrives(night, b"[]")
    assert outcomes(night) == {"quarantined": 1}


def test_what_cannot_be_routed_counts_each_of_its_events(night: Night) -> None:
    body = said(night, *(f"e{number}" for number in range(3)))
    kept = {"data": body.decode(), "why": "a mistake of ours", "at": night.world.now}
    night.world.store.transact(lambda tx: tx.put("quarantine/one", kept))
    assert outcomes(night) == {"quarantined": 3}


def test_whoever_joins_while_an_older_trouble_is_resolved_is_a_new_one(night: Night) -> None:
    arrives(night, said(night, "e0"))
    night.phone("primary").receives("cart is slow")
    before = night.world.now
    night.passes(minutes=1)
    world = night.world

    def resolved() -> None:
        route.arrived(said(night, "r", action="resolve", at=before), world.store, world.queue, world.moment())

    world.store.rival = resolved
    arrives(night, said(night, "e1", "e2"))
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"opened": 2, "resolved": 1, "joined": 1}


def test_joining_waits_for_nobody_who_changes_the_incident(night: Night) -> None:
    arrives(night, said(night, "e0"))
    night.phone("primary").receives("cart is slow").answers("ack").receives("Acknowledged")
    world = night.world
    tries: list[None] = []

    def changed() -> None:
        tries.append(None)
        incident = f"incidents/{night.incident.id}"
        world.store.spoils(incident)
        world.store.rival = changed

    world.store.rival = changed
    arrives(night, said(night, "e1"))
    world.store.rival = lambda: None
    assert len(tries) == 1
    assert outcomes(night) == {"opened": 1, "joined": 1}

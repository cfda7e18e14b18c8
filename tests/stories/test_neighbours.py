"""Events that say the same are routed as one message: each ends as if it had come alone, and is in the books."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.stories.night import Night
from tests.stories.world import LINK_SECRET
from tocsin import desk, events, linked, route, sweep
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Rule, Threshold
from tocsin.domain.incident import Incident, Status
from tocsin.domain.maintenance import Maintenance
from tocsin.domain.matchers import parse
from tocsin.domain.orders import Said
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
    [anew] = desk.incidents(night.world.store, open_only=True)
    assert (anew.status, desk.show(night.world.store, anew)["alerts"]) == (Status.TRIGGERED, 2)
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
    night.world.store.spoils("spill/one", **document)
    sums = ledger(night.world.store, night.world.now - timedelta(days=1), night.world.now).balance
    assert (sums.accepted, sums.open) == (3, 3)


def test_a_list_without_events_is_put_aside(night: Night) -> None:
    arrives(night, b"[]")
    assert outcomes(night) == {"quarantined": 1}


def test_what_cannot_be_routed_counts_each_of_its_events(night: Night) -> None:
    body = said(night, *(f"e{number}" for number in range(3)))
    kept = {"data": body.decode(), "why": "a mistake of ours", "at": night.world.now}
    night.world.store.spoils("quarantine/one", **kept)
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


STAGING = (parse('env="staging"'),)


def in_staging(body: bytes, *ids: str) -> bytes:
    """Give the message with a label on some of its events."""
    labelled = [
        replace(one, alert=replace(one.alert, labels={"env": "staging"})) if one.id in ids else one
        for one in events.read(body)
    ]
    return to_json(labelled)


def test_neighbours_that_the_rules_lead_elsewhere_go_there(night: Night) -> None:
    night.rules(Rule("staging", STAGING, suppress=True))
    arrives(night, in_staging(said(night, "e0", "e1", "e2", "e3", "e4"), "e0", "e1", "e3"))
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"suppressed": 2, "opened": 1, "joined": 2}
    assert markers(night) == [1, 1, 1, 2]


def test_a_threshold_counts_each_of_them(night: Night) -> None:
    night.rules(Rule("rarely bad", threshold=Threshold(3, timedelta(minutes=10))))
    arrives(night, said(night, "e0", "e1"))
    night.phone("primary").stays_silent()
    arrives(night, said(night, "e2", "e3", "e4"))
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"waiting": 2, "opened": 1, "joined": 2}


def test_what_outlasts_a_maintenance_window_together_is_one_page_when_it_ends(night: Night) -> None:
    until = night.world.now + timedelta(minutes=10)
    window = Maintenance("the move", ("checkout",), night.world.now, until)
    night.world.config = replace(night.world.config, maintenance=(window,))
    arrives(night, said(night, *(f"e{number}" for number in range(MANY))))
    assert (outcomes(night), markers(night)) == ({"suppressed": MANY}, [MANY])
    night.world.sweeps = False
    night.passes(minutes=11)
    sweep.sweep(night.world.store, night.world.queue, night.world.twilio, night.world.moment)
    night.passes(seconds=5)
    night.phone("primary").receives("cart is slow").answers("ack").receives("Acknowledged")
    assert (outcomes(night), markers(night)) == ({"opened": 1, "joined": MANY - 1}, [1, MANY - 1])


def test_the_earliest_opens_in_whatever_order_they_came(night: Night) -> None:
    first, *others = events.read(said(night, "e0", "e1", "e2"))
    arrives(night, to_json([*reversed(others), first]))
    night.phone("primary").receives("cart is slow")
    [(_, opening)] = night.world.store.query("events", ("outcome", "==", "opened"))
    assert opening["event"]["id"] == first.id


def test_one_that_is_in_a_message_twice_counts_once(night: Night) -> None:
    arrives(night, said(night, "e0", "e1", "e1", "e0"))
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"opened": 1, "joined": 1}


def test_of_what_was_kept_aside_and_half_routed_the_rest_is_open(night: Night) -> None:
    body = said(night, "e0", "e1", "e2")
    arrives(night, to_json(events.read(body)[0]))
    night.phone("primary").receives("cart is slow")
    name = events.path("e0").removeprefix("events/")
    document = {"body": body.decode(), "accepted_at": night.world.now, "next_at": night.world.now}
    night.world.store.spoils(f"spill/{name}", **document)
    sums = ledger(night.world.store, night.world.now - timedelta(days=1), night.world.now).balance
    assert (sums.accepted, sums.ended, sums.open, sums.differences) == (3, 1, 2, ())
    night.passes(minutes=1)
    assert outcomes(night) == {"opened": 1, "joined": 2}


def test_what_our_own_mistake_stops_half_way_is_put_aside_without_what_is_done(night: Night) -> None:
    arrives(night, said(night, "e0"))
    night.phone("primary").receives("cart is slow").answers("ack").receives("Acknowledged")
    night.rules(Rule("staging", STAGING, priority="P3"))
    [(pointer, _)] = night.world.store.query("open")
    night.world.store.rival = lambda: night.world.store.spoils(f"open/{pointer}", openings=3)
    arrives(night, in_staging(said(night, "e1", "e2", "e3"), "e1"))
    assert outcomes(night) == {"opened": 1, "joined": 1, "quarantined": 2}
    [(_, aside)] = night.world.store.query("quarantine")
    assert [one.id for one in events.read(aside["data"])] == ["e2", "e3"]


def test_what_joins_while_its_incident_takes_another_in_and_its_part_is_over_fires_there(night: Night) -> None:
    world, start = night.world, night.world.now
    arrives(night, said(night, "e0"))
    night.phone("primary").receives("cart is slow")
    night.event("trigger", "queue is long", dedup_key="queue")
    night.passes(minutes=2)
    night.phone("primary").has_had_enough()
    cart, queue = sorted(night.incidents(), key=lambda one: one.dedup_key)
    resolve = said(night, "r", action="resolve", at=start + timedelta(seconds=90))

    def merged_and_resolved() -> None:
        operator = Said("operator", "on the command line", world.now)
        desk.merged(world.store, world.queue, queue.id, cart.id, operator, world.moment())
        route.arrived(resolve, world.store, world.queue, world.moment())

    world.store.rival = merged_and_resolved
    arrives(night, said(night, "e1", "e2"))
    night.event("resolve", "queue is long", dedup_key="queue")
    found = desk.find(world.store, cart.id)
    assert isinstance(found, Incident)
    assert [(one.dedup_key, found.status) for one in found.firing] == [("cart", Status.TRIGGERED)]


@pytest.mark.parametrize("dies", [False, True])
def test_what_joins_while_its_incident_is_taken_in_and_its_part_is_over_fires_there(
    night: Night, *, dies: bool
) -> None:
    world, start = night.world, night.world.now
    arrives(night, said(night, "e0"))
    night.phone("primary").receives("cart is slow")
    night.event("trigger", "queue is long", dedup_key="queue")
    night.passes(minutes=2)
    night.phone("primary").has_had_enough()
    cart, queue = sorted(night.incidents(), key=lambda one: one.dedup_key)
    resolve = said(night, "r", action="resolve", at=start + timedelta(seconds=90))

    def merged_and_resolved() -> None:
        operator = Said("operator", "on the command line", world.now)
        desk.merged(world.store, world.queue, cart.id, queue.id, operator, world.moment())
        route.arrived(resolve, world.store, world.queue, world.moment())
        world.store.loses = dies  # and whoever has let it join never looks what became of that

    world.store.rival = merged_and_resolved
    arrives(night, said(night, "e1"))
    night.event("resolve", "queue is long", dedup_key="queue")
    found = desk.find(world.store, queue.id)
    assert isinstance(found, Incident)
    assert [(one.dedup_key, found.status) for one in found.firing] == [("cart", Status.TRIGGERED)]


@pytest.mark.parametrize("by", ["text", "key", "link"])
def test_what_fires_while_somebody_resolves_it_is_a_new_trouble(night: Night, by: str) -> None:
    night.changes("users", "primary", links=True)
    arrives(night, said(night, "e0"))
    phone, world = night.phone("primary").receives("cart is slow"), night.world
    code, url = phone.code, next((word for word in phone.text.split() if "/page/" in word), "")

    def fires() -> None:
        body = said(night, "e1", "e2", at=world.now + timedelta(milliseconds=1))
        route.arrived(body, world.store, world.queue, world.moment())

    night.passes(minutes=1)
    if by == "key":
        night.passes(minutes=1)
        phone.rings().picks_up()
    world.store.rival = fires
    if by == "text":
        phone.answers(f"resolve {code}").receives("Resolved")
    elif by == "key":
        phone.presses("6")
    else:
        asked = linked.Pressed(url.rpartition("/")[2], "resolve")
        linked.linked(asked, (LINK_SECRET,), world.store, world.queue, world.moment())
        night.passes(seconds=2)
    phone.receives("cart is slow")
    assert outcomes(night) == {"opened": 2, "joined": 1}


def test_what_fires_while_the_command_line_resolves_it_is_found_by_the_sweep(night: Night) -> None:
    arrives(night, said(night, "e0"))
    night.phone("primary").receives("cart is slow")
    world = night.world
    at = world.now + timedelta(minutes=1, milliseconds=1)
    world.store.rival = lambda: route.arrived(said(night, "e1", at=at), world.store, world.queue, world.moment())
    night.passes(minutes=1)
    [incident] = desk.incidents(world.store, open_only=True)
    desk.resolved(world.store, incident.id, "Bob", world.now)
    night.passes(minutes=2)
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"opened": 2}


def test_one_that_no_document_takes_does_not_take_its_neighbours_with_it(night: Night) -> None:
    first, *others = events.read(said(night, "e0", "e1", "e2"))
    spoilt = replace(first, alert=replace(first.alert, labels={"__x__": "a name that Firestore refuses"}))
    body = to_json([spoilt, *others])
    arrives(night, body)
    night.phone("primary").receives("cart is slow")
    arrives(night, body)
    assert outcomes(night) == {"opened": 1, "joined": 1, "quarantined": 1}

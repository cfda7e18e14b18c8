"""Repeats of many troubles share a message and a commit: each ends as if it had come alone."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.stories.night import Night
from tests.stories.test_neighbours import arrives, markers, outcomes, said
from tocsin import desk, events, joining, route
from tocsin.clients.store import Data
from tocsin.domain.alert import Event
from tocsin.domain.config import Rule, ServiceUrgency, Urgency
from tocsin.domain.incident import Status
from tocsin.domain.orders import Said
from tocsin.records import to_json

TROUBLES = ("cart", "queue", "disk")


def of(key: str, one: Event) -> Event:
    alert = replace(one.alert, dedup_key=key, title=f"{key} is slow")
    return replace(one, id=f"{key}-{one.id}", alert=alert)


def repeats(night: Night, *ids: str, keys: tuple[str, ...] = TROUBLES) -> bytes:
    """Give the message in which each of the ids repeats each of the troubles."""
    return to_json([of(key, one) for one in events.read(said(night, *ids)) for key in keys])


@pytest.fixture
def troubled(night: Night) -> Night:
    """Give the night after three troubles have begun, and somebody has them."""
    for key in TROUBLES:
        night.event("trigger", f"{key} is slow", dedup_key=key)
        night.phone("primary").receives(f"{key} is slow").answers("ack {code}").receives("Acknowledged")
        night.passes(minutes=6)
    return night


def fates(night: Night) -> dict[str, Data]:
    found = (data for _, data in night.world.store.query("events", limit=1000))
    return {one.id: data for data in found for one in events.marked(data)}


def test_each_joins_its_own_in_a_document_for_each_trouble(troubled: Night) -> None:
    arrives(troubled, repeats(troubled, "e1", "e2"))
    assert outcomes(troubled) == {"opened": 3, "joined": 6}
    assert markers(troubled) == [1, 1, 1, 2, 2, 2]
    kept = fates(troubled)
    for incident in desk.incidents(troubled.world.store, open_only=True):
        assert kept[f"{incident.dedup_key}-e2"]["incident"] == incident.id


def test_all_of_them_take_one_commit_and_one_look(troubled: Night) -> None:
    assert commits(troubled, repeats(troubled, "e1")) == 2


def commits(night: Night, body: bytes) -> int:
    """Count how often something was decided while a message was routed."""
    store = night.world.store
    rules: list[None] = []

    def counted() -> None:
        rules.append(None)
        store.rival = counted

    store.rival = counted
    route.arrived(body, store, night.world.queue, night.world.moment())
    store.rival = lambda: None
    night.world.settle()
    return len(rules)


def test_delivered_again_they_count_once(troubled: Night) -> None:
    body = repeats(troubled, "e1", "e2")
    arrives(troubled, body)
    arrives(troubled, body)
    arrives(troubled, to_json([*events.read(body), *events.read(repeats(troubled, "e3"))]))
    assert outcomes(troubled) == {"opened": 3, "joined": 9}


def test_one_that_has_come_before_lets_the_others_join_at_once(troubled: Night) -> None:
    troubled.event("trigger", "roof is slow", dedup_key="roof")
    troubled.phone("primary").receives("roof is slow").answers("ack {code}").receives("Acknowledged")
    troubled.passes(minutes=6)
    known, *others = events.read(repeats(troubled, "e1", keys=(*TROUBLES, "roof")))
    arrives(troubled, to_json(known))
    # The first try meets it; then the others join, there is a look at what they joined, and it is met by itself.
    assert commits(troubled, to_json([known, *others])) == 1 + 1 + 1 + 1
    assert outcomes(troubled) == {"opened": 4, "joined": 4}


def test_what_a_graver_one_changes_is_written(night: Night) -> None:
    night.changes("services", "checkout", urgency=ServiceUrgency.BY_SEVERITY)
    for key in TROUBLES:
        night.event("trigger", f"{key} is slow", severity="warning", dedup_key=key)
    night.passes(minutes=2)
    night.phone("primary").has_had_enough()
    arrives(night, repeats(night, "e1"))
    assert {one.urgency for one in night.incidents()} == {Urgency.HIGH}
    night.phone("primary").receives("Checkout: cart is slow").has_had_enough()


def test_what_is_new_among_them_is_paged(troubled: Night) -> None:
    arrives(troubled, repeats(troubled, "e1", keys=("cart", "door", "disk")))
    troubled.phone("primary").receives("door is slow")
    assert outcomes(troubled) == {"opened": 4, "joined": 2}


def test_what_is_resolved_while_they_join_fires_anew(troubled: Night) -> None:
    world = troubled.world
    before = world.now
    troubled.passes(minutes=1)

    def resolved() -> None:
        resolve = said(troubled, "r", action="resolve", at=before)
        route.arrived(resolve, world.store, world.queue, world.moment())

    world.store.rival = resolved
    arrives(troubled, repeats(troubled, "e1", "e2"))
    troubled.phone("primary").receives("cart is slow")
    assert outcomes(troubled) == {"opened": 4, "joined": 5, "resolved": 1}


def test_what_is_taken_in_by_another_while_they_join_fires_there(troubled: Night) -> None:
    world = troubled.world
    cart, disk, queue = sorted(troubled.incidents(), key=lambda one: one.dedup_key)
    before = world.now
    troubled.passes(minutes=1)

    def merged_and_resolved() -> None:
        operator = Said("operator", "on the command line", world.now)
        desk.merged(world.store, world.queue, cart.id, queue.id, operator, world.moment())
        resolve = said(troubled, "r", action="resolve", at=before)
        route.arrived(resolve, world.store, world.queue, world.moment())

    world.store.rival = merged_and_resolved
    arrives(troubled, repeats(troubled, "e1"))
    found = desk.find(world.store, queue.id)
    assert [one.dedup_key for one in found.firing] == ["queue", "cart"]  # type: ignore[union-attr]
    assert desk.find(world.store, disk.id).status is Status.ACKNOWLEDGED  # type: ignore[union-attr]


def test_one_that_cannot_be_read_takes_nobody_to_the_catch_all(troubled: Night) -> None:
    cart, *_ = sorted(troubled.incidents(), key=lambda one: one.dedup_key)
    troubled.world.store.spoils(f"incidents/{cart.id}", status="a word of tomorrow")
    arrives(troubled, repeats(troubled, "e1", "e2", keys=(*TROUBLES, "door")))
    troubled.phone("primary").receives("door is slow")
    kept = fates(troubled)
    assert {kept[f"{key}-e{number}"]["outcome"] for key in ("queue", "disk") for number in (1, 2)} == {"joined"}
    assert kept["cart-e1"]["incident"] not in {one.id for one in (cart,)}
    troubled.phone("manager").receives("cart is slow")


def test_one_that_no_document_takes_is_put_aside_alone(troubled: Night) -> None:
    first, *others = events.read(repeats(troubled, "e1"))
    spoilt = replace(first, alert=replace(first.alert, labels={"__x__": "a name that Firestore refuses"}))
    arrives(troubled, to_json([spoilt, *others]))
    assert outcomes(troubled) == {"opened": 3, "joined": 2, "quarantined": 1}


def test_each_goes_where_the_rules_lead_it(troubled: Night) -> None:
    troubled.rules(Rule("one for all", continues=True, dedup_key="everything"))
    troubled.passes(minutes=2)
    arrives(troubled, repeats(troubled, "e1", "e2", keys=("cart", "door", "roof")))
    troubled.phone("primary").receives("door is slow")
    assert outcomes(troubled) == {"opened": 4, "joined": 5}
    arrives(troubled, repeats(troubled, "e3", keys=("cart", "door", "roof")))
    assert outcomes(troubled) == {"opened": 4, "joined": 8}
    ended = fates(troubled)
    assert ended["door-e3"]["incident"] == ended["roof-e3"]["incident"] != ended["cart-e3"]["incident"]


def test_what_belongs_to_a_group_depends_on_its_incident(troubled: Night) -> None:
    troubled.rules(Rule("together", continues=True, group="{{service}}", group_window=timedelta(hours=1)))
    arrives(troubled, repeats(troubled, "e1", keys=("door", "roof")))
    troubled.phone("primary").receives("door is slow")
    arrives(troubled, repeats(troubled, "e2", keys=("door", "roof", "cart")))
    assert outcomes(troubled) == {"opened": 4, "joined": 4}


def test_when_the_store_goes_away_in_between_they_come_again(troubled: Night) -> None:
    world = troubled.world

    def goes() -> None:
        world.store.away = True

    world.store.rival = goes
    world.queue.publish_now(repeats(troubled, "e1", "e2"))
    world.settle()
    world.store.away = False
    troubled.passes(minutes=1)
    assert outcomes(troubled) == {"opened": 3, "joined": 6}


def test_one_whose_page_cannot_be_queued_holds_up_no_other(night: Night) -> None:
    night.world.queue.down = True
    night.world.queue.publish_now(repeats(night, "e1"))
    night.passes(minutes=2)
    assert len(night.incidents()) == len(TROUBLES)
    night.phone("primary").has_had_enough()


def test_one_that_a_newer_version_has_written_holds_up_no_other(troubled: Night) -> None:
    cart, *_ = sorted(troubled.incidents(), key=lambda one: one.dedup_key)
    troubled.world.store.spoils(f"incidents/{cart.id}", schema_version=99)
    troubled.world.queue.publish_now(repeats(troubled, "e1", keys=("cart", "door", "queue")))
    troubled.passes(minutes=1)
    troubled.phone("primary").receives("door is slow").answers("ack {code}").receives("Acknowledged")
    troubled.world.store.spoils(f"incidents/{cart.id}", schema_version=1)
    troubled.passes(minutes=1)
    assert outcomes(troubled) == {"opened": 4, "joined": 2}


def test_one_that_cannot_even_be_read_is_put_aside_alone(troubled: Night) -> None:
    first, *others = events.read(repeats(troubled, "e1", keys=("cart", "door", "queue")))
    tomorrow = to_json(first).replace(b'"action":"trigger"', b'"action":"a word of tomorrow"')
    arrives(troubled, b"[" + b",".join([tomorrow, *map(to_json, others)]) + b"]")
    troubled.phone("primary").receives("door is slow")
    assert outcomes(troubled) == {"opened": 4, "joined": 1, "quarantined": 1}


def test_one_whose_time_has_no_zone_is_put_aside_alone(troubled: Night) -> None:
    first, *others = map(to_json, events.read(repeats(troubled, "e1", keys=("cart", "door", "queue"))))
    nowhere = re.sub(rb'("accepted_at":"[^"]*?)(Z|[+]00:00)"', rb'\1"', first)
    assert nowhere != first
    arrives(troubled, b"[" + b",".join([nowhere, *others]) + b"]")
    troubled.phone("primary").receives("door is slow")
    assert outcomes(troubled) == {"opened": 4, "joined": 1, "quarantined": 1}


@pytest.mark.parametrize("message", [b"%s", b'{"id": %s}', b'[{"id": "e1", "beside": %s}]'])
def test_what_lies_too_deep_is_put_aside(night: Night, message: bytes) -> None:
    arrives(night, message % (b"[" * 100_000 + b"]" * 100_000))
    assert outcomes(night) == {"quarantined": 1}


def test_what_has_come_before_waits_for_what_has_not(troubled: Night) -> None:
    known, other = events.read(repeats(troubled, "e1", keys=("cart", "door")))
    arrives(troubled, to_json(known))
    troubles = [[known], [other]]
    assert joining.by_news(troubles, troubled.world.store) == ([[other]], [[known]])

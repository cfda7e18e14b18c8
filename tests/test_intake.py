"""Accepted events are safe before anybody hears so; those at the door together share calls, and messages if alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import grpc
import pytest

from infra.local import emulators
from tests.clients.publisher import PATH, confirms, confirms_first, confirms_when_told, publisher, refuses_first
from tocsin import events, spill
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.pubsub import Topic
from tocsin.clients.store import Store
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.errors import Unavailable
from tocsin.intake import Intake

NOW = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)


def event(
    number: int,
    action: str = "trigger",
    key: str = "",
    *,
    door: str = "door",
    service: str = "checkout",
    size: int = 0,
) -> Event:
    alert = Alert(Action(action), key or f"key {number}", f"alert {number}", details="x" * size)
    return Event(f"e{number}", NOW + timedelta(milliseconds=number), door, service, alert)


def nowhere() -> Store:
    raise Unavailable("the store is away")


def intake(store: Callable[[], Store] = nowhere, **more: Any) -> Intake:
    return Intake(Topic(PATH), store, **more)


def ids(batches: list[list[bytes]]) -> list[list[list[str]]]:
    """Give the ids of the events of each message of each call."""
    return [[[one.id for one in events.read(body)] for body in batch] for batch in batches]


async def outcomes(calls: Sequence[asyncio.Task[None]]) -> list[BaseException | None]:
    return await asyncio.gather(*calls, return_exceptions=True)


def calls(door: Intake, *said: Sequence[Event]) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(door.accept(one)) for one in said]


def test_what_arrives_during_a_publish_goes_out_together_as_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms_when_told) as service:
            door = intake()
            first = calls(door, [event(0)])
            await service.arrived.wait()
            others = calls(door, *([event(number)] for number in range(1, 1051)))
            await asyncio.sleep(0)
            assert not first[0].done()
            service.may_answer.set()
            assert await outcomes([*first, *others]) == [None] * 1051
            assert [len(batch) for batch in service.batches] == [1, 20, 1]
            assert [*chain(*chain(*ids(service.batches)))] == [f"e{number}" for number in range(1051)]

    asyncio.run(story())


def test_a_call_stays_below_the_size_google_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            sizes = (2_000_000, 2_000_000, 2_000_000, 6_000_000)
            await intake().accept([event(number, size=size) for number, size in enumerate(sizes)])
            assert [len(batch) for batch in service.batches] == [2, 1, 1]

    asyncio.run(story())


def test_neighbours_that_say_the_same_share_a_message_and_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            said = [
                *(event(1, key="a"), event(2, key="b"), event(3, key="a"), event(4, "resolve", "a")),
                *(event(5, key="a"), event(6, key="a"), event(7, "resolve", "b"), event(8, "resolve", "b")),
            ]
            await asyncio.gather(*calls(intake(), *([one] for one in said)))
            assert ids(service.batches) == [[["e1", "e3"], ["e4"], ["e8", "e7"], ["e2", "e5", "e6"]]]
            assert [one for body in service.batches[0] for one in events.read(body)] == [
                *(said[0], said[2], said[3], said[7], said[6], said[1], said[4], said[5])
            ]

    asyncio.run(story())


def test_what_was_accepted_for_another_service_is_not_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            await intake().accept([event(1, key="a"), event(2, key="a", service="payments"), event(3, key="a")])
            assert ids(service.batches) == [[["e1", "e3"], ["e2"]]]

    asyncio.run(story())


def test_what_a_sender_says_again_meets_a_marker_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            door = intake()
            first = calls(door, [event(1, key="a")])
            by_itself = asyncio.create_task(door.accept([event(2, key="a")], by_themselves=True))
            await asyncio.gather(*first, by_itself, *calls(door, [event(3, key="a")]))
            assert sorted(chain(*ids(service.batches))) == [["e1"], ["e2"], ["e3"]]

    asyncio.run(story())


def test_a_message_stays_small_enough_for_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            await intake().accept([event(number, key="a", size=60_000) for number in range(7)])
            await intake().accept([event(number, key="a") for number in range(501)])
            assert [[len(message) for message in batch] for batch in ids(service.batches)] == [[3, 3, 1], [500, 1]]

    asyncio.run(story())


def test_what_can_wait_shares_a_message_and_what_cannot_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            door = intake()
            await door.accept([event(1, key="a"), event(2, key="b"), event(3, key="c")])
            await door.accept([event(4, key="a"), event(5, "resolve", key="b"), event(6, key="d"), event(7, key="a")])
            assert ids(service.batches) == [[["e1"], ["e2", "e3"]], [["e5"]], [["e4", "e6", "e7"]]]

    asyncio.run(story())


def test_the_first_from_where_all_was_quiet_is_urgent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            door = intake()
            await door.accept([event(1, key="a"), event(2, key="b"), event(3, key="a")])
            await door.accept([event(4), event(5, door="window")])
            assert ids(service.urgent) == [[["e1", "e3"]], [["e5"]], []]
            assert ids(service.batches) == [[["e1", "e3"], ["e2"]], [["e5"]], [["e4"]]]

    asyncio.run(story())


def test_the_first_that_is_graver_is_urgent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            door = intake()
            for number, severity in enumerate(["warning", "warning", "critical", "critical"]):
                said = event(number)
                await door.accept([replace(said, alert=replace(said.alert, severity=Severity(severity)))])
            assert ids([batch for batch in service.urgent if batch]) == [[["e0"]], [["e2"]]]

    asyncio.run(story())


def test_after_a_while_what_it_says_is_urgent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            door = intake(quiet=0.0)
            for _ in range(2):
                await door.accept([event(1, key="a")])
            assert ids(service.urgent) == [[["e1"]], [["e1"]]]

    asyncio.run(story())


def test_so_many_troubles_share_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            door = intake()
            many = [event(number) for number in range(103)]
            heavy = [event(number, size=60_000) for number in range(4)]
            often = [event(number, key="a" if number < 400 else "b") for number in range(501)]
            for said in (many, many, heavy, often[:1], often):
                await door.accept(said)
            sizes = [[len(message) for message in batch] for batch in ids(service.batches)]
            assert sizes == [[1, 50, 50, 2], [50, 50, 3], [3, 1], [1], [400, 101]]

    asyncio.run(story())


def test_what_was_said_on_both_sides_of_an_answer_shares_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it was published and kept aside as well, each part must meet the marker that the other way has made."""

    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            door = intake()
            await door.accept([event(1, key="a")])
            said = [event(2, key="b"), event(3, key="a"), event(4, "resolve", "a"), event(5, key="a")]
            await door.accept([*said, event(6, key="c")])
            assert ids(service.batches)[1:] == [[["e4"], ["e2", "e3"], ["e5", "e6"]]]

    asyncio.run(story())


def test_a_sender_with_ids_of_its_own_shares_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            door = intake()
            for _ in range(2):
                await door.accept([event(1, key="a"), event(2, key="b")], by_themselves=True)
            assert ids(service.batches) == [[["e1"], ["e2"]]] * 2

    asyncio.run(story())


def test_what_repeats_and_cannot_be_published_is_kept_trouble_by_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        store = EmbeddedStore(":memory:")
        async with publisher(monkeypatch, confirms_first):
            door = intake(lambda: store)
            await door.accept([event(1, key="a"), event(2, key="b")])
            await door.accept([event(3, key="a"), event(4, key="b"), event(5, key="a")])
        kept = [data["body"] for _, data in spill.waiting(store, NOW + timedelta(minutes=1), 10)]
        assert [[one.id for one in events.read(body)] for body in kept] == [["e3", "e5"], ["e4"]]

    asyncio.run(story())


def test_what_pubsub_refuses_waits_for_the_sweep_as_the_messages_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.NOT_FOUND)) as service:
            service.may_answer.set()
            store = EmbeddedStore(":memory:")
            door = intake(lambda: store)
            said = [event(1, key="a"), event(2), event(3, key="a")]
            await asyncio.gather(*calls(door, *([one] for one in said)))
            kept = [data["body"] for _, data in spill.waiting(store, NOW + timedelta(minutes=1), 10)]
            assert [[one.id for one in events.read(body)] for body in kept] == [["e1", "e3"], ["e2"]]
            await door.accept([event(4)])
            assert ids(service.batches)[1:] == [[["e4"]]]

    asyncio.run(story())


def test_a_call_that_fails_fails_only_those_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, refuses_first(grpc.StatusCode.NOT_FOUND)) as service:
            door = intake()
            unlucky = calls(door, [event(1)], [event(2)])
            await service.arrived.wait()
            lucky = calls(door, *([event(number)] for number in range(3, 6)))
            service.may_answer.set()
            errors = await outcomes(unlucky)
            assert [type(error) for error in errors] == [Unavailable] * 2
            assert errors[0] is not errors[1]
            assert await outcomes(lucky) == [None] * 3

    asyncio.run(story())


def test_a_request_is_safe_when_its_last_event_is(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms_when_told) as service:
            [call] = calls(intake(), [event(number) for number in range(1500)])
            await service.arrived.wait()
            assert not call.done()
            service.may_answer.set()
            await call
            assert [len(batch) for batch in service.batches] == [21, 10]

    asyncio.run(story())


def test_a_caller_who_goes_away_takes_nobody_along(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms_when_told) as service:
            door = intake()
            under_way = calls(door, *([event(number, key="a")] for number in range(3)))
            await service.arrived.wait()
            waiting = calls(door, *([event(number, key="a")] for number in range(3, 6)))
            await asyncio.sleep(0)  # lets them join the line
            under_way[0].cancel()
            waiting[0].cancel()
            service.may_answer.set()
            results = await outcomes([*under_way, *waiting])
            assert [type(result) for result in results].count(asyncio.CancelledError) == 2
            assert results.count(None) == 4
            assert ids(service.batches) == [[["e0", "e1", "e2"]], [["e3", "e4", "e5"]]]

    asyncio.run(story())


def test_what_has_stood_in_the_line_for_long_is_kept_aside_and_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with publisher(monkeypatch, confirms) as service:
            store = EmbeddedStore(":memory:")
            await intake(lambda: store, patience=-1).accept([event(1, key="a"), event(2, key="a")])
            [(_, kept)] = spill.waiting(store, NOW + timedelta(minutes=1), 10)
            assert [one.id for one in events.read(kept["body"])] == ["e1", "e2"]
            assert service.batches == []

    asyncio.run(story())


def test_it_works_anew_in_another_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    door = intake()

    async def story() -> list[list[bytes]]:
        async with publisher(monkeypatch, confirms) as service:
            await door.accept([event(1)])
            return service.batches

    assert ids(asyncio.run(story())) == [[["e1"]]]
    assert ids(asyncio.run(story())) == [[["e1"]]]


def test_when_neither_the_topic_nor_the_store_is_there_every_caller_hears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{emulators.free_port()}")
        made = calls(intake(), *([event(number)] for number in range(150)))
        assert {type(error) for error in await outcomes(made)} == {Unavailable}

    asyncio.run(story())


def test_nothing_to_accept_is_safe_at_once() -> None:
    asyncio.run(intake().accept([]))

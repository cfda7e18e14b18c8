"""Poison past the public doors: whatever the machines bring is done with or put aside, and never asked for again."""

import base64
import itertools
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from infra.cli.configfile import load
from tests.hostile.doors import TEAM, Doors, Request
from tests.hostile.mutations import TEXTS, VALUES
from tests.stories.cloud import Queue
from tests.stories.world import UTC_NIGHT
from tocsin import route
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.routing import Outcome
from tocsin.moment import Moment
from tocsin.records import to_json

CI = os.environ.get("CI") == "true"
examples = settings(
    max_examples=2_000 if CI else 200,
    deadline=None,
    derandomize=CI,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
GOOD = Event("e1", UTC_NIGHT, "checkout-alertmanager", "checkout", Alert(Action.TRIGGER, "d", "checkout is down"))
EVENT: dict[str, Any] = json.loads(to_json(GOOD))
TASKS: dict[str, dict[str, Any]] = {
    "notify": {"notification": "n1"},
    "escalate": {"incident": "i1", "generation": 1, "level": 1},
}
TEAMS = load(TEAM)


def with_mistakes(good: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give an object with some of its fields exchanged and one that nobody knows."""
    changes = st.dictionaries(st.sampled_from([*good, "x"]), VALUES, max_size=3)
    return changes.map(lambda changed: {**good, **changed})


def pushed(data: bytes) -> bytes:
    return json.dumps({"message": {"data": base64.b64encode(data).decode(), "messageId": "1"}}).encode()


def pushes() -> st.SearchStrategy[bytes]:
    alert = with_mistakes(EVENT["alert"]).map(lambda changed: {**EVENT, "alert": changed})
    data = st.one_of(
        st.binary(max_size=100), (with_mistakes(EVENT) | alert | VALUES).map(lambda value: json.dumps(value).encode())
    )
    envelope = with_mistakes({"message": {"data": "e30="}}).map(json.dumps).map(str.encode)
    return data.map(pushed) | envelope | st.binary(max_size=100)


def tasks(function: str) -> st.SearchStrategy[bytes]:
    return st.one_of(with_mistakes(TASKS[function]), VALUES).map(json.dumps).map(str.encode) | st.binary(max_size=100)


BODIES: dict[str, Callable[[], st.SearchStrategy[bytes]]] = {
    "route": pushes,
    "notify": lambda: tasks("notify"),
    "escalate": lambda: tasks("escalate"),
}


@pytest.mark.parametrize("function", BODIES)
def test_a_machine_is_never_answered_with_a_failure_of_ours(doors: Doors, function: str) -> None:
    @examples
    @given(raw=BODIES[function](), torn=st.sampled_from([False, False, False, True]))
    def answers(raw: bytes, torn: bool) -> None:  # noqa: FBT001 -- hypothesis names its arguments
        said = doors.ask(function, Request("/", raw, length=b"%d" % (len(raw) + 1) if torn else None))
        assert said.status == (503 if torn else 200), said

    answers()


NAMES = st.sampled_from(
    ["", "checkout", "checkout-alertmanager", ".", "..", "a/b", "__x__", "$time", "\x00", "x" * 2_000]
)
WORDS = st.one_of(NAMES, TEXTS.map(lambda text: text.encode(errors="replace").decode()))
LONG = st.sampled_from([*[""] * 20, "x" * 1_048_000, "x" * 1_040_000, "é" * 600_000, "\x00" * 300_000, "😀" * 262_144])
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12)), None])
EDGES = st.sampled_from([datetime.min, datetime.max, UTC_NIGHT.replace(tzinfo=None), datetime(1970, 1, 1)])  # noqa: DTZ001, DTZ901 - given a zone below
TIMES = st.builds(lambda at, zone: at.replace(tzinfo=zone), EDGES | st.datetimes(), ZONES)
LABELS = st.dictionaries(WORDS, WORDS, max_size=3) | st.sampled_from([{f"l{n}": "x" * 1_024 for n in range(1_100)}])
ALERTS = st.builds(
    Alert, st.sampled_from(Action), WORDS, WORDS, st.sampled_from(Severity), WORDS, WORDS, LABELS, WORDS | LONG
)
EVENTS = st.builds(Event, WORDS, TIMES, WORDS, WORDS, ALERTS)


# What no document can hold is put aside for that reason and no other: any other would be a defect of ours.
UNHOLDABLE = re.compile(
    r"ValueError: .*(a document holds at most|without a time zone|outside the years|a field's name has)", re.DOTALL
)


def world() -> tuple[EmbeddedStore, Queue, Moment]:
    ids = itertools.count(1)
    return EmbeddedStore(":memory:"), Queue(lambda: UTC_NIGHT), Moment(UTC_NIGHT, TEAMS, lambda: f"{next(ids):032x}")


@example(event=replace(GOOD, accepted_at=datetime.max.replace(tzinfo=UTC)))
@examples
@given(event=EVENTS)
def test_an_event_of_any_size_and_time_ends_in_exactly_one_way(event: Event) -> None:
    store, queue, moment = world()
    first, second = (route.arrived(to_json(event), store, queue, moment) for _ in range(2))
    routed, put_aside = store.query("events"), store.query("quarantine")
    store.close()
    assert len(routed) + len(put_aside) == 1, first
    if routed:
        outcome = Outcome(routed[0][1]["outcome"])
        assert first.startswith(f"{outcome}: ")
        assert second == f"repeated: {outcome} before"
    else:
        assert UNHOLDABLE.match(put_aside[0][1]["why"]), first


@pytest.mark.parametrize("size", [200_000, 1_048_000, 2_000_000])
def test_the_next_event_is_routed_after_one_that_is_far_too_large(size: int) -> None:
    store, queue, moment = world()
    large = replace(GOOD, id="e0", alert=replace(GOOD.alert, dedup_key="p", details="x" * size))
    route.arrived(to_json(large), store, queue, moment)
    assert route.arrived(to_json(GOOD), store, queue, moment).startswith(Outcome.OPENED)
    store.close()

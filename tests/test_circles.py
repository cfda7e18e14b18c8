"""Whose turn it is, when many incidents open at once: no page waits for an even share."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from infra.cli.rehearsal import Silent
from tests.domain.examples import NOW, by_team, config, event, level
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.store import Transaction
from tocsin.domain.alert import Action
from tocsin.domain.config import Team
from tocsin.moment import Moment
from tocsin.records import MARK, SCHEMA, versioned
from tocsin.route import route

CONFIG = config(replace(level(by_team("web")), circle="web-1"), teams={"web": Team("web", ("ada", "bram", "carla"))})

T = TypeVar("T")


class Lost(Exception):
    """Somebody else has moved the circle."""


class Crowded(EmbeddedStore):
    """At each of the first `races` commits that hold the circle, somebody else moves it before."""

    races = 0
    held = 0

    def transact(self, rule: Callable[[Transaction], T]) -> T:
        while True:
            try:
                return super().transact(partial(self._raced, rule=rule))
            except Lost:
                self.races -= 1

    def _raced(self, tx: Transaction, rule: Callable[[Transaction], T]) -> T:
        reading = Reading(tx)
        result = rule(reading)
        self.held += "circles/web-1" in reading.read
        if self.races and "circles/web-1" in reading.read:
            raise Lost
        return result


class Reading:
    """A transaction that knows what was read."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.read: set[str] = set()

    def get(self, path: str) -> dict[str, Any] | None:
        self.read.add(path)
        return self.tx.get(path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tx, name)


@pytest.fixture
def store(tmp_path: Path) -> Crowded:
    return Crowded(str(tmp_path / "store"))


def opens(store: Crowded, number: int) -> list[str]:
    """Open so many incidents and give whom each was for."""
    ids = (f"{each:032x}" for each in count(1))
    moment = Moment(NOW, CONFIG, lambda: next(ids))
    for each in range(number):
        route(event(Action.TRIGGER, each, dedup_key=f"k{each}"), store, Silent(), moment)
    found = sorted(store.query("incidents", limit=500), key=lambda one: one[1]["triggered_at"])
    return [one["takers"]["web-1"] for _, one in found]


def test_each_opening_commit_moves_the_circle_once(store: Crowded) -> None:
    assert opens(store, 5) == ["ada", "bram", "carla", "ada", "bram"]
    assert store.get("circles/web-1") == versioned("Circle", {"order": ["carla", "ada", "bram"]})
    assert store.held == 5


def test_a_race_that_is_lost_twice_still_shares_evenly(store: Crowded) -> None:
    opens(store, 1)
    store.races = 2
    route(
        event(Action.TRIGGER, 9, dedup_key="k9"),
        store,
        Silent(),
        Moment(NOW, CONFIG, iter(["a" * 32, "b" * 32]).__next__),
    )
    assert store.get("circles/web-1") == versioned("Circle", {"order": ["ada", "bram"]})


def test_a_circle_of_a_newer_version_is_left_alone_and_nobody_waits_for_it(store: Crowded) -> None:
    newer = {"order": ["bram"], MARK: SCHEMA["Circle"] + 1}
    store.transact(lambda tx: tx.put("circles/web-1", newer))
    assert set(opens(store, 30)) == {"ada", "bram", "carla"}
    assert store.get("circles/web-1") == newer


def test_whoever_loses_again_and_again_is_paged_by_lot(store: Crowded) -> None:
    store.races = 10**6
    shares = Counter(opens(store, 90))
    assert sum(shares.values()) == 90
    assert min(shares[user] for user in ("ada", "bram", "carla")) > 15
    assert store.get("circles/web-1") is None
    assert store.held == 3 * 90


def test_what_is_known_of_turns_is_not_in_the_incident(store: Crowded) -> None:
    opens(store, 1)
    [(_, stored)] = store.query("incidents")
    assert not {"circles", "drawn", "new"} & stored.keys()

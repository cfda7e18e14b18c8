"""The configuration in force: seldom read, never lost, and new keys known within a second."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.domain.examples import HOUR, NOW, SECOND, config
from tocsin.current import FRESH, PATH, Current
from tocsin.domain.config import Config, Integration
from tocsin.errors import Unavailable
from tocsin.records import to_json


def opened_by(*keys: str) -> Integration:
    return Integration("alerts", "checkout", "generic", tuple(hashlib.sha256(key.encode()).hexdigest() for key in keys))


class Snapshots:
    """One document of a store that counts how often it is read, and can be away."""

    def __init__(self, settings: Config | None = None) -> None:
        self.version = 0
        self.settings = settings
        self.away = False
        self.reads = 0

    def apply(self, settings: Config) -> None:
        self.version += 1
        self.settings = settings

    def read(self, path: str) -> dict[str, Any] | None:
        assert path == PATH
        self.reads += 1
        if self.away:
            raise Unavailable("the store is away")
        return {"version": self.version, "body": to_json(self.settings).decode()} if self.settings else None


OLD = config(integrations={"alerts": opened_by("old")})
NEW = config(integrations={"alerts": opened_by("old", "new")})


def test_it_is_read_once_in_five_seconds() -> None:
    snapshots = Snapshots(OLD)
    current = Current(snapshots.read)
    for tenths in range(49):
        assert current.config(NOW + timedelta(seconds=tenths / 10)) == OLD
    assert (snapshots.reads, FRESH) == (1, 5 * SECOND)
    snapshots.apply(NEW)
    assert current.config(NOW + 4.9 * SECOND) == OLD
    assert current.config(NOW + 5 * SECOND) == NEW
    assert snapshots.reads == 2


def test_the_last_one_known_is_kept_while_the_store_is_away() -> None:
    snapshots = Snapshots(OLD)
    current = Current(snapshots.read)
    current.config(NOW)
    snapshots.away = True
    for hours in range(1, 24):
        assert current.config(NOW + timedelta(hours=hours)) == OLD
    snapshots.away = False
    snapshots.apply(NEW)
    assert current.config(NOW + timedelta(days=2)) == NEW


def test_a_configuration_that_disappears_is_kept() -> None:
    snapshots = Snapshots(OLD)
    current = Current(snapshots.read)
    current.config(NOW)
    snapshots.settings = None
    assert current.config(NOW + timedelta(hours=1)) == OLD


def test_without_any_it_says_what_to_do() -> None:
    with pytest.raises(Unavailable, match="infra/tocsin apply FILE"):
        Current(Snapshots().read).config(NOW)


def test_without_any_and_without_a_store_it_is_unavailable() -> None:
    snapshots = Snapshots(OLD)
    snapshots.away = True
    current = Current(snapshots.read)
    with pytest.raises(Unavailable, match="away"):
        current.config(NOW)
    snapshots.away = False
    assert current.config(NOW) == OLD


def test_a_key_opens_its_integration_and_only_whole() -> None:
    current = Current(Snapshots(OLD).read)
    assert current.integration("old", NOW) == OLD.integrations["alerts"]
    for wrong in ("", "ol", "OLD", "old ", hashlib.sha256(b"old").hexdigest(), "\ud800", "x" * 100_000):
        assert current.integration(wrong, NOW) is None


def test_a_new_key_is_known_a_second_later() -> None:
    snapshots = Snapshots(OLD)
    current = Current(snapshots.read)
    assert current.integration("new", NOW) is None
    snapshots.apply(NEW)
    assert current.integration("new", NOW + 0.5 * SECOND) is None
    assert current.integration("new", NOW + SECOND) == NEW.integrations["alerts"]


def test_a_revoked_key_is_refused_within_five_seconds() -> None:
    snapshots = Snapshots(NEW)
    current = Current(snapshots.read)
    assert current.integration("new", NOW)
    snapshots.apply(OLD)
    assert current.integration("new", NOW + 5 * SECOND) is None


def test_guessing_keys_reads_once_a_second_at_most() -> None:
    snapshots = Snapshots(OLD)
    current = Current(snapshots.read)
    for number in range(1000):
        assert current.integration(f"guess {number}", NOW + timedelta(milliseconds=3 * number)) is None
    assert snapshots.reads <= 4


def test_it_says_without_reading_what_it_knows() -> None:
    snapshots = Snapshots(OLD)
    current = Current(snapshots.read)
    assert not current.known("old", NOW)
    assert current.at_hand(NOW) is None
    current.config(NOW)
    assert current.known("old", NOW)
    assert not current.known("new", NOW)
    assert not current.known("old", NOW + 5 * SECOND)
    assert current.at_hand(NOW + SECOND) == OLD
    assert snapshots.reads == 1


def test_what_a_later_version_of_the_program_wrote_is_still_read() -> None:
    snapshots = Snapshots(OLD)
    body = to_json(OLD).decode()[:-1] + ', "more": {"x": 1}}'
    current = Current(lambda path: {**(snapshots.read(path) or {}), "body": body})
    assert current.config(NOW) == OLD


def test_an_unknown_key_is_not_refused_while_nobody_can_say_whether_it_is_new() -> None:
    snapshots = Snapshots(OLD)
    current = Current(snapshots.read)
    current.config(NOW)
    snapshots.away = True
    with pytest.raises(Unavailable, match="whether it is new"):
        current.integration("new", NOW + SECOND)
    assert current.integration("old", NOW + SECOND) == OLD.integrations["alerts"]
    snapshots.away = False
    snapshots.apply(NEW)
    assert current.integration("new", NOW + 2 * SECOND) == NEW.integrations["alerts"]
    assert current.integration("newer", NOW + 3 * SECOND) is None


def ending(at: datetime) -> Config:
    """Gives a configuration whose old key ends."""
    one = opened_by("new", "old")
    return config(integrations={"alerts": replace(one, until={one.keys[1]: at})})


def test_an_old_key_ends_by_itself_without_another_version() -> None:
    snapshots = Snapshots(ending(NOW + HOUR))
    current = Current(snapshots.read)
    assert current.integration("old", NOW + HOUR - SECOND)
    assert current.known("old", NOW + HOUR - SECOND)
    assert current.integration("old", NOW + HOUR) is None
    assert not current.known("old", NOW + HOUR)
    assert current.integration("new", NOW + HOUR)


def test_an_old_key_ends_although_the_store_is_away() -> None:
    snapshots = Snapshots(ending(NOW + HOUR))
    current = Current(snapshots.read)
    assert current.integration("old", NOW)
    snapshots.away = True
    with pytest.raises(Unavailable, match="whether it is new cannot be asked"):
        current.integration("old", NOW + HOUR)
    assert current.integration("new", NOW + HOUR)


def test_a_key_that_is_revoked_opens_nothing_five_seconds_later() -> None:
    snapshots = Snapshots(config(integrations={"alerts": opened_by("new", "old")}))
    current = Current(snapshots.read)
    assert current.integration("old", NOW)
    snapshots.apply(config(integrations={"alerts": opened_by("new")}))
    assert current.integration("old", NOW + FRESH) is None

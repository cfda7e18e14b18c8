"""The configuration in force: read at most every five seconds, and kept when the store is away."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tocsin import log
from tocsin.domain.config import Config, Integration
from tocsin.domain.keys import digest
from tocsin.domain.overrides import Made, with_overrides
from tocsin.domain.values import dataclass
from tocsin.errors import Malformed, Unavailable
from tocsin.records import check_version, from_json

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "config/current"
FRESH = timedelta(seconds=5)
_IMPATIENT = timedelta(seconds=1)


@dataclass(frozen=True)
class _Snapshot:
    version: int
    config: Config
    integrations: dict[str, Integration]
    read_at: datetime
    changed_at: datetime | None


class Current:
    """One per process, shared by its threads; `read` gives a document of the store or raises Unavailable."""

    def __init__(self, read: Callable[[str], dict[str, Any] | None]) -> None:
        """Read nothing yet."""
        self._read = read
        self._snapshot: _Snapshot | None = None
        self._failed = False
        self._lock = threading.Lock()

    def config(self, now: datetime, within: timedelta = FRESH) -> Config:
        """Give a configuration not older than `within`, or the last one known; raises Unavailable if there is none."""
        if (known := self.at_hand(now, within)) is not None:
            return known
        with self._lock:
            if not self._is_fresh(now, within):
                self._renew(now)
        if self._snapshot is None:
            raise Unavailable("no configuration has been applied yet: infra/tocsin apply FILE")
        return self._snapshot.config

    def at_hand(self, now: datetime, within: timedelta = FRESH) -> Config | None:
        """Give the configuration if that needs no reading."""
        return self._snapshot.config if self._snapshot and self._is_fresh(now, within) else None

    @property
    def changed_at(self) -> datetime | None:
        """Give when the configuration read last was applied, or an override in it was made or removed, if known."""
        return self._snapshot.changed_at if self._snapshot else None

    def integration(self, key: str, now: datetime) -> Integration | None:
        """Give the integration a key opens; an unknown key may be new, so the store is asked, once a second at most."""
        kept = digest(key)
        self.config(now)
        if not (found := self._opened(kept, now)):
            self.config(now, within=_IMPATIENT)
            found = self._opened(kept, now)
            if self._failed and not found:
                raise Unavailable("the key is unknown, and whether it is new cannot be asked just now")
        return found

    def known(self, key: str, now: datetime) -> Integration | None:
        """Give what `integration` would if that needs no reading."""
        return self._opened(digest(key), now) if self._is_fresh(now, FRESH) else None

    def _opened(self, kept: str, now: datetime) -> Integration | None:
        found = self._snapshot.integrations.get(kept) if self._snapshot else None
        return found if found and found.opens(kept, now) else None

    def _is_fresh(self, now: datetime, within: timedelta) -> bool:
        return self._snapshot is not None and now < self._snapshot.read_at + within

    def _renew(self, now: datetime) -> None:
        try:
            document = self._read(PATH)
            config = _with_overrides(document) if document else None
        except (Unavailable, Malformed) as error:
            # Never given up because of this: whatever waits for the configuration is asked again.
            if self._snapshot is None:
                raise Unavailable(f"the configuration cannot be read: {error}") from error
            self._failed = True
            log.event(f"configuration not read, version {self._snapshot.version} is kept: {error}", "WARNING")
            return
        self._failed = False
        if document and config:
            known = self._snapshot
            opened = known.integrations if known and known.config is config else _by_key(config)
            changed_at = document.get("changed_at") or document.get("applied_at")
            self._snapshot = _Snapshot(document["version"], config, opened, now, changed_at)


def _by_key(config: Config) -> dict[str, Integration]:
    return {key: one for one in config.integrations.values() for key in one.keys}


def _with_overrides(document: dict[str, Any]) -> Config:
    """Give what the file said with the overrides made since; if these cannot be read, the file alone still pages."""
    check_version("Config", document)
    config = _parsed(document["body"])
    try:
        return _overridden(document["body"], document.get("overrides", "[]"))
    except Malformed as error:
        log.event(f"the overrides made while running count for nothing: {error}", "ERROR")
        return config


# Nearly every reading finds what the one before found, and a large one takes long.
@lru_cache(maxsize=2)
def _parsed(body: str) -> Config:
    return from_json(Config, body)


@lru_cache(maxsize=2)
def _overridden(body: str, made: str) -> Config:
    return with_overrides(_parsed(body), from_json(tuple[Made, ...], made))

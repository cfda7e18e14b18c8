"""Stores a configuration as one document, which the functions read, and every version of it as one of its own.

The overrides made while the pager runs are kept in the document that is current, so that reading them costs nothing,
and stay when another version is applied.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.clients.store import Data, Store, Transaction
from tocsin.domain.config import Config
from tocsin.domain.overrides import Made
from tocsin.errors import Malformed
from tocsin.records import from_document, from_json, to_document, to_json

CURRENT = "config/current"
VERSIONS = "versions"
MOST = 100
# What has ended is kept for a while: it says who was on call last month.
KEPT = timedelta(days=35)


@dataclass(frozen=True)
class Applied:
    """The version that holds now, and whether it is new."""

    version: int
    changed: bool


@dataclass(frozen=True)
class Version:
    """One applied configuration: who made it the current one, when and why; `sha` is the SHA-256 of its body."""

    version: int
    applied_at: datetime
    applied_by: str
    message: str
    sha: str
    body: str

    @property
    def config(self) -> Config:
        """Give what it says; raises Malformed if this program cannot read it any more."""
        return from_json(Config, self.body)


def apply(store: Store, config: Config, by: str, now: datetime, message: str = "", over: int | None = None) -> Applied:
    """Make a configuration the current one; an equal one keeps its version, so that applying twice is safe.

    With `over` only if that version is still the current one, 0 for none: raises Malformed if somebody was faster.
    """
    body = to_json(config).decode()

    def rule(transaction: Transaction) -> Applied:
        current = transaction.get(CURRENT) or {"version": 0, "body": ""}
        version: int = current["version"]
        if over not in (None, version):
            when = f"{current['applied_at']:%Y-%m-%d %H:%M:%S} UTC"
            raise Malformed(f"{current['applied_by']} applied version {version} meanwhile, at {when}: plan again")
        if current["body"] == body:
            return Applied(version, changed=False)
        sha = hashlib.sha256(body.encode()).hexdigest()
        new = to_document(Version(version + 1, now, by, message, sha, body))
        made = {"overrides": current["overrides"]} if current.get("overrides") else {}
        transaction.put(CURRENT, {**new, **made})
        transaction.create(f"{VERSIONS}/{version + 1}", new)
        return Applied(version + 1, changed=True)

    return store.transact(rule)


def current(store: Store) -> Version | None:
    """Give the version that holds, or None before the first."""
    found = store.get(CURRENT)
    return _version(found) if found else None


def version(store: Store, number: int) -> Version | None:
    """Give one version."""
    found = store.get(f"{VERSIONS}/{number}")
    return _version(found) if found else None


def versions(store: Store) -> list[Version]:
    """Give the newest versions, the newest first."""
    return [_version(found) for _, found in store.query(VERSIONS, order_by="-version", limit=MOST)]


def _version(document: Data) -> Version:
    return from_document(Version, {"message": "", "sha": "", **document})


def overrides(store: Store) -> tuple[Made, ...]:
    """Give the overrides made while running, also those that ended lately, in the order in which they were made."""
    return _made(store.get(CURRENT) or {})


def change_overrides(store: Store, change: Callable[[tuple[Made, ...]], tuple[Made, ...]], now: datetime) -> None:
    """Replace them, if nobody else has meanwhile; raises Malformed before anything was applied."""

    def rule(transaction: Transaction) -> None:
        current = transaction.get(CURRENT)
        if current is None:
            raise Malformed("no configuration has been applied yet: infra/tocsin apply FILE")
        kept = tuple(each for each in change(_made(current)) if each.override.end > now - KEPT)
        transaction.put(CURRENT, {**current, "overrides": to_json(kept).decode(), "changed_at": now})

    store.transact(rule)


def _made(document: Data) -> tuple[Made, ...]:
    return from_json(tuple[Made, ...], document.get("overrides", "[]"))

"""Stores a configuration as one versioned document: what the functions read, and what stood there before.

The overrides made while the pager runs are kept in the document that is current, so that reading them costs nothing,
and stay when another version is applied.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.clients.store import Data, Store, Transaction
from tocsin.domain.config import Config
from tocsin.domain.overrides import Made
from tocsin.errors import Malformed
from tocsin.records import from_json, to_json

CURRENT = "config/current"
# What has ended is kept for a while: it says who was on call last month.
KEPT = timedelta(days=35)


@dataclass(frozen=True)
class Applied:
    """The version that holds now, and whether it is new."""

    version: int
    changed: bool


def apply(store: Store, config: Config, by: str, now: datetime) -> Applied:
    """Make a configuration the current one; an equal one keeps its version, so that applying twice is safe."""
    body = to_json(config).decode()

    def rule(transaction: Transaction) -> Applied:
        current = transaction.get(CURRENT) or {"version": 0, "body": ""}
        version: int = current["version"]
        if current["body"] == body:
            return Applied(version, changed=False)
        snapshot = {"version": version + 1, "body": body, "applied_at": now, "applied_by": by}
        made = {"overrides": current["overrides"]} if current.get("overrides") else {}
        transaction.put(CURRENT, {**snapshot, **made})
        transaction.create(f"config/v{version + 1}", snapshot)
        return Applied(version + 1, changed=True)

    return store.transact(rule)


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

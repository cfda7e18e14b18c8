"""Stores a configuration as one versioned document: what the functions read, and what stood there before."""

from dataclasses import dataclass
from datetime import datetime

from tocsin.clients.store import Store, Transaction
from tocsin.domain.config import Config
from tocsin.records import to_json

CURRENT = "config/current"


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
        transaction.put(CURRENT, snapshot)
        transaction.create(f"config/v{version + 1}", snapshot)
        return Applied(version + 1, changed=True)

    return store.transact(rule)

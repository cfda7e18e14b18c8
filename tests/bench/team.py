"""The pager that is measured: so many services of one team, an integration each, applied straight to the emulator."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from tocsin.clients.store import Store
from tocsin.domain.config import (
    CatchAll,
    Config,
    ContactRule,
    Integration,
    Level,
    Policy,
    Service,
    Target,
    TargetKind,
    Urgency,
    User,
)
from tocsin.records import to_json

PEOPLE = {"alice": "+15550100101", "bob": "+15550100102"}
QUIET = "quiet"
"""The service whose pager is somebody else's phone than that of all the others."""


def team(services: int) -> Config:
    """Give the pager: `bob` has the quiet service, `alice` all the others; a text at once, the next level in hours."""
    texts = {urgency: (ContactRule("sms"),) for urgency in Urgency}
    names = [*map(name, range(services)), QUIET]
    return Config(
        catch_all=CatchAll(("alice",)),
        users={id_: User(id_, id_.title(), phone, texts) for id_, phone in PEOPLE.items()},
        schedules={},
        policies={id_: _policy(id_) for id_ in PEOPLE},
        services={one: Service(one, one, "bob" if one == QUIET else "alice") for one in names},
        integrations={one: Integration(one, one, "pagerduty", (_digest(key(one)),)) for one in names},
    )


def name(number: int) -> str:
    return f"service-{number}"


def key(service: str) -> str:
    """Give the integration key of a service: 32 characters."""
    return service.rjust(32, "k")


def apply(config: Config, store: Store) -> None:
    """Put the configuration in force."""
    kept = {"version": 1, "body": to_json(config).decode(), "overrides": "[]", "applied_at": datetime.now(UTC)}
    store.transact(lambda tx: tx.put("config/current", kept))


def _policy(user: str) -> Policy:
    return Policy(user, (Level((Target(TargetKind.USER, user),), timedelta(hours=6)),))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

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

PEOPLE = 20
WAKING = "waking"


def team(services: int, quiet: int = 0) -> Config:
    """Give the pager: twenty people share the services, each quiet one, and the waking one, has somebody of its own.

    Everybody gets a text at once; the next level comes in hours.
    """
    texts = {urgency: (ContactRule("sms"),) for urgency in Urgency}
    owners = {name(number): f"person-{number % PEOPLE}" for number in range(services)}
    owners |= {quiet_name(number): f"sleeper-{number}" for number in range(quiet)} | {WAKING: "waker"}
    people = sorted(set(owners.values()))
    return Config(
        catch_all=CatchAll(tuple(people[:1])),
        users={one: User(one, one.title(), phone(number), texts) for number, one in enumerate(people)},
        schedules={},
        policies={one: _policy(one) for one in people},
        services={one: Service(one, one, owner) for one, owner in owners.items()},
        integrations={one: Integration(one, one, "pagerduty", (_digest(key(one)),)) for one in owners},
    )


def name(number: int) -> str:
    return f"service-{number}"


def quiet_name(number: int) -> str:
    return f"quiet-{number}"


def phone(number: int) -> str:
    """Give a number that is kept for fiction."""
    return f"+1555010{number:04d}"


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

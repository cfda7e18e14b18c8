"""One page of one night, to be changed where a test needs it otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.calendar import Layer, Schedule
from tocsin.domain.config import (
    CatchAll,
    Config,
    ContactRule,
    Level,
    Policy,
    Service,
    ServiceUrgency,
    Target,
    TargetKind,
    Urgency,
    User,
)
from tocsin.domain.incident import Incident
from tocsin.domain.notification import Notification

NOW = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

TEXT_THEN_CALL = (ContactRule("sms"), ContactRule("voice", 2 * MINUTE))
PEOPLE = ("ada", "bram", "carla", "dana")


def user(name: str, *rules: ContactRule) -> User:
    high = rules or TEXT_THEN_CALL
    return User(name, name.capitalize(), f"+1555010010{PEOPLE.index(name)}", {Urgency.HIGH: high})


def named(name: str) -> Target:
    return Target(TargetKind.USER, name)


def by_schedule(name: str) -> Target:
    return Target(TargetKind.SCHEDULE, name)


def by_team(name: str) -> Target:
    return Target(TargetKind.TEAM, name)


def level(*targets: Target, minutes: int = 5) -> Level:
    return Level(targets, minutes * MINUTE)


def schedule(*users: str) -> Schedule:
    return Schedule("shop", "Europe/London", (Layer(users, timedelta(days=7), datetime(2026, 1, 5, 9)),))  # noqa: DTZ001


def config(*levels: Level, repeat: int = 0, **changes: Any) -> Config:
    policies = {"shop": Policy("shop", levels or (level(named("ada")), level(named("bram"))), repeat)}
    services = {"checkout": Service("checkout", "Checkout", "shop", ServiceUrgency.HIGH)}
    people = {name: user(name) for name in PEOPLE}
    schedules = {"shop": schedule("ada")}
    made = Config(CatchAll(("dana",)), people, schedules, policies, services, {})
    return replace(made, **changes)


def incident(*levels: Level, **changes: Any) -> Incident:
    made = Incident(
        id="i1",
        nonce="n1",
        integration="alertmanager",
        service="checkout",
        service_name="Checkout",
        dedup_key="k1",
        title="checkout is down",
        severity=Severity.CRITICAL,
        urgency=Urgency.HIGH,
        levels=levels or (level(named("ada")), level(named("bram"))),
        repeat=0,
        opened_at=NOW,
        triggered_at=NOW,
    )
    return replace(made, **changes)


def notification(**changes: Any) -> Notification:
    made = Notification(
        id="i1-1-1-ada-1",
        incident="i1",
        generation=1,
        episode=1,
        step=1,
        level=1,
        user="ada",
        user_name="Ada",
        number="+15550100100",
        channel="sms",
        due=NOW,
        because="named by the policy",
        next_at=NOW,
        code="4821",
    )
    return replace(made, **changes)


def event(action: Action, seconds: float = 0, ident: str = "", **changes: Any) -> Event:
    alert = replace(Alert(action, "k1", "checkout is down", Severity.CRITICAL), **changes)
    return Event(ident or f"{action}-{seconds}", NOW + seconds * SECOND, "alertmanager", "checkout", alert)

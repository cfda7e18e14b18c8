"""Turns a file of the right shape into the configuration the functions read: ids inside, times in UTC, keys hashed."""

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from infra.cli import rosters, ruling, shape
from tocsin.domain.calendar import Layer, Override, Schedule
from tocsin.domain.config import (
    Budget,
    Canary,
    CatchAll,
    Config,
    ContactRule,
    Integration,
    Level,
    Policy,
    Rule,
    Service,
    SupportHours,
    Team,
    Urgency,
    User,
)
from tocsin.domain.maintenance import Maintenance
from tocsin.domain.timeline import instant

Holidays = Mapping[str, Iterable[date]]


def config(file: shape.File) -> Config:
    """Give the whole configuration."""
    return Config(
        catch_all=CatchAll(tuple(file.catch_all.users), file.catch_all.every),
        users={name: _user(name, each) for name, each in file.users.items()},
        schedules={name: _schedule(name, each, file.holidays) for name, each in file.schedules.items()},
        policies={name: _policy(name, each) for name, each in file.policies.items()},
        services={name: _service(name, each) for name, each in file.services.items()},
        integrations={
            name: _integration(name, service, each)
            for service, owner in file.services.items()
            for name, each in owner.integrations.items()
        },
        canary=_canary(file.canary) if file.canary else None,
        teams={name: Team(name, tuple(each.users), each.organisation or "") for name, each in file.teams.items()},
        maintenance=tuple(_maintenance(each) for each in file.maintenance),
        rules=tuple(_rule(each) for each in file.rules),
        budget=Budget(file.budget.month, file.budget.text, file.budget.call) if file.budget else None,
        retention=file.retention,
        calling_codes=tuple(file.calling_codes),
    )


def _user(name: str, user: shape.User) -> User:
    rules = {Urgency.HIGH: _soonest(user.notify.high), Urgency.LOW: _soonest(user.notify.low)}
    return User(
        name,
        user.name,
        user.phone,
        rules,
        user.time_zone,
        user.quiet_hours,
        user.shift_notices,
        links=user.links,
        organisation=user.organisation or "",
    )


def _soonest(rules: list[ContactRule]) -> tuple[ContactRule, ...]:
    return tuple(sorted(rules, key=lambda rule: rule.after))


def _schedule(name: str, schedule: rosters.Schedule, holidays: Holidays) -> Schedule:
    zone = ZoneInfo(schedule.time_zone)
    layers = tuple(_layer(number, each, holidays) for number, each in enumerate(schedule.layers, 1))
    if rotation := schedule.rotation:
        layers = (Layer(tuple(rotation.users), rotation.turn, rotation.start, early=True),)
    overrides = (Override(each.user, instant(each.start, zone), instant(each.end, zone)) for each in schedule.overrides)
    return Schedule(name, schedule.time_zone, layers, tuple(overrides))


def _layer(number: int, layer: rosters.Layer, holidays: Holidays) -> Layer:
    return Layer(
        users=tuple(layer.users),
        turn=layer.turn,
        start=layer.start,
        end=layer.end,
        name=f"layer {layer.name or number}",
        only=tuple(layer.only),
        off=_dates(layer.off, holidays),
        on=None if layer.on is None else _dates(layer.on, holidays),
    )


def _dates(names: Iterable[str], holidays: Holidays) -> tuple[date, ...]:
    return tuple(sorted({each for name in names for each in holidays[name]}))


def _policy(name: str, policy: shape.Policy) -> Policy:
    levels = (_level(f"{name}-{number}", each) for number, each in enumerate(policy.levels, 1))
    return Policy(name, tuple(levels), policy.repeat)


def _level(name: str, level: shape.Level) -> Level:
    return Level(tuple(level.notify), level.delay, name if level.round_robin else "")


def _service(name: str, service: shape.Service) -> Service:
    hours = service.support_hours
    return Service(
        id=name,
        name=service.name,
        policy=service.policy,
        urgency=service.urgency,
        support_hours=SupportHours(hours.time_zone, tuple(hours.hours), hours.raise_pending) if hours else None,
        acknowledgement_timeout=service.acknowledgement_timeout,
        auto_resolve=service.auto_resolve,
        shadow=service.shadow,
        flapping=service.flapping,
    )


def _rule(rule: ruling.Rule) -> Rule:
    return Rule(
        name=rule.name,
        match=tuple(rule.match),
        when=rule.when or "",
        continues=rule.continues,
        service=rule.service or "",
        severity=rule.severity,
        urgency=rule.urgency,
        priority=rule.priority or "",
        dedup_key=rule.dedup_key or "",
        group=rule.group or "",
        group_window=rule.group_window,
        suppress=rule.suppress,
        pause=rule.pause,
        threshold=rule.threshold,
    )


def _maintenance(window: shape.Maintenance) -> Maintenance:
    zone = ZoneInfo(window.time_zone)
    start, end = instant(window.start, zone), instant(window.end, zone)
    return Maintenance(window.name, tuple(window.services), start, end, tuple(window.match))


def _integration(name: str, service: str, integration: shape.Integration) -> Integration:
    return Integration(
        id=name,
        service=service,
        source=integration.source,
        keys=(integration.key.kept, *(old.key.kept for old in integration.old_keys)),
        options=integration.options,
        every=integration.every,
        title=integration.title or "",
        until={old.key.kept: old.until for old in integration.old_keys if old.until},
    )


def _canary(canary: shape.Canary) -> Canary:
    return Canary(canary.integration, canary.every, canary.answers)

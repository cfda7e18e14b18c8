"""Whether those on call in the next days can be reached: what their phones have proved, and what speaks against it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.domain.config import Config, Policy, TargetKind, Urgency, User
from tocsin.domain.phone import Phone
from tocsin.domain.schedule import shifts
from tocsin.domain.values import dataclass

FRESH = timedelta(days=30)
"""How long an answered page proves that the way to a phone is open."""


@dataclass(frozen=True)
class Duty:
    """A user's next shift in `schedule`; without one he is always asked, by a policy or as the catch-all."""

    because: str
    start: datetime
    schedule: str = ""


class Doubt(StrEnum):
    """What speaks against reaching somebody."""

    UNPROVED = "the number was never verified, and no page was ever answered from it"
    STOPPED = "the number has opted out of texts with STOP, and no rule calls it"
    ONLY_CALLS = "the number has opted out of texts with STOP: only calls arrive"
    UNVERIFIED = "the number was never verified"
    STALE = "no page was answered from it in the last 30 days"
    ONE_CHANNEL = "there is no second channel"


FATAL = frozenset({Doubt.UNPROVED, Doubt.STOPPED})
"""With one of these nobody should rely on reaching the person."""


def duties(config: Config, now: datetime, until: datetime) -> dict[str, tuple[Duty, ...]]:
    """Give, by user, where everybody who may be paged before `until` is on call, his next duty first.

    Raises zoneinfo.ZoneInfoNotFoundError for a zone that this machine does not know.
    """
    found: dict[str, list[Duty]] = {}
    for user, duty in (*_shifts(config, now, until), *_always(config, now)):
        if user in config.users and duty.because not in {one.because for one in found.get(user, [])}:
            found.setdefault(user, []).append(duty)
    return {user: tuple(sorted(several, key=lambda one: one.start)) for user, several in found.items()}


def _shifts(config: Config, now: datetime, until: datetime) -> Iterator[tuple[str, Duty]]:
    for schedule in config.schedules.values():
        for shift in shifts(schedule, now, until):
            yield shift.user, Duty(schedule.id, shift.start, schedule.id)


def _always(config: Config, now: datetime) -> Iterator[tuple[str, Duty]]:
    for policy in _policies(config):
        for target in (target for level in policy.levels for target in level.targets):
            if target.kind is TargetKind.USER:
                yield target.id, Duty(f"policy {policy.id}", now)
    for user in config.catch_all.users:
        yield user, Duty("the catch-all", now)


def _policies(config: Config) -> list[Policy]:
    """Give those that page for a service; the canary's contact is nobody's phone."""
    canary = config.integrations[config.canary.integration].service if config.canary else ""
    used = {service.policy for service in config.services.values() if service.id != canary}
    return [policy for policy in config.policies.values() if policy.id in used]


def channels(user: User) -> list[str]:
    """Give the channels over which somebody is paged when it is urgent, in the order of his rules."""
    return list(dict.fromkeys(rule.channel for rule in user.rules.get(Urgency.HIGH, ())))


def doubts(user: User, phone: Phone, now: datetime) -> list[Doubt]:
    """Say what speaks against reaching somebody, the worst first."""
    verified = phone.verification.is_of(user.id)
    calls = "voice" in channels(user)
    found = {
        Doubt.UNPROVED: not verified and not phone.reached_at,
        Doubt.STOPPED: phone.opted_out and not calls,
        Doubt.ONLY_CALLS: phone.opted_out and calls,
        Doubt.UNVERIFIED: not verified and phone.reached_at is not None,
        Doubt.STALE: (verified or phone.reached_at is not None) and not _is_fresh(phone, now),
        Doubt.ONE_CHANNEL: len(channels(user)) == 1,
    }
    return [doubt for doubt, holds in found.items() if holds]


def _is_fresh(phone: Phone, now: datetime) -> bool:
    return phone.reached_at is not None and now < phone.reached_at + FRESH

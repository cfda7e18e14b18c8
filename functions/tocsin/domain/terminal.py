"""What a phone can ask without naming a page: who is on call now, and what is open here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

from tocsin.domain import names, wording
from tocsin.domain.config import Config, Service, Target, TargetKind
from tocsin.domain.gsm import fitted, plain
from tocsin.domain.incident import Incident, Status
from tocsin.domain.people import choose
from tocsin.domain.schedule import on_call
from tocsin.domain.timeline import NEVER
from tocsin.domain.wall import day_and_clock

_NAMED, _MOST = 20, 4


def who(words: str, about: Iterable[Incident], config: Config, now: datetime, zone: str) -> str:
    """Say who is paged first, and who then: of a service or schedule, of what is open here, or of everything."""
    if words:
        return _asked(words, config, now, zone)
    open_here = dict.fromkeys(one.service for one in about if one.service in config.services)
    listed = [_levels(config.services[name], config, now) for name in open_here or config.services]
    more = f"; and {len(listed) - _MOST} more, ask who and a name" if len(listed) > _MOST else ""
    return fitted("; ".join(listed[:_MOST]) or "There is no service", more)


def _asked(words: str, config: Config, now: datetime, zone: str) -> str:
    services, schedules = names.services(config, words), names.schedules(config, words)
    if len(services) == 1:
        return fitted(_levels(config.services[services[0]], config, now), "")
    if not services and schedules:
        return fitted(_schedule(schedules[0], config, now, zone), "")
    return wording.not_one(words, services)


def _levels(service: Service, config: Config, now: datetime) -> str:
    policy = config.policies.get(service.policy)
    levels = [_people(level.targets, config, now) for level in policy.levels] if policy else []
    if not any(levels):
        levels = [_people([Target(TargetKind.USER, user) for user in config.catch_all.users], config, now)]
    return f"{plain(service.name)[:_NAMED]}: {', then '.join(one or 'nobody' for one in levels[:_MOST])}"


def _people(targets: Iterable[Target], config: Config, now: datetime) -> str:
    return " and ".join(plain(one.user.name)[:_NAMED] for one in choose(config, targets, now))


def _schedule(name: str, config: Config, now: datetime, zone: str) -> str:
    try:
        shift = on_call(config.schedules[name], now)
    except ZoneInfoNotFoundError:
        shift = None  # known where the configuration was checked, and not here
    user = config.users.get(shift.user) if shift else None
    if not shift or not user:
        return f"{plain(name)[:_NAMED]}: nobody is on call"
    until = f" until {day_and_clock(shift.until, now, zone)}" if shift.until < NEVER else ""
    return f"{plain(name)[:_NAMED]}: {plain(user.name)[:_NAMED]}{until}"


def status(listed: Sequence[tuple[str, Incident]], now: datetime, zone: str) -> str:
    """Say of each open incident on a phone its code and how it stands."""
    if not listed:
        return wording.NOTHING_LISTED
    lines = [f"{code} {_standing(one, now, zone)}: {wording.title(one)[:_NAMED]}" for code, one in listed[:_MOST]]
    more = f"; and {len(listed) - _MOST} more" if len(listed) > _MOST else ""
    return fitted(f"{len(listed)} open here: {'; '.join(lines)}", more)


def _standing(incident: Incident, now: datetime, zone: str) -> str:
    rank = f"{incident.priority} " if incident.priority else ""
    if incident.status is Status.TRIGGERED:
        return f"{rank}triggered"
    if incident.snoozed_until:
        return f"{rank}snoozed until {day_and_clock(incident.snoozed_until, now, zone)}"
    return f"{rank}acknowledged by {plain(incident.answered_by)[:_NAMED]}"

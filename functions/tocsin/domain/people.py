"""Who is meant: targets become people, people become notifications by their own rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

from tocsin.domain.config import Config, ContactRule, Target, TargetKind, Urgency, User
from tocsin.domain.notification import Notification
from tocsin.domain.schedule import on_call


@dataclass(frozen=True)
class Chosen:
    """A user and the reason why it is this one."""

    user: User
    because: str


def choose(config: Config, targets: Iterable[Target], at: datetime) -> tuple[Chosen, ...]:
    """Give everybody the targets mean at an instant, each person once, in the targets' order."""
    chosen: dict[str, Chosen] = {}
    for target in targets:
        found = _one(config, target, at)
        if found:
            chosen.setdefault(found.user.id, found)
    return tuple(chosen.values())


def _one(config: Config, target: Target, at: datetime) -> Chosen | None:
    if target.kind is TargetKind.USER:
        user = config.users.get(target.id)
        return Chosen(user, "named by the policy") if user else None
    schedule = config.schedules.get(target.id)
    try:
        shift = on_call(schedule, at) if schedule else None
    except ZoneInfoNotFoundError:
        return None  # the zone was known where the configuration was checked: the others of the level are still paged
    user = config.users.get(shift.user) if shift else None
    return Chosen(user, f"on call in {target.id} by {shift.because}") if user and shift else None


@dataclass(frozen=True)
class Page:
    """What a page belongs to: the incident, and where its escalation stands."""

    incident: str
    generation: int
    episode: int
    step: int
    level: int
    urgency: Urgency


def notifications(chosen: Chosen, page: Page, now: datetime) -> tuple[Notification, ...]:
    """Give what one person's rules demand; ids are made of what they are for, so that a repeat makes the same ones."""
    user = chosen.user
    rules = sorted(user.rules.get(page.urgency) or (ContactRule("sms"),), key=lambda rule: rule.after)
    ids = [f"{page.incident}-{page.generation}-{page.level}-{user.id}-{number}" for number in range(1, len(rules) + 1)]
    return tuple(
        Notification(
            id=ids[number],
            incident=page.incident,
            generation=page.generation,
            episode=page.episode,
            step=page.step,
            level=page.level,
            user=user.id,
            user_name=user.name,
            number=user.phone,
            channel=rule.channel,
            due=now + rule.after,
            next_at=now + rule.after,
            because=chosen.because,
            then=tuple(ids[number + 1 :]),
        )
        for number, rule in enumerate(rules)
    )

"""Who is meant: targets become people, people become notifications by their own rules."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from tocsin.domain.config import Config, ContactRule, Target, TargetKind, Urgency, User
from tocsin.domain.notification import Notification
from tocsin.domain.quiet import reaches
from tocsin.domain.schedule import Shift, on_call
from tocsin.domain.values import dataclass


@dataclass(frozen=True)
class Chosen:
    """A user and the reason why it is this one."""

    user: User
    because: str


def choose(config: Config, targets: Iterable[Target], at: datetime) -> tuple[Chosen, ...]:
    """Give everybody the targets mean at an instant, each person once, in the targets' order."""
    chosen: dict[str, Chosen] = {}
    for target in targets:
        for name, because in _meant(config, target, at):
            if user := config.users.get(name):
                chosen.setdefault(user.id, Chosen(user, because))
    return tuple(chosen.values())


def _meant(config: Config, target: Target, at: datetime) -> Iterator[tuple[str, str]]:
    """Give each user a target means, whether there is one of that name or not, and the reason."""
    if target.kind is TargetKind.USER:
        yield target.id, "named by the policy"
    elif target.kind is TargetKind.TEAM:
        team = config.teams.get(target.id)
        yield from ((user, f"in the team {target.id}") for user in (team.users if team else ()))
    elif shift := _shift(config, target.id, at):
        yield shift.user, f"on call in {target.id} by {shift.because}"


def _shift(config: Config, name: str, at: datetime) -> Shift | None:
    schedule = config.schedules.get(name)
    try:
        return on_call(schedule, at) if schedule else None
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # A zone that this machine does not know is one of them, our own mistake another. Timers and sweeps have no last
        # resort as a new alert has: the others of the level are still paged, or the next one.
        return None


@dataclass(frozen=True)
class Page:
    """What a page belongs to: the incident, and where its escalation stands."""

    incident: str
    generation: int
    episode: int
    step: int
    level: int
    urgency: Urgency


def addressee(notification: str) -> str:
    """Give whom a notification is for, and by which of his rules, from its id."""
    return notification.split("-", 3)[-1]


def notifications(chosen: Chosen, page: Page, now: datetime) -> tuple[Notification, ...]:
    """Give what one person's rules demand; ids are made of what they are for, so that a repeat makes the same ones.

    What quiet hours hold back begins when they end, and keeps its pauses from then on.
    """
    user = chosen.user
    begin = reaches(user, page.urgency, now)
    rules = sorted(user.rules.get(page.urgency) or (ContactRule("sms"),), key=lambda rule: rule.after)
    ids = [f"{page.incident}-{page.generation}-{page.level}-{user.id}-{number}" for number in range(1, len(rules) + 1)]
    dues = [reaches(user, page.urgency, begin + rule.after) for rule in rules]
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
            due=dues[number],
            next_at=dues[number],
            because=chosen.because,
            zone=user.time_zone,
            linked=user.links,
            then=tuple(ids[number + 1 :]),
        )
        for number, rule in enumerate(rules)
    )

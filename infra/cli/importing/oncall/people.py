"""Grafana OnCall's users and teams: important rules are those of high urgency, default rules those of low."""

from datetime import timedelta

from infra.cli.importing import contacts
from infra.cli.importing.contacts import Step
from infra.cli.importing.export import Export
from infra.cli.importing.move import Move
from infra.cli.importing.oncall import wire
from infra.cli.importing.times import iana
from infra.cli.importing.values import Team, User

CHANNELS = {"notify_by_sms": "sms", "notify_by_phone_call": "voice"}


def users(move: Move, found: list[wire.User], export: Export) -> tuple[User, ...]:
    """Give every user, without the phone that the API does not tell."""
    rules = export.each("personal_notification_rules", wire.NotificationRule)
    move.names.give("user", ((user.id, _title(user)) for user in found))
    return tuple(_user(move, user, [rule for rule in rules if rule.user_id == user.id]) for user in found)


def _title(user: wire.User) -> str:
    return user.name or user.username or (user.email or user.id).partition("@")[0]


def _user(move: Move, user: wire.User, rules: list[wire.NotificationRule]) -> User:
    name = move.names.of("user", user.id) or ""
    high, low = (
        contacts.rules(move.report, name, urgency, _steps([rule for rule in rules if rule.important is important]))
        for urgency, important in (("high", True), ("low", False))
    )
    owns = user.role.lower() == "admin"
    return User(name, _title(user), "", iana(user.timezone) or "", high, low, owns_the_account=owns)


def _steps(rules: list[wire.NotificationRule]) -> list[Step]:
    """Add up the waits: each step comes so long after the page."""
    after, steps = timedelta(0), []
    for rule in sorted(rules, key=lambda rule: rule.position):
        if rule.type == "wait":
            after += timedelta(seconds=rule.duration or 0)
        elif rule.type:
            said = rule.type.removeprefix("notify_by_").replace("_", " ")
            steps.append(Step(CHANNELS.get(rule.type, ""), said, after))
    return steps


def teams(move: Move, found: list[wire.User], export: Export) -> tuple[Team, ...]:
    """Give every team with the users who say that they belong to it."""
    listed = export.each("teams", wire.Team)
    move.names.give("team", ((team.id, team.name) for team in listed))
    return tuple(
        Team(
            move.names.of("team", team.id) or "",
            tuple(move.names.of("user", user.id) or "" for user in found if team.id in (user.teams or ())),
        )
        for team in listed
    )

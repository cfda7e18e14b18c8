"""Opsgenie's users and teams: the rule for new alerts says how somebody is reached."""

from datetime import timedelta

from infra.cli.importing import contacts
from infra.cli.importing.contacts import Step
from infra.cli.importing.export import Export
from infra.cli.importing.move import Move
from infra.cli.importing.opsgenie import wire
from infra.cli.importing.times import iana
from infra.cli.importing.values import Team, User

CHANNELS = {"sms": "sms", "voice": "voice"}
NEW_ALERT = "create-alert"


def users(move: Move, export: Export) -> tuple[User, ...]:
    """Give every user who is not blocked."""
    found = export.each("users", wire.User)
    active = [user for user in found if not user.blocked]
    move.names.give("user", ((user.id, _title(user)) for user in active))
    for user in found:
        if user.blocked:
            move.report.left_out("user", _title(user), "is blocked there")
    return tuple(_user(move, export, user) for user in active)


def _title(user: wire.User) -> str:
    return user.full_name or user.username.partition("@")[0]


def _user(move: Move, export: Export, user: wire.User) -> User:
    name = move.names.of("user", user.id) or ""
    found = export.each(f"users/{user.id}/contacts", wire.Contact)
    phones = [_phone(each) for each in found if each.method in CHANNELS and each.status.enabled]
    steps = _steps(move, name, export.each(f"users/{user.id}/notification-rules", wire.NotificationRule))
    rules = contacts.rules(move.report, name, "either", steps)
    phone = contacts.phone(move.report, name, phones, steps)
    owns = user.role.name.lower() == "owner"
    return User(name, _title(user), phone, iana(user.time_zone) or "", rules, rules, owns)


def _steps(move: Move, user: str, rules: list[wire.NotificationRule]) -> list[Step]:
    """Take the first rule for every new alert; the rules for some of them only are a decision."""
    ours = [rule for rule in rules if rule.enabled and rule.action == NEW_ALERT]
    general = [rule for rule in ours if _is_general(rule)]
    for rule in ours:
        if rule not in general[:1]:
            what = f'the notification rule "{rule.name or rule.id}" holds for some alerts or hours only'
            move.report.decide("user", user, f"{what}: it is not in the file")
    if general and general[0].steps is None:
        what = "the steps of the notification rule are not in the export: save users/ID/notification-rules/ID.json"
        move.report.decide("user", user, what)
    steps = (general[0].steps or ()) if general else ()
    return [_step(each) for each in steps if each.enabled]


def _is_general(rule: wire.NotificationRule) -> bool:
    return not rule.time_restriction and (not rule.criteria or rule.criteria.type == "match-all")


def _step(step: wire.Step) -> Step:
    phone = _phone(step.contact) if step.contact.method in CHANNELS else ""
    channel = CHANNELS.get(step.contact.method, "") if phone else ""
    return Step(channel, step.contact.method, length(step.send_after), phone)


def _phone(contact: wire.Contact) -> str:
    return contacts.e164("", contact.to)


def length(amount: wire.Amount | None) -> timedelta:
    """Give a length of time."""
    return timedelta(**{amount.unit: amount.amount}) if amount else timedelta(0)


def teams(move: Move, found: list[wire.Team]) -> tuple[Team, ...]:
    """Give every team with its members, as far as they are in the export."""
    move.names.give("team", ((team.id, team.name) for team in found))
    made = []
    for team in found:
        named = (move.names.of("user", member.user.id or "") for member in team.members)
        made.append(Team(move.names.of("team", team.id) or "", tuple(user for user in named if user)))
    return tuple(made)

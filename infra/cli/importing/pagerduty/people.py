"""PagerDuty's users and teams: contact methods and notification rules become one phone and two lists of rules."""

from datetime import timedelta

from infra.cli.importing import contacts
from infra.cli.importing.contacts import Step
from infra.cli.importing.export import Export
from infra.cli.importing.move import Move
from infra.cli.importing.pagerduty import wire
from infra.cli.importing.times import iana
from infra.cli.importing.values import Team, User

CHANNELS = {"sms_contact_method": "sms", "phone_contact_method": "voice"}


def users(move: Move, export: Export) -> tuple[User, ...]:
    """Give every user of the account."""
    found = export.each("users", wire.User)
    move.names.give("user", ((user.id, user.name) for user in found))
    return tuple(_user(move, user) for user in found)


def _user(move: Move, user: wire.User) -> User:
    name = move.names.of("user", user.id) or ""
    if any(method.type.endswith("_reference") for method in user.contact_methods):
        what = "the export holds references only: ask for users with include[]=contact_methods and notification_rules"
        move.report.decide("user", name, what)
    steps = {urgency: _steps(user, urgency) for urgency in ("high", "low")}
    phones = [_phone(method) for method in user.contact_methods if method.type in CHANNELS]
    return User(
        name,
        user.name,
        contacts.phone(move.report, name, phones, [*steps["high"], *steps["low"]]),
        iana(user.time_zone) or "",
        contacts.rules(move.report, name, "high", steps["high"]),
        contacts.rules(move.report, name, "low", steps["low"]),
        owns_the_account=user.role == "owner",
    )


def _steps(user: wire.User, urgency: str) -> list[Step]:
    methods = {method.id: method for method in user.contact_methods}
    steps = []
    for rule in user.notification_rules:
        method = methods.get(rule.contact_method.id) if rule.contact_method else None
        if rule.urgency != urgency or not method:
            continue
        phone = _phone(method) if method.type in CHANNELS else ""
        said = method.type.removesuffix("_contact_method").replace("_", " ")
        said = f"{said}, which PagerDuty blocks," if method.blacklisted else said
        # A blocked or unreadable phone reaches nobody there: it must not become one that is called here.
        channel = CHANNELS.get(method.type, "") if phone else ""
        steps.append(Step(channel, said, timedelta(minutes=rule.start_delay_in_minutes), phone))
    return steps


def _phone(method: wire.ContactMethod) -> str:
    return "" if method.blacklisted else contacts.e164(str(method.country_code or ""), method.address or "")


def teams(move: Move, export: Export) -> tuple[Team, ...]:
    """Give every team with its members, as far as they are in the export."""
    found = export.each("teams", wire.Team)
    move.names.give("team", ((team.id, team.name) for team in found))
    result = []
    for team in found:
        name = move.names.of("team", team.id) or ""
        members = (each.user.id for each in export.each(f"teams/{team.id}/members", wire.Member))
        known = tuple(user for user in (move.names.of("user", member) for member in members) if user)
        result.append(Team(name, known))
    return tuple(result)

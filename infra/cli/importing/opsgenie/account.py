"""An Opsgenie account as a configuration of ours."""

from infra.cli.importing.export import Export
from infra.cli.importing.move import Move
from infra.cli.importing.opsgenie import people, schedules, wire
from infra.cli.importing.opsgenie.escalations import policies
from infra.cli.importing.opsgenie.services import maintenance, services
from infra.cli.importing.values import Configuration

EVERYWHERE = (
    "an escalation's delays count from its beginning there, from the level before here: pages come at the same minutes",
    "alerts have priorities P1 to P5 there; here each service has urgency high, and both urgencies of a user one rule",
    "every rotation of a schedule is on call there, so that several people can be; a schedule here has one of them",
    "the API does not tell the keys of integrations: each has a new one, and every sender needs its URL and key",
)
ELSEWHERE = (
    "services and incidents, alert policies, heartbeats (here: integrations with source heartbeat), forwarding rules"
)


def configuration(move: Move, export: Export) -> Configuration:
    """Carry over what has an equivalent."""
    for why in EVERYWHERE:
        move.report.different("account", "opsgenie", why)
    move.report.left_out("account", "opsgenie", f"{ELSEWHERE}: they are not read")
    found_users = people.users(move, export)
    wire_teams = export.each("teams", wire.Team)
    found_teams = people.teams(move, wire_teams)
    found_schedules = schedules.schedules(move, export)
    escalations = policies(move, export)
    found_services, made = services(move, export, wire_teams)
    windows = maintenance(move, export, found_services)
    return Configuration(found_users, found_teams, found_schedules, (*escalations, *made), found_services, windows)

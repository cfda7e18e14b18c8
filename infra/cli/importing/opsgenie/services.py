"""Opsgenie's teams as services: a team's integrations are the doors, its default routing rule names the policy."""

from infra.cli.importing.export import Export
from infra.cli.importing.move import Move
from infra.cli.importing.opsgenie import wire
from infra.cli.importing.opsgenie.escalations import of_a_schedule
from infra.cli.importing.values import Integration, Maintenance, Policy, Service

SOURCES = {
    "Prometheus": ("alertmanager", "webhook_configs take the place of opsgenie_configs"),
    "API": ("generic", "its sender posts the same JSON; options can name dedup_key: alias"),
    "Webhook": ("generic", "its sender posts the same JSON"),
}


def services(move: Move, export: Export, teams: list[wire.Team]) -> tuple[tuple[Service, ...], tuple[Policy, ...]]:
    """Give a service for each team that has integrations, and the policies that had to be made for them."""
    integrations = export.each("integrations", wire.Integration)
    for each in integrations:
        if each.team not in {team.id for team in teams}:
            what = "belongs to no team: which service does it open incidents on? It is not in the file"
            move.report.decide("integration", each.name, what)
    made: list[Service] = []
    policies: list[Policy] = []
    move.names.give("service", ((team.id, team.name) for team in teams))
    titles = {team.id: team.name for team in teams}
    named = ((each.id, f"{titles[each.team]} {each.name}") for each in integrations if each.team in titles)
    move.names.give("integration", named)
    for team in teams:
        doors = [each for each in integrations if each.team == team.id]
        policy = _policy(move, export, team, policies) if doors else None
        if not policy:
            why = (
                "has no integration and no service" if not doors else "its alerts go nowhere: no service is made of it"
            )
            move.report.left_out("service", move.names.given.pop(("service", team.id)), f"the team {team.name} {why}")
            continue
        made.append(_service(move, team, policy, doors))
    return tuple(made), tuple(policies)


def _policy(move: Move, export: Export, team: wire.Team, policies: list[Policy]) -> str | None:
    """Find where the team's alerts go by default; a schedule there becomes a policy of one level here."""
    name = move.names.of("service", team.id) or ""
    rules = export.each(f"teams/{team.id}/routing-rules", wire.RoutingRule)
    for rule in rules:
        if not rule.is_default:
            what = (
                f'the routing rule "{rule.name}" sends some alerts to {rule.notify.said}: only the default rule is here'
            )
            move.report.decide("service", name, what)
    default = next((rule.notify for rule in rules if rule.is_default), None)
    if default and default.type == "escalation":
        return move.names.of("policy", default.id or "")
    if default and default.type == "schedule":
        policies.append(of_a_schedule(move, name, default))
        return policies[-1].name
    return None


def _service(move: Move, team: wire.Team, policy: str, doors: list[wire.Integration]) -> Service:
    name = move.names.of("service", team.id) or ""
    made = (_integration(move, name, each) for each in doors)
    return Service(name, team.name, policy, "high", tuple(each for each in made if each))


def _integration(move: Move, service: str, integration: wire.Integration) -> Integration | None:
    if not integration.enabled:
        move.report.left_out("service", service, f"the integration {integration.name}: it is disabled there")
        return None
    if integration.type not in SOURCES:
        what = f"its integration {integration.name} ({integration.type}) has no source here: choose one, as in generic"
        move.report.decide("service", service, f"{what}, and give its sender that URL and key. It is not in the file")
        return None
    source, how = SOURCES[integration.type]
    name = move.names.of("integration", integration.id) or ""
    move.report.different("service", service, f"{name} has source {source}: {how}")
    return Integration(name, source, move.key(service, name, None))


def maintenance(move: Move, export: Export, made: tuple[Service, ...]) -> tuple[Maintenance, ...]:
    """Give the maintenances that switch integrations off, and are not over."""
    owners = {door.name: service.name for service in made for door in service.integrations}
    windows = []
    for each in export.each("maintenance", wire.Maintenance):
        title = each.description or f"maintenance {each.id}"
        named = [move.names.of("integration", rule.entity.id or "") for rule in each.rules]
        services = tuple(dict.fromkeys(owners[name] for name in named if name in owners))
        if each.status in {"past", "cancelled"} or (each.time.end and each.time.end <= move.now):
            move.report.left_out("maintenance", title, "it is over")
        elif not services or not each.time.start or not each.time.end:
            move.report.left_out("maintenance", title, "it has no end, or none of its integrations is in the file")
        else:
            move.report.different("maintenance", title, f"holds for all of {', '.join(services)}, not one integration")
            windows.append(Maintenance(title, services, each.time.start, each.time.end))
    return tuple(windows)

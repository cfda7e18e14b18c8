"""A Grafana OnCall organisation as a configuration of ours."""

from infra.cli.importing.export import Export
from infra.cli.importing.move import Move
from infra.cli.importing.oncall import chains, people, schedules, wire
from infra.cli.importing.values import Configuration, Integration, Service

EVERYWHERE = (
    "the API tells no phone numbers: each user needs one",
    "important notification rules are those of high urgency here, default rules those of low urgency",
    "everybody of the highest level is on call there; a schedule here has one of them",
    "each integration is a service here; its key is kept, its sender changes the URL to /ingest/SOURCE/KEY",
)
ELSEWHERE = "templates, grouping, Slack and other chats, webhooks, shift swaps, heartbeats and maintenance modes"
SOURCES = {
    "alertmanager": "alertmanager",
    "legacy_alertmanager": "alertmanager",
    "grafana_alerting": "alertmanager",
    "webhook": "generic",
    "formatted_webhook": "generic",
}


def configuration(move: Move, export: Export) -> Configuration:
    """Carry over what has an equivalent."""
    for why in EVERYWHERE:
        move.report.different("account", "grafana-oncall", why)
    move.report.left_out("account", "grafana-oncall", f"{ELSEWHERE}: they are not read")
    found = export.each("users", wire.User)
    found_users, found_teams = people.users(move, found, export), people.teams(move, found, export)
    found_schedules = schedules.schedules(move, export)
    policies = chains.policies(move, export)
    return Configuration(found_users, found_teams, found_schedules, policies, _services(move, export))


def _services(move: Move, export: Export) -> tuple[Service, ...]:
    found = export.each("integrations", wire.Integration)
    routes = export.each("routes", wire.Route)
    move.names.give("service", ((each.id, each.name) for each in found))
    return tuple(
        _service(move, export, each, [route for route in routes if route.integration_id == each.id]) for each in found
    )


def _service(move: Move, export: Export, integration: wire.Integration, routes: list[wire.Route]) -> Service:
    name = move.names.of("service", integration.id) or ""
    chain = integration.default_route.escalation_chain_id or ""
    for route in routes:
        if not route.is_the_last_route and route.escalation_chain_id != chain:
            to = move.names.of("policy", route.escalation_chain_id or "") or "nobody"
            what = f'its route "{route.routing_regex}" sends some alerts to {to}: only the default route is in the file'
            move.report.decide("service", name, what)
    urgency = chains.urgency(move, export, name, chain)
    doors = _doors(move, name, integration)
    return Service(name, integration.name, move.names.of("policy", chain) or "", urgency, doors)


def _doors(move: Move, service: str, integration: wire.Integration) -> tuple[Integration, ...]:
    source = SOURCES.get(integration.type)
    if not source:
        what = f"{integration.type} has no source here: choose one for its integration, as in generic"
        move.report.decide("service", service, f"{what}, and give its sender that URL and key. It is not in the file")
        return ()
    if source == "generic":
        why = "titles and dedup keys came from templates there; here usual names are found, and options name others"
        move.report.different("service", service, why)
    move.names.give("integration", [(integration.id, f"{service} {source}")])
    name = move.names.of("integration", integration.id) or ""
    key = (integration.link or "").rstrip("/").rpartition("/")[2]
    return (Integration(name, source, move.key(service, name, key)),)

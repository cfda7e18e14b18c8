"""A PagerDuty account as a configuration of ours."""

from datetime import timedelta
from typing import Any

from infra.cli.importing.export import Export
from infra.cli.importing.move import Move
from infra.cli.importing.pagerduty import people, schedules, services, wire
from infra.cli.importing.values import Configuration, Level, Policy

EVERYWHERE = (
    "after the last level and repeat an incident stays with the last person there; here the catch_all takes it",
    "a maintenance window opens no incidents there; here they are recorded and page nobody",
    "teams own services and policies there, with rights that go with it; here a team is people to be paged",
    "overrides are asked for 180 days ahead where the API is asked: later ones are not in the file",
    "integration keys are kept wherever the export has them: senders of the Events API v2 only change the host",
)
ELSEWHERE = "event orchestrations, rulesets, response plays, workflows, webhooks, extensions, priorities, status pages"


def configuration(move: Move, export: Export) -> Configuration:
    """Carry over what has an equivalent."""
    for why in EVERYWHERE:
        move.report.different("account", "pagerduty", why)
    move.report.left_out("account", "pagerduty", f"{ELSEWHERE}: they are not read")
    found_users, found_teams = people.users(move, export), people.teams(move, export)
    found_schedules = schedules.schedules(move, export)
    policies = _policies(move, export)
    found_services = services.services(move, export)
    windows = services.maintenance(move, export)
    return Configuration(found_users, found_teams, found_schedules, policies, found_services, windows)


def _policies(move: Move, export: Export) -> tuple[Policy, ...]:
    found = export.each("escalation_policies", wire.EscalationPolicy)
    move.names.give("policy", ((policy.id, policy.name) for policy in found))
    return tuple(_policy(move, policy) for policy in found)


def _policy(move: Move, policy: wire.EscalationPolicy) -> Policy:
    name = move.names.of("policy", policy.id) or ""
    levels = tuple(_level(move, name, rule) for rule in policy.escalation_rules)
    return Policy(name, levels, policy.num_loops)


def _level(move: Move, policy: str, rule: wire.EscalationRule) -> Level:
    targets = tuple(dict.fromkeys(target for each in rule.targets for target in _targets(move, policy, each)))
    chosen = _strategy(rule.escalation_rule_assignment_strategy) == "round_robin"
    if chosen and any(target.startswith("schedule ") for target in targets):
        why = "goes round over its schedules there, and over whoever they have on call here"
        move.report.different("policy", policy, why)
    return Level(targets, timedelta(minutes=rule.escalation_delay_in_minutes), chosen)


def _strategy(said: Any) -> Any:
    """Read the strategy, which the schema calls a string and the API answers as an object."""
    return said.get("type") if isinstance(said, dict) else said


def _targets(move: Move, policy: str, target: wire.Reference) -> tuple[str, ...]:
    kind = target.type.removesuffix("_reference")
    user = move.names.of("user", target.id)
    made = (f"user {user}",) if kind == "user" and user else move.schedules(target.id) if kind == "schedule" else ()
    if not made:
        move.report.decide(
            "policy", policy, f"pages the {kind} {target.summary or target.id}, which is not in the file"
        )
    return made

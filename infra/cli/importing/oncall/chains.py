"""Grafana OnCall's escalation chains: steps and waits become levels."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from infra.cli.importing.export import Export
from infra.cli.importing.move import Move
from infra.cli.importing.oncall import wire
from infra.cli.importing.settling import AFTER_THE_LAST
from infra.cli.importing.times import span
from infra.cli.importing.values import Level, Policy

SECOND = timedelta(seconds=1)
ROUNDS = 5  # OnCall repeats a chain so often
PAGES = {
    "notify_persons",
    "notify_person_next_each_time",
    "notify_on_call_from_schedule",
    "notify_team_members",
}
LEFT_OUT = {
    "trigger_webhook": "triggers a webhook",
    "notify_user_group": "notifies a Slack group",
    "notify_whole_channel": "notifies a Slack channel",
    "resolve": "resolves the alert group",
    "declare_incident": "declares an incident",
}


@dataclass
class Chain:
    """Levels as the steps make them."""

    levels: list[Level] = field(default_factory=list)
    repeat: int = 0
    waits_first: timedelta = timedelta(0)
    is_open: bool = False
    """Whether the next step still pages at the same moment as the last level."""


def policies(move: Move, export: Export) -> tuple[Policy, ...]:
    """Give every chain."""
    found = export.each("escalation_chains", wire.Chain)
    steps = sorted(export.each("escalation_policies", wire.Step), key=lambda step: step.position)
    move.names.give("policy", ((chain.id, chain.name) for chain in found))
    return tuple(
        _policy(move, chain, [step for step in steps if step.escalation_chain_id == chain.id]) for chain in found
    )


def _policy(move: Move, chain: wire.Chain, steps: list[wire.Step]) -> Policy:
    name = move.names.of("policy", chain.id) or ""
    made = Chain()
    for number, step in enumerate(steps, 1):
        _step(move, name, made, number, step)
    if made.waits_first:
        why = f"pages nobody before {span(made.waits_first)} there; here the first level is paged at once"
        move.report.different("policy", name, why)
    if made.levels and not made.levels[-1].delay:
        made.levels[-1] = replace(made.levels[-1], delay=AFTER_THE_LAST)
        what = "is repeated at once after its last step" if made.repeat else "ends with its last step"
        then = "that comes" if made.repeat else "the catch_all is asked"
        move.report.different("policy", name, f"{what} there; here {then} {span(AFTER_THE_LAST)} later")
    return Policy(name, tuple(made.levels), made.repeat)


def _step(move: Move, policy: str, made: Chain, number: int, step: wire.Step) -> None:
    if step.type == "wait":
        _wait(made, timedelta(seconds=step.duration or 0))
    elif step.type in PAGES:
        _page(move, policy, made, number, step)
    elif step.type == "repeat_escalation":
        made.repeat = ROUNDS
    elif step.type in LEFT_OUT:
        move.report.left_out("policy", policy, f"step {number} {LEFT_OUT[step.type]}")
    else:
        what = f"step {number} ({step.type}) lets the next ones wait for a condition: the file has them without it"
        move.report.decide("policy", policy, what)


def _wait(made: Chain, lasts: timedelta) -> None:
    if made.levels:
        made.levels[-1] = replace(made.levels[-1], delay=made.levels[-1].delay + lasts)
        made.is_open = False
    else:
        made.waits_first += lasts


def _page(move: Move, policy: str, made: Chain, number: int, step: wire.Step) -> None:
    """Page together what has no wait between it; whoever takes turns needs a level alone."""
    targets, chosen = _targets(move, policy, number, step), step.type == "notify_person_next_each_time"
    last = made.levels[-1] if made.levels and made.is_open else None
    if last and not chosen and not last.round_robin:
        made.levels[-1] = replace(last, targets=tuple(dict.fromkeys((*last.targets, *targets))))
        return
    if last:
        made.levels[-1] = replace(last, delay=SECOND)
        why = f"step {number} pages at the same moment as the one before there, and a second later here"
        move.report.different("policy", policy, why)
    made.levels.append(Level(targets, timedelta(0), chosen))
    made.is_open = True


def _targets(move: Move, policy: str, number: int, step: wire.Step) -> tuple[str, ...]:
    people = [*(step.persons_to_notify or ()), *(step.persons_to_notify_next_each_time or ())]
    named = [(identity, move.names.of("user", identity)) for identity in people]
    made = [f"user {name}" for _, name in named if name]
    missing = [f"the user {identity}" for identity, name in named if not name]
    if schedule := step.notify_on_call_from_schedule:
        made += move.schedules(schedule)
        missing += [] if move.schedules(schedule) else [f"the schedule {schedule}"]
    if step.team_to_notify:
        team = move.names.of("team", step.team_to_notify)
        made += [f"team {team}"] if team else []
        missing += [] if team else [f"the team {step.team_to_notify}"]
    for each in missing:
        move.report.decide("policy", policy, f"step {number} pages {each}, which is not in the file")
    return tuple(made)


def urgency(move: Move, export: Export, service: str, chain: str) -> str:
    """Say which rules of its users a chain uses: important ones are those of high urgency."""
    steps = export.each("escalation_policies", wire.Step)
    found = {bool(step.important) for step in steps if step.escalation_chain_id == chain and step.type in PAGES}
    if found == {True, False}:
        what = "some steps of its chain use important rules and some default ones: written as high, for all of them"
        move.report.decide("service", service, what)
    return "low" if found == {False} else "high"

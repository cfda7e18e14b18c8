"""Opsgenie's escalations: delays since the escalation began become delays since the level before."""

from datetime import timedelta
from itertools import pairwise

from infra.cli.importing.export import Export
from infra.cli.importing.move import Move
from infra.cli.importing.opsgenie import wire
from infra.cli.importing.opsgenie.people import length
from infra.cli.importing.settling import AFTER_THE_LAST
from infra.cli.importing.times import span
from infra.cli.importing.values import Level, Policy


def policies(move: Move, export: Export) -> tuple[Policy, ...]:
    """Give every escalation."""
    found = export.each("escalations", wire.Escalation)
    move.names.give("policy", ((escalation.id, escalation.name) for escalation in found))
    return tuple(_policy(move, escalation) for escalation in found)


def _policy(move: Move, escalation: wire.Escalation) -> Policy:
    name = move.names.of("policy", escalation.id) or ""
    repeat = escalation.repeat or wire.Repeat()
    _tell(move, name, escalation, repeat)
    delays = sorted({length(rule.delay) for rule in escalation.rules})
    if delays and delays[0]:
        why = f"pages nobody before {span(delays[0])} there; here the first level is paged at once"
        move.report.different("policy", name, why)
    lasting = [*(later - earlier for earlier, later in pairwise(delays)), _last(move, name, repeat)]
    levels = (_level(move, name, escalation, at, lasts) for at, lasts in zip(delays, lasting, strict=False))
    return Policy(name, tuple(levels), repeat.count)


def _level(move: Move, policy: str, escalation: wire.Escalation, at: timedelta, lasts: timedelta) -> Level:
    rules = (rule for rule in escalation.rules if length(rule.delay) == at)
    return Level(tuple(dict.fromkeys(target for rule in rules for target in _targets(move, policy, rule))), lasts)


def _last(move: Move, policy: str, repeat: wire.Repeat) -> timedelta:
    if repeat.count and repeat.wait_interval:
        return timedelta(minutes=repeat.wait_interval)
    why = f"ends with its last rule there; here the catch_all is asked {span(AFTER_THE_LAST)} later"
    move.report.different("policy", policy, why)
    return AFTER_THE_LAST


def _tell(move: Move, policy: str, escalation: wire.Escalation, repeat: wire.Repeat) -> None:
    if any(rule.condition == "if-not-closed" for rule in escalation.rules):
        why = "goes on until the alert is closed there (if-not-closed); here an acknowledgement stops it"
        move.report.different("policy", policy, why)
    if repeat.count and repeat.resets:
        why = "a repetition takes acknowledgements back there (resetRecipientStates); here nobody is asked again"
        move.report.different("policy", policy, why)
    if repeat.count and repeat.closes:
        move.report.left_out("policy", policy, "closes the alert after its last repetition: here it stays open")


def _targets(move: Move, policy: str, rule: wire.EscalationRule) -> tuple[str, ...]:
    recipient, how = rule.recipient, rule.notify_type
    if how in {"next", "previous"}:
        what = f"pages who is on call {how} in {recipient.said}, which the file cannot say: it is not in it"
        move.report.decide("policy", policy, what)
        return ()
    made = _named(move, recipient)
    if not made:
        move.report.decide("policy", policy, f"pages the {recipient.type} {recipient.said}, which is not in the file")
    elif recipient.type == "schedule" and how != "default":
        move.report.decide("policy", policy, f"pages {how} of the schedule {recipient.said}: here who is on call")
    elif recipient.type == "team" and how not in {"all", "users"}:
        whom = "by its routing rules" if how == "default" else how
        move.report.different("policy", policy, f"pages the team {recipient.said} ({whom}) there: here all its members")
    return made


def _named(move: Move, recipient: wire.Reference) -> tuple[str, ...]:
    if recipient.type == "schedule":
        return move.schedules(recipient.id or "")
    name = move.names.of(recipient.type, recipient.id or "") if recipient.type in {"user", "team"} else None
    return (f"{recipient.type} {name}",) if name else ()


def of_a_schedule(move: Move, team: str, schedule: wire.Reference) -> Policy:
    """Make a policy for a team whose alerts go to a schedule without any escalation."""
    name = move.names.fresh("policy", team)
    why = f"alerts go to the schedule {schedule.said} there, and nowhere after it; here the catch_all is asked"
    move.report.different("policy", name, f"{why} {span(AFTER_THE_LAST)} later")
    return Policy(name, (Level(move.schedules(schedule.id or ""), AFTER_THE_LAST),))

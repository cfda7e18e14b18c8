"""Makes one whole of what was found: nobody needed is missing, nothing is empty, somebody takes what nobody takes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from infra.cli.importing.move import Move
from infra.cli.importing.times import span
from infra.cli.importing.values import Configuration, Level, Policy, Service, Team, User
from tocsin.errors import Malformed

MOST_TARGETS, MOST_LEVELS, MOST_ROUNDS = 10, 20, 100
AT_LEAST, AT_MOST = timedelta(seconds=1), timedelta(weeks=4)
AFTER_THE_LAST = timedelta(minutes=30)


def settled(move: Move, found: Configuration) -> Configuration:
    """Give a configuration whose every name is defined; what was changed for it is in the report."""
    empty = {f"team {team.name}" for team in found.teams if not team.users}
    policies = tuple(_bounded(move, _without(move, policy, empty)) for policy in found.policies)
    teams = {team.name: team for team in found.teams}
    users = {user.name: user for user in found.users}
    targets = {target for policy in policies for level in policy.levels for target in level.targets}
    needed = _needed(found, targets, teams)
    kept = [user for user in users.values() if user.phone or user.name in needed]
    for user in users.values():
        _phone(move, user, is_kept=user in kept)
    catch_all = _catch_all(move, kept, needed)
    left = {user.name for user in kept}
    return replace(
        found,
        users=tuple(kept),
        teams=tuple(_teams(move, found.teams, left)),
        policies=tuple(_answered(move, policy, catch_all) for policy in policies),
        services=_served(move, found.services, {policy.name for policy in policies}),
        catch_all=catch_all,
    )


def _needed(found: Configuration, targets: set[str], teams: dict[str, Team]) -> set[str]:
    """Name everybody who could be paged."""
    named = {target.removeprefix("user ") for target in targets if target.startswith("user ")}
    for target in targets:
        if target.startswith("team "):
            named.update(teams[target.removeprefix("team ")].users)
    for schedule in found.schedules:
        named.update(user for layer in schedule.layers for user in layer.users)
        named.update(override.user for override in schedule.overrides)
    return named


def _phone(move: Move, user: User, *, is_kept: bool) -> None:
    if not is_kept:
        move.report.withdraw("user", user.name)
        move.report.left_out("user", user.name, "has no phone, and nothing would page this user")
    elif not user.phone:
        move.report.decide("user", user.name, "the export has no phone: write it as in +15550100123")
    move.report.carried("user", user.name)


def _catch_all(move: Move, users: Sequence[User], needed: set[str]) -> str:
    """Choose somebody: nothing else in these products takes what nobody takes."""
    if not users:
        raise Malformed("the export has no user who could be paged: there is nothing to import")
    ranked = sorted(users, key=lambda user: (not user.phone, not user.owns_the_account, user.name not in needed))
    what = "there is no such thing there: who takes what nobody else takes, and how often are they asked again?"
    move.report.decide("catch_all", "catch_all", f"{what} Written as {ranked[0].name}, every 30m")
    return ranked[0].name


def _teams(move: Move, teams: Iterable[Team], users: set[str]) -> Iterable[Team]:
    for team in teams:
        members = tuple(user for user in team.users if user in users)
        if gone := [user for user in team.users if user not in users]:
            move.report.different("team", team.name, f"is without {', '.join(gone)}, who have no phone")
        if not members:
            move.report.left_out("team", team.name, "has no members who could be paged")
            continue
        move.report.carried("team", team.name)
        yield replace(team, users=members)


def _without(move: Move, policy: Policy, empty: set[str]) -> Policy:
    """Leave out targets that mean nobody."""
    for level in policy.levels:
        for target in sorted(empty & set(level.targets)):
            move.report.decide("policy", policy.name, f"pages the {target}, which has no members in the export")
    kept = (replace(each, targets=tuple(to for to in each.targets if to not in empty)) for each in policy.levels)
    return replace(policy, levels=tuple(kept))


def _bounded(move: Move, policy: Policy) -> Policy:
    """Keep to what a policy of ours may hold; whatever is cut is a decision."""
    filled = _filled(move, policy)
    levels = tuple(_level(move, policy.name, number, level) for number, level in enumerate(filled, 1))
    if len(levels) > MOST_LEVELS:
        what = f"has {len(levels)} levels: the last {len(levels) - MOST_LEVELS} are not in the file"
        move.report.decide("policy", policy.name, what)
    if policy.repeat > MOST_ROUNDS:
        move.report.different("policy", policy.name, f"repeats {MOST_ROUNDS} times, not {policy.repeat}")
    return replace(policy, levels=levels[:MOST_LEVELS], repeat=min(policy.repeat, MOST_ROUNDS))


def _filled(move: Move, policy: Policy) -> list[Level]:
    """Leave out levels with nobody; the time they would have taken goes to the level before."""
    kept: list[Level] = []
    for number, level in enumerate(policy.levels, 1):
        if level.targets:
            kept.append(level)
            continue
        what = f"level {number} has nobody left to page and is not in the file"
        if kept:
            kept[-1] = replace(kept[-1], delay=kept[-1].delay + level.delay)
            what = f"{what}; its {span(level.delay)} are given to the level before"
        move.report.decide("policy", policy.name, what)
    return kept


def _level(move: Move, policy: str, number: int, level: Level) -> Level:
    if len(level.targets) > MOST_TARGETS:
        rest = ", ".join(level.targets[MOST_TARGETS:])
        move.report.decide("policy", policy, f"level {number} pages more than {MOST_TARGETS}: without {rest}")
    if not AT_LEAST <= level.delay <= AT_MOST:
        move.report.different("policy", policy, f"level {number} waits 1s at least and 4w at most, not {level.delay}")
    delay = min(max(level.delay, AT_LEAST), AT_MOST)
    return replace(level, targets=level.targets[:MOST_TARGETS], delay=delay)


def _answered(move: Move, policy: Policy, catch_all: str) -> Policy:
    if policy.levels:
        move.report.carried("policy", policy.name)
        return policy
    move.report.decide("policy", policy.name, f"has nobody left to page: written as user {catch_all}")
    return replace(policy, levels=(Level((f"user {catch_all}",), AFTER_THE_LAST),))


def _served(move: Move, services: Sequence[Service], policies: set[str]) -> tuple[Service, ...]:
    kept = []
    for service in services:
        if service.policy not in policies:
            why = "its escalation policy is not in the export: whatever its senders post would be refused here"
            move.report.withdraw("service", service.name)
            move.report.left_out("service", service.name, why)
            continue
        move.report.carried("service", service.name)
        kept.append(service)
    return tuple(kept)

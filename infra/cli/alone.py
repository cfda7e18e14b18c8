"""Checks that a canary sings to nobody but its own contact: a test must never wake who is on call."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tocsin.domain.canary import LATE
from tocsin.domain.config import TargetKind

if TYPE_CHECKING:
    from infra.cli import rosters, shape


def alone(integration: str, file: Mapping[str, Any]) -> None:
    """Raise ValueError unless the integration's policy is one level with a contact who is paged by nothing else."""
    [name] = [each.policy for each in file["services"].values() if integration in each.integrations]
    policy: shape.Policy = file["policies"][name]
    [level, *more] = policy.levels
    targets = [target for target in level.notify if target.kind is TargetKind.USER]
    if more or policy.repeat or len(targets) != len(level.notify):
        raise ValueError(f'its policy "{name}" should be one level that names a user and is not repeated')
    if level.delay < LATE:
        raise ValueError(f'its policy "{name}" should wait at least 5m: so long a canary may take')
    for target in targets:
        if target.id in _paged(file, without=name):
            raise ValueError(f'"{target.id}" is paged for other things too: a canary needs a contact of its own')


def _paged(file: Mapping[str, Any], without: str) -> Iterator[str]:
    """Give whoever a schedule, another policy or the catch-all names."""
    yield from file["catch_all"].users
    schedules: Mapping[str, rosters.Schedule] = file["schedules"]
    for schedule in schedules.values():
        yield from schedule.users()
    policies: Mapping[str, shape.Policy] = file["policies"]
    for name, policy in policies.items():
        if name != without:
            for target in (target for level in policy.levels for target in level.notify):
                yield from file["teams"][target.id].users if target.kind is TargetKind.TEAM else (target.id,)

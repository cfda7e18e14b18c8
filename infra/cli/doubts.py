"""Finds what is right by its form and probably not meant: what nothing uses, a phone of two people, a key to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from infra.cli import keys
from infra.cli.keys import Held
from infra.cli.shape import File
from tocsin.domain.config import Config, TargetKind


@dataclass(frozen=True)
class Doubt:
    """Something in a section of the file, and why it is doubtful."""

    section: str
    name: str
    sentence: str


def doubts(config: Config) -> list[Doubt]:
    """Give all of them, in the order of the sections of the file."""
    return [*_phones(config), *_schedules(config), *_policies(config), *_services(config)]


def doubtful_keys(file: File, now: datetime) -> list[Doubt]:
    """Give those about keys: how they are written only the file knows."""
    held = [
        one
        for service in file.services.values()
        for name, door in service.integrations.items()
        for one in (Held(name, door.key), *(Held(name, old.key, old.until) for old in door.old_keys))
    ]
    return [Doubt("integrations", name, sentence) for name, sentence in keys.doubts(held, now)]


def _phones(config: Config) -> Iterator[Doubt]:
    owners: dict[str, list[str]] = {}
    for name, user in config.users.items():
        owners.setdefault(user.phone, []).append(name)
    for names in owners.values():
        if len(names) > 1:
            *others, last = names
            sentence = f"{', '.join(others)} and {last} have the same phone: is one of them not reached?"
            yield Doubt("users", last, sentence)


def _schedules(config: Config) -> Iterator[Doubt]:
    levels = (level for name in _used(config) for level in config.policies[name].levels)
    named = {target.id for level in levels for target in level.targets if target.kind is TargetKind.SCHEDULE}
    for name in config.schedules:
        if name not in named:
            yield Doubt("schedules", name, f"whoever is on call in {name} is paged for nothing: no service leads there")


def _policies(config: Config) -> Iterator[Doubt]:
    for name in config.policies:
        if name not in _used(config):
            yield Doubt("policies", name, f"the policy {name} pages for no service")


def _services(config: Config) -> Iterator[Doubt]:
    with_doors = {each.service for each in config.integrations.values()}
    for name in config.services:
        if name not in with_doors:
            yield Doubt("services", name, f"the service {name} has no integration: no tool can raise an alert for it")


def _used(config: Config) -> set[str]:
    return {service.policy for service in config.services.values()}

"""Whom and what people mean by a name: an id, the name as colleagues say it, or a part of it that only one has."""

from collections.abc import Iterable, Mapping

from tocsin.domain.config import Config, Target, TargetKind
from tocsin.domain.replies import plain


def users(config: Config, words: str) -> tuple[Target, ...]:
    """Give every user the words can mean; one is certain, several are a question."""
    return tuple(Target(TargetKind.USER, found) for found in _named(words, _users(config)))


def targets(config: Config, words: str) -> tuple[Target, ...]:
    """Give every user, team or schedule the words can mean: those that match best, users before teams and schedules."""
    teams, schedules = ({name: (name,) for name in known} for known in (config.teams, config.schedules))
    kinds = {TargetKind.USER: _users(config), TargetKind.TEAM: teams, TargetKind.SCHEDULE: schedules}
    for way in zip(*(_matches(words, known) for known in kinds.values()), strict=True):
        for kind, found in zip(kinds, way, strict=True):
            if found:
                return tuple(Target(kind, one) for one in found)
    return ()


def services(config: Config, words: str) -> tuple[str, ...]:
    """Give the id of every service the words can mean."""
    return _named(words, {name: (service.name,) for name, service in config.services.items()})


def schedules(config: Config, words: str) -> tuple[str, ...]:
    """Give the id of every schedule the words can mean."""
    return _named(words, {name: (name,) for name in config.schedules})


def _users(config: Config) -> Mapping[str, Iterable[str]]:
    return {name: (user.name,) for name, user in config.users.items()}


def _named(words: str, known: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    return next((found for found in _matches(words, known) if found), ())


def _matches(words: str, known: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Give what has the words as its whole id, then as its whole name, then as one word of its name."""
    wanted = plain(words)
    names = {identity: [plain(one) for one in called] for identity, called in known.items()}
    return (
        tuple(identity for identity in known if plain(identity) == wanted),
        tuple(identity for identity, called in names.items() if wanted in called),
        tuple(identity for identity, called in names.items() if any(wanted in one.split() for one in called)),
    )

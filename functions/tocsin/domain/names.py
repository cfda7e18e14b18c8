"""Whom and what people mean by a name: an id, the name as colleagues say it, or a part of it that only one has."""

from collections.abc import Iterable, Mapping

from tocsin.domain.config import Config, Target, TargetKind
from tocsin.domain.replies import plain


def users(config: Config, words: str) -> tuple[Target, ...]:
    """Give every user the words can mean; one is certain, several are a question."""
    return tuple(Target(TargetKind.USER, found) for found in _named(words, _users(config)))


def targets(config: Config, words: str) -> tuple[Target, ...]:
    """Give every user, team or schedule the words can mean: a team is only meant when no user is, and so on."""
    teams = _named(words, {name: (name,) for name in config.teams})
    return (
        users(config, words)
        or tuple(Target(TargetKind.TEAM, found) for found in teams)
        or tuple(Target(TargetKind.SCHEDULE, found) for found in schedules(config, words))
    )


def services(config: Config, words: str) -> tuple[str, ...]:
    """Give the id of every service the words can mean."""
    return _named(words, {name: (service.name,) for name, service in config.services.items()})


def schedules(config: Config, words: str) -> tuple[str, ...]:
    """Give the id of every schedule the words can mean."""
    return _named(words, {name: (name,) for name in config.schedules})


def _users(config: Config) -> Mapping[str, Iterable[str]]:
    return {name: (user.name,) for name, user in config.users.items()}


def _named(words: str, known: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Look for the whole id, then for the whole name, then for one word of it, and stop where something is found."""
    wanted = plain(words)
    names = {identity: [plain(one) for one in called] for identity, called in known.items()}
    ways = (
        [identity for identity in known if plain(identity) == wanted],
        [identity for identity, called in names.items() if wanted in called],
        [identity for identity, called in names.items() if any(wanted in one.split() for one in called)],
    )
    return next((tuple(found) for found in ways if found), ())

"""Round robin: one of those a level means takes an incident, and whoever has taken none for longest the next one."""

from collections.abc import Sequence
from hashlib import sha256

from tocsin.domain.config import Level
from tocsin.domain.incident import Incident
from tocsin.domain.people import Chosen
from tocsin.domain.values import replace

Circle = tuple[str, ...]
"""Users by when they last took an incident, longest ago first; whoever is new to it is not in it and comes first."""


def willing(incident: Incident, chosen: Sequence[Chosen]) -> list[Chosen]:
    """Leave out whoever no channel could reach about this incident."""
    return [one for one in chosen if one.user.id not in incident.out_of_reach]


def in_turn(incident: Incident, level: Level, chosen: Sequence[Chosen]) -> tuple[Incident, Chosen]:
    """Choose one of at least one: whoever has taken the incident at this level before, else whose turn it is.

    The change moves the circle if the incident brings it along. If it does not, the lot decides, which is fair in the
    long run, and `drawn` says which circle was missing.
    """
    able = willing(incident, chosen) or list(chosen)
    name = level.circle
    for one in able:
        if one.user.id == incident.takers.get(name):
            return incident, replace(one, because=f"{one.because}, has taken it before")
    circle = incident.circles.get(name)
    one = _by_lot(incident, name, able) if circle is None else min(able, key=lambda each: _since(circle, each.user.id))
    moved = {} if circle is None else {name: moved_on(circle, one.user.id)}
    changed = replace(incident, takers={**incident.takers, name: one.user.id}, circles=moved, drawn=name)
    return changed, replace(one, because=f"{one.because}, whose turn it is")


def moved_on(circle: Circle, user: str) -> Circle:
    """Put whoever takes an incident behind all the others."""
    return (*(one for one in circle if one != user), user)


def _since(circle: Circle, user: str) -> int:
    return circle.index(user) if user in circle else -1


def _by_lot(incident: Incident, name: str, able: Sequence[Chosen]) -> Chosen:
    lot = sha256(f"{incident.nonce}|{name}".encode()).digest()
    return able[int.from_bytes(lot) % len(able)]

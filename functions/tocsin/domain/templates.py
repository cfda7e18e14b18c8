"""A template is a text with places for what an alert says: `{{labels.team}}`, `{{severity}}`. Nothing else is in it."""

import re
from collections.abc import Mapping
from typing import NamedTuple

OWN = ("severity", "title", "source", "integration", "service", "affected")
"""What every alert has, whatever its labels."""

LONGEST = 500
_PLACE = re.compile(r"\{\{\s*(?:labels\.([^\s{}]+)|([^\s{}]*))\s*\}\}")


class Filled(NamedTuple):
    """The text, and the names in it that the alert has nothing for."""

    text: str
    missing: tuple[str, ...]


def check(template: str) -> None:
    """Raise ValueError, with a sentence, for what is no template."""
    known = " or ".join(f"{{{{{name}}}}}" for name in OWN[:2])
    if len(template) > LONGEST:
        raise ValueError(f"has {len(template)} characters of at most {LONGEST}")
    for label, own in _PLACE.findall(template):
        if not label and own not in OWN:
            raise ValueError(f"{{{{{own}}}}} is nothing an alert has: write {{{{labels.NAME}}}}, {known}")
    if "{{" in (rest := _PLACE.sub("", template)) or "}}" in rest:
        raise ValueError(f'"{template}" has braces that are no place: write {{{{labels.NAME}}}}, {known}')


def names(template: str) -> tuple[str, ...]:
    """Give what a template asks for, in its order."""
    return tuple(label or own for label, own in _PLACE.findall(template))


def fill(template: str, labels: Mapping[str, str]) -> Filled:
    """Put in what the alert says; what it does not say is empty."""
    missing = dict.fromkeys(name for name in names(template) if not labels.get(name))
    text = _PLACE.sub(lambda place: labels.get(place[1] or place[2], ""), template)
    return Filled(text, tuple(missing))

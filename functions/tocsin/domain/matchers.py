"""Matchers say which alerts are meant, one label each, in Alertmanager's own syntax."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum

from tocsin.domain.alert import Alert
from tocsin.domain.automaton import matches
from tocsin.domain.values import dataclass

_PLAIN = r"[^\s{}!=~,\\\"'`]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_FORM = re.compile(rf"\s*({_QUOTED}|{_PLAIN})\s*(=~|!~|!=|=)\s*({_QUOTED}|{_PLAIN}|)\s*", re.DOTALL)
_LONGEST = 2000
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_SURROGATES = 0xD800, 0xDFFF
_FORM_SHOWN = "write a label, = != =~ or !~, and a value, as in 'host=\"db-1\"'"


class Relation(StrEnum):
    """How a label is compared, written as Alertmanager writes it; a pattern must match the whole of it."""

    IS = "="
    IS_NOT = "!="
    MATCHES = "=~"
    MATCHES_NOT = "!~"


PATTERNS = frozenset({Relation.MATCHES, Relation.MATCHES_NOT})


@dataclass(frozen=True)
class Matcher:
    """What one label of an alert must be; a label that is missing is empty."""

    label: str
    relation: Relation
    value: str

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Say whether an alert with these labels is meant."""
        found = labels.get(self.label, "")
        if self.relation not in PATTERNS:
            return (found == self.value) is (self.relation is Relation.IS)
        try:
            return matches(self.value, found) is (self.relation is Relation.MATCHES)
        except ValueError:
            return False  # it was a pattern for whoever checked the configuration: nothing is kept from anybody by it

    def __str__(self) -> str:
        """Write it as `parse` reads it."""
        plain = re.fullmatch(_PLAIN, self.label)
        return f"{self.label if plain else _quoted(self.label)}{self.relation}{_quoted(self.value)}"


def parse(text: str) -> Matcher:
    r"""Read `severity="warning"`, `host!=web-1`, `alertname=~"Disk.*"` or `"team name"!~"a|b"`.

    What is not in double quotes holds no space and none of `{}!=~,\"'` and the backtick; within them `\"`, `\\`, `\n`
    and the like stand for what they do in Go. Raises ValueError with a sentence.
    """
    found = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    if not found:
        raise ValueError(f'"{text}" is not a matcher: {_FORM_SHOWN}')
    made = Matcher(_unquoted(found[1]), Relation(found[2]), _unquoted(found[3]))
    if not made.label:
        raise ValueError(f'"{text}" is not a matcher, its label has no name: {_FORM_SHOWN}')
    try:
        matches(made.value if made.relation in PATTERNS else "", "")
    except ValueError as error:
        raise ValueError(f'"{made.value}" is not a pattern: {error}') from None
    return made


def labels_of(alert: Alert) -> dict[str, str]:
    """Give what matchers can ask for: the labels, and for sources without any what each alert has."""
    own = {"severity": alert.severity.value, "title": alert.title, "affected": alert.affected}
    return {**own, **alert.labels}


def _unquoted(text: str) -> str:
    return _ESCAPE.sub(_meant, text[1:-1]) if text.startswith('"') else text


def _meant(escape: re.Match[str]) -> str:
    code = escape[1]
    if len(code) > 1 and not _SURROGATES[0] <= int(code[1:], 16) <= _SURROGATES[1]:
        return chr(int(code[1:], 16))
    if code not in _ESCAPED:
        raise ValueError(f'"\\{code}" means nothing inside the quotes: a backslash is written twice there')
    return _ESCAPED[code]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

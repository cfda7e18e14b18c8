"""Evaluates the expressions of rules, which are CEL (cel.dev): checked when they are compiled, and bounded in time.

The library is 12 ms and 14 MB to load, so only what meets an expression loads it. Its regular expressions are RE2, and
its loops have a budget of their own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tocsin.domain.rules import Unclear
from tocsin.domain.templates import OWN

if TYPE_CHECKING:
    from tocsin.domain.rules import Facts

LONGEST = 1000
_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)")
_KIND = re.compile(r"^[A-Z_]+: ")


def holds(expression: str, facts: Facts) -> bool:
    """Say whether an expression holds; raises Unclear when it has no answer, or cannot be read here."""
    try:
        value = _compiled(expression).eval(data=dict(facts))
    except (ImportError, RuntimeError, ValueError) as error:
        raise Unclear(_first_line(str(error))) from error
    if value.type().name() != "BOOL":
        raise Unclear(_first_line(str(value.value())))
    return bool(value.value())


def check(expression: str) -> None:
    """Raise ValueError, with a sentence, for what is no expression or does not say yes or no."""
    if len(expression) > LONGEST:
        raise ValueError(f"has {len(expression)} characters of at most {LONGEST}")
    try:
        kind = _compiled(expression).return_type().name()
    except RuntimeError as error:
        found = _PLACE.search(str(error))
        where = f"at its character {found[2]}: {found[3]}" if found else _first_line(str(error))
        raise ValueError(f"is no expression, {where}") from None
    if kind != "BOOL":
        raise ValueError(f'says neither yes nor no but {kind.lower()}: compare it, as in labels.team == "db"')


@lru_cache(maxsize=256)
def _compiled(expression: str) -> Any:
    return _environment().compile(expression)


@lru_cache(maxsize=1)
def _environment() -> Any:
    from cel_expr_python import cel

    kinds = dict.fromkeys(OWN, cel.Type.STRING)
    labels = cel.Type.Map(cel.Type.STRING, cel.Type.STRING)
    return cel.NewEnv(variables={**kinds, "labels": labels, "accepted_at": cel.Type.TIMESTAMP})


def _first_line(text: str) -> str:
    """Give what went wrong without the kinds that the library writes around it."""
    return _KIND.sub("", text.partition("\n")[0]).partition(" [")[0]

"""Finds every regular expression in what is deployed, with the methods of it that are called."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import tocsin

WAYS = frozenset({"match", "fullmatch", "search", "sub", "split", "findall", "finditer"})
ANY = frozenset({"search"})
"""Stands for the use of one that a loop has another name for: no use takes longer than a search."""


@dataclass(frozen=True)
class Expression:
    """One of them: where it stands, and how it is used."""

    where: str
    pattern: re.Pattern[Any]
    ways: frozenset[str]

    def meets(self, text: str) -> None:
        """Use it on a text, in each of the ways in which it is used."""
        given: Any = text.encode() if isinstance(self.pattern.pattern, bytes) else text
        for way in self.ways:
            if way in {"sub", "split", "findall", "finditer"}:
                self.pattern.findall(given)
            else:
                getattr(self.pattern, way)(given)


def expressions() -> list[Expression]:
    """Give each of them, in the order of the modules."""
    names = [one.name for one in pkgutil.walk_packages(tocsin.__path__, "tocsin.")]
    return [found for name in names for found in _of(importlib.import_module(name))]


def _of(module: ModuleType) -> Iterator[Expression]:
    calls = [
        (ast.unparse(node.func.value).partition("[")[0], node.func.attr, node)
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    for name, value in vars(module).items():
        ways = frozenset(way for owner, way, _ in calls if owner == name and way in WAYS) or ANY
        yield from (Expression(f"{module.__name__}.{name}", one, ways) for one in _patterns(value))
    for owner, way, node in calls:
        if owner == "re" and way in WAYS:
            with suppress(NameError):  # made of what is only known while it runs
                said = eval(ast.unparse(node.args[0]), vars(module))  # noqa: S307 - our own source
                yield Expression(f"{module.__name__}:{node.lineno}", re.compile(said), frozenset({way}))


def _patterns(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _patterns(tuple(value.values()))
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _patterns(one)


COMMON = ("a!", "a", " ", "\\", '"', "0", "+1", "a@", "[{", "a.", "a-", " \n", "re: ", "é", "%41", "a=", "\t ", "0a")


def pieces(expression: Expression) -> list[str]:
    """Give what to repeat for it: what is hard for many, and each of its own letters and words."""
    said = expression.pattern.pattern
    text = said.decode("latin-1") if isinstance(said, bytes) else str(said)
    words = re.findall(r"[A-Za-z:=/#]{2,}", text)
    own = {one for one in text if one.isprintable() and one not in "()[]{}*+?|^$.\\"}
    return [*COMMON, *sorted(own), *sorted(f"{one}a" for one in own), *sorted({f"{word} " for word in words})]

"""Finds documents in a large collection without looking at all of them; small ones need none of this."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.simulation.store import Kept
    from tocsin.clients.store import Data, Where

FEW = 500
"""Up to so many documents are looked at one by one: to keep indexes would take longer."""


class Equal:
    """The names of the documents by the value of a field, which may be missing."""

    def __init__(self, field: str) -> None:
        self.field = field
        self.names: dict[Any, dict[str, None]] = defaultdict(dict)

    def change(self, name: str, before: Data | None, after: Data) -> None:
        """Take in that a document was written."""
        old, new = (before or {}).get(self.field), after.get(self.field)
        if before is not None:
            if old == new:
                return
            del self.names[old][name]
        self.names[new][name] = None

    def find(self, value: Any) -> list[str]:
        """Give those whose value this is."""
        return list(self.names.get(value, ()))


class Ordered:
    """The names of the documents in the order of a field's values, apart for times and for everything else."""

    def __init__(self, field: str) -> None:
        self.field = field
        self.rows: dict[bool, list[tuple[Any, str]]] = {True: [], False: []}

    def change(self, name: str, before: Data | None, after: Data) -> None:
        """Take in that a document was written."""
        old, new = (before or {}).get(self.field), after.get(self.field)
        if old == new:
            return
        if old is not None:
            rows = self.rows[isinstance(old, datetime)]
            del rows[bisect_left(rows, (old, name))]
        if new is not None:
            insort(self.rows[isinstance(new, datetime)], (new, name))

    def find(self, operator: str, value: Any) -> list[str]:
        """Give those whose value compares so, in its order."""
        rows = self.rows[isinstance(value, datetime)]
        first, last = 0, len(rows)
        if operator.startswith("<"):
            last = (bisect_right if operator == "<=" else bisect_left)(rows, value, key=_value)
        else:
            first = (bisect_left if operator == ">=" else bisect_right)(rows, value, key=_value)
        return [name for _, name in rows[first:last]]


def _value(row: tuple[Any, str]) -> Any:
    return row[0]


Index = TypeVar("Index", Equal, Ordered)


class Indexes:
    """The indexes of one collection, each made when it is first asked for."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, bool], Equal | Ordered] = {}

    def change(self, name: str, before: Data | None, after: Data) -> None:
        """Take in that a document was written."""
        for index in self.made.values():
            index.change(name, before, after)

    def candidates(self, where: tuple[Where, ...], known: Mapping[str, Kept]) -> list[str] | None:
        """Give names among which are all that fit: those of the equality that leaves fewest, or of the comparison."""
        equal = [self._equal(field, known).find(value) for field, operator, value in where if operator == "=="]
        if equal:
            return min(equal, key=len)
        compared = [(field, operator, value) for field, operator, value in where if operator != "=="]
        if not compared:
            return None
        field, operator, value = compared[0]
        return self._ordered(field, known).find(operator, value)

    def _equal(self, field: str, known: Mapping[str, Kept]) -> Equal:
        found = self.made.get((field, True))
        if not isinstance(found, Equal):
            self.made[field, True] = found = _filled(Equal(field), known)
        return found

    def _ordered(self, field: str, known: Mapping[str, Kept]) -> Ordered:
        found = self.made.get((field, False))
        if not isinstance(found, Ordered):
            self.made[field, False] = found = _filled(Ordered(field), known)
        return found


def _filled(index: Index, known: Mapping[str, Kept]) -> Index:
    for name, kept in known.items():
        index.change(name, None, kept.data)
    return index

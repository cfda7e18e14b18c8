"""Matches texts with patterns in a time that grows with the text and no faster: no sender can hold up the pager.

The standard library's matcher tries one way after the other, and a text made for that keeps it busy for years. Here all
ways are followed at once, and the sets of places that they reach are remembered.
"""

from functools import lru_cache

from tocsin.domain.patterns import Chars, Edge, Either, Part, Repeat, Sequence, read
from tocsin.domain.values import dataclass

MOST_STEPS = 500
LONGEST_TEXT = 2000
"""Characters of a text that are looked at: with the steps they bound the time, to a fraction of a second at worst."""

_REMEMBERED = 20_000


@dataclass(frozen=True)
class _Split:
    """Go on at any of these steps."""

    to: tuple[int, ...]


_Step = Chars | Edge | _Split


def matches(pattern: str, text: str) -> bool:
    """Say whether the whole text is as the pattern says; raises ValueError, with a reason, for what is no pattern."""
    return _machine(pattern).accepts(text[:LONGEST_TEXT])


@lru_cache(maxsize=512)
def _machine(pattern: str) -> "_Machine":
    return _Machine(tuple(_steps(read(pattern), 0)))


class _Machine:
    """Steps to follow; the place after the last one is the end of a match."""

    def __init__(self, steps: tuple[_Step, ...]) -> None:
        self._steps = steps
        self._next: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._first = self._reached({0}, begin=True)

    def accepts(self, text: str) -> bool:
        places = self._first
        for char in text:
            key = (places, char)
            known = self._next.get(key)
            places = self._remember(key) if known is None else known
            if not places:
                return False
        return len(self._steps) in self._reached(places, begin=not text, end=True)

    def _remember(self, key: tuple[frozenset[int], str]) -> frozenset[int]:
        if len(self._next) >= _REMEMBERED:
            self._next.clear()
        places, char = key
        found = ((place, self._steps[place]) for place in places if place < len(self._steps))
        self._next[key] = self._reached({place + 1 for place, one in found if isinstance(one, Chars) and one.has(char)})
        return self._next[key]

    def _reached(self, places: set[int] | frozenset[int], *, begin: bool = False, end: bool = False) -> frozenset[int]:
        """Give every place that can be reached without another character."""
        reached, left = set(places), list(places)
        while left:
            place = left.pop()
            one = self._steps[place] if place < len(self._steps) else None
            follows: tuple[int, ...] = ()
            if isinstance(one, _Split):
                follows = one.to
            elif isinstance(one, Edge) and (begin if one.begin else end):
                follows = (place + 1,)
            left += [each for each in follows if each not in reached]
            reached.update(follows)
        return frozenset(reached)


def _steps(node: Part, start: int) -> list[_Step]:
    """Write down the steps of a part that begins at a place."""
    made: list[_Step] = []
    if isinstance(node, Sequence):
        for each in node.of:
            made += _steps(each, start + len(made))
    elif isinstance(node, Either):
        made = _either(node.of, start)
    elif isinstance(node, Repeat):
        made = _repeat(node, start)
    else:
        made = [node]
    if len(made) > MOST_STEPS:
        raise ValueError(f"it repeats too much: written out it has more than {MOST_STEPS} steps")
    return made


def _either(of: tuple[Part, ...], start: int) -> list[_Step]:
    first, *others = of
    if not others:
        return _steps(first, start)
    one = _steps(first, start + 1)
    other = start + 1 + len(one) + 1
    rest = _either(tuple(others), other)
    return [_Split((start + 1, other)), *one, _Split((other + len(rest),)), *rest]


def _repeat(node: Repeat, start: int) -> list[_Step]:
    made: list[_Step] = []
    for _ in range(node.least):
        made += _steps(node.of, start + len(made))
        if len(made) > MOST_STEPS:
            return made
    if node.most is None:
        again = start + len(made)
        inner = _steps(node.of, again + 1)
        return [*made, _Split((again + 1, again + len(inner) + 2)), *inner, _Split((again,))]
    optional = len(_steps(node.of, 0)) + 1
    end = start + len(made) + (node.most - node.least) * optional
    for _ in range(node.most - node.least):
        here = start + len(made)
        made += [_Split((here + 1, end)), *_steps(node.of, here + 1)]
        if len(made) > MOST_STEPS:
            return made
    return made

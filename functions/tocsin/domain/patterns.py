"""Reads regular expressions: what Alertmanager's own kind (RE2) and Python's have in common, and nothing else."""

from collections.abc import Iterator
from string import ascii_letters, punctuation

from tocsin.domain.values import dataclass

LONGEST, DEEPEST, MOST_TIMES = 1000, 50, 500
_LAST = chr(0x10FFFF)

Ranges = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Chars:
    """One character: in one of the ranges, or in none of them."""

    ranges: Ranges
    without: bool = False
    any_case: bool = False

    def has(self, char: str) -> bool:
        """Say whether this character is meant."""
        written = {char, char.lower(), char.upper()} if self.any_case else {char}
        return any(low <= one <= high for low, high in self.ranges for one in written) is not self.without


@dataclass(frozen=True)
class Edge:
    """The beginning of the text, or its end."""

    begin: bool


@dataclass(frozen=True)
class Sequence:
    """One part after the other."""

    of: tuple["Part", ...]


@dataclass(frozen=True)
class Either:
    """Any one of several parts."""

    of: tuple["Part", ...]


@dataclass(frozen=True)
class Repeat:
    """A part so many times, for ever if there is no limit."""

    of: "Part"
    least: int
    most: int | None


Part = Chars | Edge | Sequence | Either | Repeat

_CLASSES: dict[str, Ranges] = {
    "d": (("0", "9"),),
    "s": (("\t", "\n"), ("\f", "\r"), (" ", " ")),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
}
_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def read(pattern: str) -> Part:
    """Give the parts of a pattern; raises ValueError, with a reason, for what is none."""
    if len(pattern) > LONGEST:
        raise ValueError(f"it has {len(pattern)} characters of at most {LONGEST}")
    return _Reader(pattern).whole()


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._any_case = pattern.startswith("(?i)")
        self._text = pattern.removeprefix("(?i)")
        self._at = 0
        self._depth = 0

    def whole(self) -> Part:
        node = self._alternatives()
        if self._at < len(self._text):
            raise ValueError("a ) closes nothing")
        return node

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def _skip(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _alternatives(self) -> Part:
        branches = [self._sequence()]
        while self._skip("|"):
            branches.append(self._sequence())
        return Either(tuple(branches)) if len(branches) > 1 else branches[0]

    def _sequence(self) -> Sequence:
        nodes: list[Part] = []
        while self._peek() not in {"", "|", ")"}:
            nodes.append(self._repeated(self._atom()))
        return Sequence(tuple(nodes))

    def _repeated(self, atom: Part) -> Part:
        times = self._times()
        if not times:
            return atom
        is_edge = isinstance(atom, Edge)
        if is_edge:
            raise ValueError("an edge of the text cannot be repeated")
        self._skip("?")  # as few as possible: what matters is only whether the whole matches
        if self._times():
            raise ValueError("a repetition is repeated")
        return Repeat(atom, *times)

    def _times(self) -> tuple[int, int | None] | None:
        known: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if self._peek() and self._peek() in known:
            return known[self._take()]
        counted, _, _ = self._text[self._at + 1 :].partition("}") if self._peek() == "{" else ("", "", "")
        least, comma, most = counted.partition(",")
        if not (least.isascii() and least.isdigit() and (not most or (most.isascii() and most.isdigit()))):
            return None
        self._at += len(counted) + 2
        times = (int(least), (int(most) if most else None) if comma else int(least))
        if times[1] is not None and times[0] > times[1]:
            raise ValueError(f"{{{counted}}} has its limits the wrong way round")
        if max(times[0], times[1] or 0) > MOST_TIMES:
            raise ValueError(f"{{{counted}}} repeats more than {MOST_TIMES} times")
        return times

    def _atom(self) -> Part:
        char = self._take()
        if char in {"*", "+", "?"}:
            raise ValueError(f"there is nothing that {char} could repeat")
        if char in {"^", "$"}:
            return Edge(begin=char == "^")
        if char == "(":
            return self._group()
        if char == "[":
            return self._set()
        if char == ".":
            return Chars((("\n", "\n"),), without=True)
        ranges, without = self._escaped() if char == "\\" else (((char, char),), False)
        return Chars(ranges, without, self._any_case)

    def _group(self) -> Part:
        if self._skip("?") and not self._skip(":"):
            raise ValueError("of the groups that begin with (? only (?: is known here, and (?i) at the beginning")
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError(f"its groups are nested more than {DEEPEST} deep")
        node = self._alternatives()
        if not self._skip(")"):
            raise ValueError("a ( is not closed")
        self._depth -= 1
        return node

    def _set(self) -> Chars:
        without, ranges = self._skip("^"), list[tuple[str, str]]()
        while not ranges or self._peek() != "]":
            if not self._peek():
                raise ValueError("a [ is not closed")
            low, inside = self._member()
            if inside:
                ranges += inside
            elif self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in {"]", ""}:
                self._at += 1
                high, inside = self._member()
                if inside or high < low:
                    raise ValueError("a range in [ ] does not run from one character up to another")
                ranges.append((low, high))
            else:
                ranges.append((low, low))
        self._at += 1
        return Chars(tuple(ranges), without, self._any_case)

    def _member(self) -> tuple[str, Ranges]:
        """Give one character of a set, or the ranges that an escape for several stands for."""
        char = self._take()
        if char == "[" and self._peek() in {":", ".", "="}:
            raise ValueError("named classes such as [:alpha:] are not known here: write [a-zA-Z]")
        if char != "\\":
            return char, ()
        ranges, without = self._escaped()
        if without:
            return "", tuple(_others(ranges))
        return (ranges[0][0], ()) if len(ranges) == 1 and ranges[0][0] == ranges[0][1] else ("", ranges)

    def _escaped(self) -> tuple[Ranges, bool]:
        char = self._take()
        if char and char.lower() in _CLASSES:
            return _CLASSES[char.lower()], char.isupper()
        if char in _CONTROLS:
            return ((_CONTROLS[char], _CONTROLS[char]),), False
        if not char or char in ascii_letters or char not in punctuation:
            raise ValueError(f"\\{char} is not known here")
        return ((char, char),), False


def _others(ranges: Ranges) -> Iterator[tuple[str, str]]:
    """Give what lies between ranges that are in order."""
    begin = 0
    for low, high in ranges:
        if begin < ord(low):
            yield chr(begin), chr(ord(low) - 1)
        begin = ord(high) + 1
    yield chr(begin), _LAST

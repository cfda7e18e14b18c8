"""Reads YAML into plain values and remembers the line and column of each, so that a mistake can be pointed at.

Every scalar stays the text that was written, for the field to interpret: `+15550100` keeps its plus and `no` is a
name. Nothing is constructed from tags. Anchors, aliases and `<<` work; a file that grows absurdly by them is refused.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import yaml

from tocsin.errors import Malformed

Path = tuple[str | int, ...]
Value = str | None | list["Value"] | dict[str, "Value"]

MOST_VALUES = 100_000
MERGE = "tag:yaml.org,2002:merge"
NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True)
class Mistake:
    """What is wrong in one place: line and column count from 1 in a file."""

    line: int
    column: int
    sentence: str
    file: str = ""


class Place(NamedTuple):
    """Where something is written: line and column count from 1 in a file."""

    line: int
    column: int
    file: str = ""

    def mistake(self, sentence: str) -> Mistake:
        """Say what is wrong here."""
        return Mistake(self.line, self.column, sentence, self.file)


class Mistakes(Malformed):
    """Files that cannot be used; `mistakes` has all that could be found, file by file in the order of the lines."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        """Keep them in the order of the files."""
        super().__init__("; ".join(each.sentence for each in mistakes))
        self.mistakes = sorted(set(mistakes), key=lambda one: (one.file, one.line, one.column, one.sentence))


@dataclass
class Tree:
    """A document as plain values, with the places of names (`keys`) and of what they stand for (`values`)."""

    root: Value = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


def read(text: str) -> Tree:
    """Read one document; raises Mistakes if it is no YAML at all, else lists repeated names in the tree."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Mistakes([_no_yaml(text, error)]) from None
    except RecursionError:
        raise Mistakes([Mistake(1, 1, "the file is nested too deeply to be a configuration")]) from None
    if node is None:
        raise Mistakes([Mistake(1, 1, "the file is empty")])
    reader = _Reader()
    reader.tree.root = reader.value(node, ())
    return reader.tree


def _no_yaml(text: str, error: yaml.YAMLError) -> Mistake:
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        place = before.count("\n") + 1, error.position - before.rfind("\n")
        return Place(*place).mistake("the file is not YAML: it holds a character that is not text")
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or error)
    if problem == "but found another document":
        problem = "it holds two documents"
    if "'\\t'" in problem:
        problem = "a tab stands where YAML wants spaces"
    return (_place(mark) if mark else Place(1, 1)).mistake(f"the file is not YAML: {problem}")


def _place(mark: yaml.Mark) -> Place:
    return Place(mark.line + 1, mark.column + 1)


class _Reader:
    def __init__(self) -> None:
        self.tree = Tree()
        self._open: set[int] = set()
        self._count = 0

    def value(self, node: yaml.Node, path: Path) -> Value:
        """Give what a node says; raises Mistakes when aliases make it endless."""
        self.tree.values[path] = _place(node.start_mark)
        self._count += 1
        if self._count > MOST_VALUES or id(node) in self._open:
            raise Mistakes([_place(node.start_mark).mistake("the aliases make the file endless")])
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == NULL else str(node.value)
        self._open.add(id(node))
        value = self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._list(node, path)
        self._open.remove(id(node))
        return value

    def _list(self, node: yaml.Node, path: Path) -> Value:
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Value]:
        merged = self._merged(node, path)
        own: dict[str, Value] = {}
        for key, item in node.value:
            if key.tag == MERGE:
                continue
            place = _place(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                self.tree.mistakes.append(place.mistake("a name must be a text, not a list or a mapping"))
                continue
            if key.value in own:
                first = self.tree.keys[*path, key.value][0]
                sentence = f'"{key.value}" is written twice: it already stands in line {first}'
                self.tree.mistakes.append(place.mistake(sentence))
                continue
            self.tree.keys[*path, key.value] = place
            own[key.value] = self.value(item, (*path, key.value))
        return merged | own

    def _merged(self, node: yaml.MappingNode, path: Path) -> dict[str, Value]:
        """Gather what `<<` brings in; of several mappings the first one wins."""
        merged: dict[str, Value] = {}
        for source in (item for key, item in node.value if key.tag == MERGE):
            for each in reversed(source.value) if isinstance(source, yaml.SequenceNode) else [source]:
                if isinstance(each, yaml.MappingNode):
                    value = self.value(each, path)
                    merged |= value if isinstance(value, dict) else {}
                else:
                    self.tree.mistakes.append(_place(each.start_mark).mistake('"<<" takes a mapping'))
        return merged

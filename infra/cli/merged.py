"""Puts several files together as if they were one: sections are joined name by name, and every place keeps its file."""

from collections.abc import Mapping
from typing import get_origin

from infra.cli.marked import Mistakes, Path, Place, Tree, Value
from infra.cli.shape import File

# What holds named things or a list of things may stand in several files; any other section is one thing.
JOINED = {name for name, field in File.model_fields.items() if get_origin(field.annotation) in {dict, list}}


def together(trees: Mapping[str, Tree]) -> Tree:
    """Give one tree; what is defined twice is a mistake that names both places.

    Raises Mistakes if one of them is no YAML, or no mapping: what it would have defined is not known then.
    """
    whole = Tree(root={}, values={(): Place(1, 1, next(iter(trees)))})
    unread = False
    for file, tree in trees.items():
        whole.mistakes += [Place(one.line, one.column, file).mistake(one.sentence) for one in tree.mistakes]
        if isinstance(tree.root, dict):
            _add(whole, tree.root, tree, file)
            continue
        unread = True
        if tree.values:
            sentence = 'the file should be a mapping that begins with a section, as in "users:"'
            whole.mistakes.append(Place(1, 1, file).mistake(sentence))
    if unread:
        raise Mistakes(whole.mistakes)
    return whole


def _add(whole: Tree, sections: dict[str, Value], tree: Tree, file: str) -> None:
    root = whole.root if isinstance(whole.root, dict) else {}
    moved: dict[Path, Path] = {}
    for name, section in sections.items():
        there = root.get(name)
        if name not in root:
            root[name] = section
            moved[name,] = (name,)
        elif name in JOINED and isinstance(there, dict) and isinstance(section, dict):
            for each, value in section.items():
                if each in there:
                    _twice(whole, tree, (name, each), file)
                    continue
                there[each] = value
                moved[name, each] = name, each
        elif name in JOINED and isinstance(there, list) and isinstance(section, list):
            for number, value in enumerate(section):
                moved[name, number] = name, len(there)
                there.append(value)
        else:
            _twice(whole, tree, (name,), file)
    _carry(whole, tree, moved, file)


def _carry(whole: Tree, tree: Tree, moved: Mapping[Path, Path], file: str) -> None:
    """Take over the places of what stands at or below the paths that moved."""
    for ours, theirs in ((whole.keys, tree.keys), (whole.values, tree.values)):
        for path, place in theirs.items():
            known = next((length for length in (1, 2) if path[:length] in moved), 0)
            if known:
                ours[moved[path[:known]] + path[known:]] = Place(place.line, place.column, file)


def _twice(whole: Tree, tree: Tree, path: Path, file: str) -> None:
    first = whole.keys[path] if path in whole.keys else whole.values[path]
    again = tree.keys[path] if path in tree.keys else tree.values[path]
    sentence = f'"{path[-1]}" is defined twice: it already stands in {first.file}:{first.line}'
    whole.mistakes.append(Place(again.line, again.column, file).mistake(sentence))

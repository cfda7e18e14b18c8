"""Reads the configuration: YAML files in, one checked configuration or every mistake with its place out."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

import tocsin
from infra.cli import compiled, marked, merged, sentences
from infra.cli.fields import Names
from infra.cli.marked import Mistake, Mistakes, Tree
from infra.cli.shape import File
from tocsin.domain.config import Config

# The whole configuration is one document, and Firestore's largest holds 1 MiB.
MOST_BYTES = 500_000


def load(*paths: Path) -> Config:
    """Give the configuration that files, and the YAML files in folders, describe together.

    Raises Mistakes with all of them.
    """
    return compiled.config(read(*paths))


def read(*paths: Path) -> File:
    """Give the same as it is written there."""
    tree = merged.together({str(file): _tree(file) for file in files(paths)})
    mistakes = list(tree.mistakes)
    try:
        file = File.model_validate(tree.root, context=_names(tree))
    except ValidationError as error:
        mistakes += [sentences.mistake(each, tree) for each in error.errors(include_url=False)]
    if mistakes:
        raise Mistakes(mistakes)
    return file


def files(paths: Iterable[Path]) -> list[Path]:
    """Give each file once, those of a folder in the order of their names; what is hidden is left out."""
    found: dict[Path, Path] = {}
    for path in paths:
        inside = (
            sorted(each for each in path.rglob("*") if _is_yaml(each.relative_to(path))) if path.is_dir() else [path]
        )
        if not inside:
            raise Mistakes([Mistake(1, 1, "the folder holds no file whose name ends in .yaml", str(path))])
        for file in inside:
            found.setdefault(file.resolve(), file)
    size = sum(file.stat().st_size for file in found.values() if file.is_file())
    if size > MOST_BYTES:
        sentence = f"the configuration has {size} bytes: it may have at most {MOST_BYTES}"
        raise Mistakes([Mistake(1, 1, sentence, str(next(iter(found.values()))))])
    return list(found.values())


def _is_yaml(path: Path) -> bool:
    return path.suffix in {".yaml", ".yml"} and not any(part.startswith(".") for part in path.parts)


def _tree(file: Path) -> Tree:
    """Read one file; what makes it no YAML at all is its only mistake."""
    try:
        return marked.read(_text(file))
    except Mistakes as unreadable:
        return Tree(mistakes=unreadable.mistakes)


def _text(file: Path) -> str:
    try:
        body = file.read_bytes()
        return body.decode("utf-8-sig")
    except OSError as error:
        raise Mistakes([Mistake(1, 1, f"the file cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Mistakes([Mistake(line, 1, "the file is not text in UTF-8")]) from None


def _names(tree: Tree) -> Names:
    """List what the file defines, even where the definitions have mistakes of their own."""
    sections = {
        "user": "users",
        "team": "teams",
        "schedule": "schedules",
        "policy": "policies",
        "service": "services",
        "list of holidays": "holidays",
    }
    root = tree.root if isinstance(tree.root, dict) else {}
    known = {kind: _defined(root.get(section, {})) for kind, section in sections.items()}
    known["integration"] = _integrations(root.get("services", {}))
    codes = root.get("calling_codes")
    texts = tuple(one for one in codes if isinstance(one, str)) if isinstance(codes, list) else ()
    return Names({**known, "channel": modules("channels"), "source": modules("sources")}, texts)


def _integrations(services: marked.Value) -> set[str] | None:
    owners = services.values() if isinstance(services, dict) else [None]
    sections = [_defined(owner.get("integrations", {})) if isinstance(owner, dict) else None for owner in owners]
    return None if None in sections else {name for each in sections if each for name in each}


def _defined(section: marked.Value) -> set[str] | None:
    return set(section) if isinstance(section, dict) else None


def modules(folder: str) -> set[str]:
    """List a folder's modules by file name alone: a name that is no file can never be imported."""
    found = (Path(each) / folder for each in tocsin.__path__)
    return {file.stem for each in found for file in each.glob("*.py") if not file.stem.startswith("_")}

"""Reads the configuration file: one YAML file in, a checked configuration or every mistake with its place out."""

from pathlib import Path

from pydantic import ValidationError

import tocsin
from infra.cli import compiled, marked, sentences
from infra.cli.fields import Names
from infra.cli.marked import Mistake, Mistakes, Tree
from infra.cli.shape import File
from tocsin.domain.config import Config

# The whole configuration is one document, and Firestore's largest holds 1 MiB.
MOST_BYTES = 500_000


def load(path: Path) -> Config:
    """Give the configuration that a file describes; raises Mistakes with all of them."""
    tree = marked.read(_text(path))
    mistakes = list(tree.mistakes)
    if not isinstance(tree.root, dict):
        raise Mistakes(
            [*mistakes, Mistake(1, 1, 'the file should be a mapping that begins with a section, as in "users:"')]
        )
    try:
        file = File.model_validate(tree.root, context=_names(tree))
    except ValidationError as error:
        mistakes += [sentences.mistake(each, tree) for each in error.errors(include_url=False)]
    if mistakes:
        raise Mistakes(mistakes)
    return compiled.config(file)


def _text(path: Path) -> str:
    try:
        body = path.read_bytes()
        text = body.decode("utf-8-sig")
    except OSError as error:
        raise Mistakes([Mistake(1, 1, f"the file cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Mistakes([Mistake(line, 1, "the file is not text in UTF-8")]) from None
    if len(body) > MOST_BYTES:
        sentence = f"the file has {len(body)} bytes: a configuration has at most {MOST_BYTES}"
        raise Mistakes([Mistake(1, 1, sentence)])
    return text


def _names(tree: Tree) -> Names:
    """List what the file defines, even where the definitions have mistakes of their own."""
    sections = {
        "user": "users",
        "schedule": "schedules",
        "policy": "policies",
        "service": "services",
        "list of holidays": "holidays",
    }
    root = tree.root if isinstance(tree.root, dict) else {}
    known = {kind: _defined(root.get(section, {})) for kind, section in sections.items()}
    known["integration"] = _integrations(root.get("services", {}))
    return Names({**known, "channel": modules("channels"), "source": modules("sources")})


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

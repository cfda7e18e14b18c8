"""Reads what is written in infra/gcp, as it stands: blocks, and the tables in their `locals`."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import hcl2
from hcl2 import SerializationOptions

ROOT = Path(__file__).resolve().parents[2]
GCP = ROOT / "infra" / "gcp"
SCHEMA = Path(__file__).with_name("schema.json")
MARK = "__is_block__"
OPTIONS = SerializationOptions(with_comments=False)


@dataclass(frozen=True)
class Block:
    """One resource or data source: `kind` as schema.json names it, and its body."""

    kind: str
    name: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Module:
    """All files of the module as one."""

    text: str

    @classmethod
    def read(cls, files: str = "*.tf") -> "Module":
        return cls("\n".join(path.read_text(encoding="utf-8") for path in sorted(GCP.glob(files))))

    @cached_property
    def parsed(self) -> dict[str, list[dict[str, Any]]]:
        parsed: dict[str, list[dict[str, Any]]] = plain(hcl2.loads(self.text, serialization_options=OPTIONS))
        return parsed

    def blocks(self) -> Iterator[Block]:
        parsed = self.parsed
        for prefix, group in (("", "resource"), ("data.", "data")):
            for one in parsed.get(group, []):
                for kind, named in one.items():
                    for name, body in named.items():
                        yield Block(prefix + kind, name, body)

    def kinds(self) -> set[str]:
        return {block.kind for block in self.blocks()}

    def local(self, name: str) -> Any:
        """Give a table that is written out in a `locals` block."""
        [found] = [one[name] for one in self.parsed["locals"] if name in one]
        return found


def plain(value: Any) -> Any:
    """Give strings without the quotation marks that they are written with; an expression keeps its `${}`."""
    if isinstance(value, dict):
        return {plain(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, str) and value[:1] == value[-1:] == '"':
        return json.loads(value) if "${" not in value else value[1:-1]
    return value

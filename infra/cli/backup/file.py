"""A backup's file: lines of JSON, the first says what it is, the last that nothing is missing or changed."""

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.cli.backup.gathered import Documents
from tocsin.clients.embedded import decode, encode
from tocsin.clients.store import Data
from tocsin.errors import Malformed
from tocsin.records import SCHEMA

FORMAT = 1
KIND = "tocsin backup"


def write(file: Path, documents: Documents, made_at: datetime, made_by: str) -> None:
    """Write them, readable by nobody else; raises FileExistsError for a file that is there already.

    It stands under its name only once it is whole.
    """
    if file.exists():
        raise FileExistsError(file)
    head = {"kind": KIND, "format": FORMAT, "schema": SCHEMA, "made_at": made_at, "made_by": made_by}
    lines = [encode(head), *(encode({"path": path, "document": one}) for path, one in documents.items())]
    text = "".join(f"{line}\n" for line in lines)
    last = {"documents": len(documents), "sha256": _hash(text)}
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(f"{text}{json.dumps(last)}\n")
        opened.flush()
        os.fsync(opened.fileno())
    part.rename(file)


def read(file: Path) -> tuple[Data, Documents]:
    """Give what the first line says, and the documents; raises Malformed for anything but a whole backup."""
    try:
        text = file.read_text(encoding="utf-8")
        *lines, last = text.splitlines()
        head, *found = [decode(line) for line in lines]
        end: dict[str, Any] = json.loads(last)
        documents = {one["path"]: one["document"] for one in found}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Malformed(f"{file} is no backup: {error}") from error
    _check(file, head)
    if end.get("documents") != len(documents) or end.get("sha256") != _hash(text[: text.rindex(last)]):
        raise Malformed(f"{file} was changed or cut since it was written: its checksum is another one")
    return head, documents


def _check(file: Path, head: Data) -> None:
    if head.get("kind") != KIND:
        raise Malformed(f"{file} is no backup")
    newer = [kind for kind, version in head.get("schema", {}).items() if version > SCHEMA.get(kind, version)]
    if head["format"] > FORMAT or newer:
        raise Malformed(f"{file} was made by a newer Tocsin: restore it with that version")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

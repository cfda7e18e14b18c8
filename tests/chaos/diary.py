"""Writes down what the storm did and when, so that whatever went wrong can be laid beside it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Diary:
    """One JSON line for each thing that was done."""

    path: Path

    def write(self, did: str, **fields: object) -> None:
        """Add a line."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "did": did, **fields}))
            file.write("\n")

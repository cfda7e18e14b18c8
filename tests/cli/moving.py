"""Imports the recorded exports as the command does, at a fixed time and with keys that can be compared."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from infra.cli.importing.export import Export, saved
from infra.cli.importing.move import Move
from infra.cli.importing.products import PRODUCTS, imported

EXPORTS = Path(__file__).parent / "exports"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
HEADING = ("Written by an import",)


def move() -> Move:
    numbers = count(1)
    return Move(NOW, lambda: f"new-key-{next(numbers):024}")


def moved(product: str, export: Export | None = None) -> tuple[str, list[dict[str, Any]]]:
    """Give the file and the entries of the report."""
    text, report = imported(PRODUCTS[product], export or saved(EXPORTS / product), move(), HEADING)
    return text, report["entries"]


def parsed(text: str) -> dict[str, Any]:
    """Give the file's values, every scalar as it was written."""
    values: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts of everything
    return values


def told(entries: list[dict[str, Any]], outcome: str, name: str) -> list[str]:
    """Give what the report says of one thing."""
    return [each["why"] for each in entries if (each["outcome"], each["name"]) == (outcome, name)]

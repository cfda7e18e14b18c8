"""The lines that a commit adds to an incident's timeline."""

from __future__ import annotations

from typing import Any

from tocsin.domain import incident

Data = dict[str, Any]

FULL = incident._LINES  # noqa: SLF001 - what grows beyond it loses lines in its middle
KEPT = FULL // 2 - 10
"""Of a full one so many of its first lines stay, whatever a commit adds."""


def added(before: Data | None, after: Data) -> list[Data]:
    """Give them, in their order."""
    old, new = _lines(before), _lines(after)
    if not _is_cut(old, new):
        return new[len(old) :]
    last = len(new) - new[::-1].index(old[-1])
    return new[last:]


def is_rewritten(before: Data | None, after: Data) -> bool:
    """Say whether a line that was there is not any more, and not because the timeline is full."""
    old, new = _lines(before), _lines(after)
    return new[: len(old)] != old and not _is_cut(old, new)


def _lines(document: Data | None) -> list[Data]:
    return list(document["timeline"]) if document else []


def _is_cut(old: list[Data], new: list[Data]) -> bool:
    return len(new) == FULL and new[: len(old)] != old and new[:KEPT] == old[:KEPT] and old[-1] in new

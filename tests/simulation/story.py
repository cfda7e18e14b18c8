"""Tells a night: when, who, what; what went wrong is marked with two exclamation marks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.simulation.night import KEY

if TYPE_CHECKING:
    from tests.simulation.world import World


class Story:
    """Stands in for standard output too, where the functions write their log: it holds the reasons."""

    def __init__(self, world: World, *, telling: bool) -> None:
        self.world = world
        self.telling = telling
        self.lines: list[str] = []

    def add(self, who: str, what: str) -> None:
        """Add a line, indented as deep as functions run at the same time."""
        minutes, seconds = divmod(self.world.time, 60)
        depth = "  " * len(self.world.trouble.runs)
        self.lines.append(f"{int(minutes):3d}:{seconds:06.3f}  {depth}{who}: {what}")

    def write(self, line: str) -> int:
        """Take a line of the functions' log; neither a telephone number nor a key may stand in it."""
        if "+1555" in line or KEY in line:
            self.world.observed.violated("I15", f"a telephone number or a key in the log: {line.strip()}")
        if self.telling and line.strip():
            entry = json.loads(line)
            run = self.world.trouble.runs
            of = entry.get("notification") or entry.get("incident") or ""
            self.add(run[-1].verb if run else "log", f"{entry['message']}" + (f" ({of.lstrip('0')})" if of else ""))
        return len(line)

    def flush(self) -> None:
        """Write nothing anywhere."""

"""What became of each thing: carried over exactly or with a difference, left out, or waiting for a decision."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import click

from infra.cli.render import clean


class Outcome(StrEnum):
    """The only four things that can become of anything."""

    EXACT = "exact"
    DIFFERENT = "different"
    LEFT_OUT = "left_out"
    DECIDE = "decide"


@dataclass(frozen=True)
class Entry:
    """One thing, by the name it has in the file (or had there, if it is not in it), and what to know about it."""

    outcome: Outcome
    kind: str
    name: str
    why: str = ""


HEADINGS = {
    Outcome.DECIDE: ("need a decision", "yellow"),
    Outcome.DIFFERENT: ("are carried over with a difference", "cyan"),
    Outcome.LEFT_OUT: ("are left out", "red"),
    Outcome.EXACT: ("are carried over exactly", "green"),
}


@dataclass
class Report:
    """Entries in the order in which they were found; what is said twice is kept once."""

    entries: list[Entry] = field(default_factory=list)

    def different(self, kind: str, name: str, why: str) -> None:
        """Say how the file's meaning differs from the product's."""
        self._add(Outcome.DIFFERENT, kind, name, why)

    def left_out(self, kind: str, name: str, why: str) -> None:
        """Say why something is not in the file."""
        self._add(Outcome.LEFT_OUT, kind, name, why)

    def decide(self, kind: str, name: str, what: str) -> None:
        """Say what somebody has to decide; the file has it as a comment where the thing stands."""
        self._add(Outcome.DECIDE, kind, name, what)

    def carried(self, kind: str, name: str) -> None:
        """Say that something is in the file: exactly, unless something else has been said of it."""
        if not any((each.kind, each.name) == (kind, name) for each in self.entries):
            self._add(Outcome.EXACT, kind, name, "")

    def withdraw(self, kind: str, name: str) -> None:
        """Forget what was said of a thing that is left out as a whole."""
        self.entries = [each for each in self.entries if (each.kind, each.name) != (kind, name)]

    def decisions(self, kind: str, name: str) -> list[str]:
        """Give what is to be decided about one thing."""
        found = (each for each in self.entries if each.outcome is Outcome.DECIDE)
        return [each.why for each in found if (each.kind, each.name) == (kind, name)]

    def _add(self, outcome: Outcome, kind: str, name: str, why: str) -> None:
        entry = Entry(outcome, kind, name, why)
        if entry not in self.entries:
            self.entries.append(entry)

    def wire(self) -> dict[str, Any]:
        """Give the report as a program reads it."""
        counted = {each.value: sum(entry.outcome is each for entry in self.entries) for each in Outcome}
        return {"counts": counted, "entries": [asdict(each) for each in self.entries]}


def text(report: dict[str, Any]) -> str:
    """Give the report as a person reads it: what is to be done first, what is settled last."""
    blocks = []
    for outcome, (heading, colour) in HEADINGS.items():
        found = [each for each in report["entries"] if each["outcome"] == outcome]
        if found:
            title = click.style(f"{len(found)} {heading}:", fg=colour, bold=True)
            blocks.append("\n".join([title, *(_exact(found) if outcome is Outcome.EXACT else _told(found))]))
    return "\n\n".join(blocks)


def _told(entries: Iterable[dict[str, Any]]) -> list[str]:
    return [f"  {each['kind']} {clean(each['name'])}: {clean(each['why'])}" for each in entries]


def _exact(entries: Iterable[dict[str, Any]]) -> list[str]:
    kinds: dict[str, list[str]] = {}
    for each in entries:
        kinds.setdefault(each["kind"], []).append(clean(each["name"]))
    return [f"  {kind}: {', '.join(names)}" for kind, names in kinds.items()]

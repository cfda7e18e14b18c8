"""The page of all figures: a section for each bench, with the machine, the day and the commit it was measured at."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import tables

BEGIN, END = "<!-- figures: filled by tests/bench/run --write -->", "<!-- end of figures -->"
HEAD = re.compile(r"^### ", re.MULTILINE)


class Unmarked(Exception):
    """A text has no place for figures."""


@dataclass(frozen=True)
class Section:
    """What a bench has printed, `where` and in how many seconds."""

    name: str
    options: str
    where: str
    seconds: float
    said: str
    failed: bool = False

    @property
    def text(self) -> str:
        """Give it as Markdown; what is no table stands as it was printed."""
        options = f" with `{self.options}`" if self.options else ""
        failed = " **It failed.**" if self.failed else ""
        said = self.said.strip()
        body = said if tables.read(said) else f"```\n{said}\n```"
        return f"### {self.name}\n\nMeasured{options} {self.where}, in {self.seconds:,.0f} s.{failed}\n\n{body}"


def text(sections: Sequence[Section]) -> str:
    """Give all sections."""
    return "\n\n".join(one.text for one in sections)


def figures(sections: Sequence[Section]) -> list[dict[str, object]]:
    """Give each section's tables as data, or its words where it has none."""
    return [
        {
            "bench": one.name,
            "options": one.options,
            "where": one.where,
            "seconds": round(one.seconds, 1),
            "failed": one.failed,
            "tables": [{"rows": [dict(zip(table.heads, row, strict=True)) for row in table.rows]} for table in found],
            "text": "" if found else one.said,
        }
        for one in sections
        for found in [tables.read(one.said)]
    ]


def filled(readme: str, sections: Sequence[Section]) -> str:
    """Give a text with these sections between its markers, and those that stood there of other benches."""
    before, begin, rest = readme.partition(BEGIN)
    between, end, after = rest.partition(END)
    if not begin or not end:
        raise Unmarked(f"There must be {BEGIN} and, after it, {END}.")
    kept = {part.split("\n", 1)[0].strip(): f"### {part.strip()}" for part in HEAD.split(between)[1:]}
    kept |= {one.name: one.text for one in sections if not one.failed}
    inside = "\n\n".join(kept[name] for name in sorted(kept))
    return f"{before}{begin}\n\n{inside}\n\n{end}{after}"


def where(repository: Path) -> str:
    """Say when, at which commit and on what: the load tells whether the machine was quiet."""
    changed = "" if not _git(repository, "status", "--porcelain", "--untracked-files=no") else " with changes"
    commit = _git(repository, "rev-parse", "--short=10", "HEAD") or "an unknown commit"
    processors = f"{os.cpu_count()} × {_model(Path('/proc/cpuinfo').read_text())}"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"on {datetime.now(UTC):%Y-%m-%d} at {commit}{changed}, {processors}, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} before"
    )


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", repository, *arguments], check=False, capture_output=True, text=True)
    return done.stdout.strip()


def _model(cpuinfo: str) -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return found[1] if found else platform.machine()

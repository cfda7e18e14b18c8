"""Tables as the benches print them: Markdown that is made to be read, or JSON; and tables read back from Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Literal

import click

Output = Literal["table", "json"]
RULE = re.compile(r"\|(\s*:?-+:?\s*\|)+")
BAR = re.compile(r"(?<!\\)\|")

output = click.option(
    "--output", type=click.Choice(["table", "json"]), default="table", help="Markdown to read (table), or JSON."
)
"""The option of every bench that prints tables."""


@dataclass(frozen=True)
class Table:
    """Heads, rows of as many cells, and a sentence or two about what they mean."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def markdown(self) -> str:
        """Give it with columns that line up, numbers to the right."""
        cells = [[cell.replace("|", r"\|") for cell in row] for row in (self.heads, *self.rows)]
        widths = [max(3, *map(len, column)) for column in zip(*cells, strict=True)]
        rights = [all(map(_is_figure, column[1:])) and len(column) > 1 for column in zip(*cells, strict=True)]
        rule = [f"{'-' * (width - 1)}{':' if right else '-'}" for width, right in zip(widths, rights, strict=True)]
        lines = [_line(cells[0], widths, rights), _line(rule, widths, rights)]
        lines += [_line(row, widths, rights) for row in cells[1:]]
        return "\n".join([*lines, *(["", self.note] if self.note else [])])


def _is_figure(cell: str) -> bool:
    return not cell or cell[0].isdigit() or (cell[0] in "-+$" and cell[1:2].isdigit()) or cell == "-"


def _line(cells: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    placed = zip(cells, widths, rights, strict=True)
    return "| " + " | ".join(cell.rjust(wide) if right else cell.ljust(wide) for cell, wide, right in placed) + " |"


def table(heads: Iterable[str], rows: Iterable[Iterable[object]], note: str = "") -> Table:
    """Make a table of whatever can be written."""
    return Table(tuple(heads), tuple(tuple(map(str, row)) for row in rows), note)


def say(tables: Sequence[Table], wanted: str) -> None:
    """Print tables as they are wanted."""
    click.echo(as_json(tables) if wanted == "json" else "\n\n".join(one.markdown for one in tables))


def as_json(tables: Sequence[Table]) -> str:
    """Give them as a list of objects, each row one of `heads`."""
    return json.dumps([asdict(one) for one in tables], indent=1, ensure_ascii=False)


def read(text: str) -> list[Table]:
    """Give the Markdown tables of a text; what stands between two is a note of the one before."""
    found: list[Table] = []
    for is_table, lines in groupby(text.splitlines(), lambda line: line.startswith("|")):
        block = list(lines)
        if is_table and len(block) > 1 and RULE.fullmatch(block[1].strip()):
            heads, _, *rows = [tuple(_cells(line)) for line in block]
            found.append(Table(heads, tuple(row for row in rows if len(row) == len(heads))))
        elif found and (said := "\n".join(block).strip()):
            found[-1] = Table(found[-1].heads, found[-1].rows, said)
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in BAR.split(line.strip())[1:-1]]


def ratio(ours: float, theirs: float) -> str:
    """Give how many times theirs ours is; a dash where theirs is nothing."""
    return f"{ours / theirs:.2f}" if theirs else "-"


def command(bench: Callable[[], Sequence[Table]]) -> click.Command:
    """Give the program of a bench that has no arguments: it measures and prints."""

    def main(**options: Any) -> None:
        say(bench(), options["output"])

    return click.command(help=bench.__doc__)(output(main))

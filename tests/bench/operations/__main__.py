"""Counts the operations on Firestore of each act of a night on call, beside the least that it could do.

    tests/bench/operations/run [--why]

They are counted at the client and do not depend on the machine. The dollars are for a million such acts, at 3, 9 and 1
cent for 100,000 reads, writes and deletions in one region. `tests/test_operations.py` holds the figures.
"""

from __future__ import annotations

import click

from tests.bench import tables
from tests.bench.operations.acts import ACTS
from tests.bench.operations.counted import Operations

NOTE = (
    "Reads / writes / deletions / questions / trips one after the other; a question is one read at least. What a "
    "commit only compares counts as a write, or as a deletion where nothing stands."
)


@click.command(help=__doc__.splitlines()[0])
@click.option("--why", is_flag=True, help="Say why the least is what it is, and what is done beyond it.")
@tables.output
def main(output: str, *, why: bool) -> None:
    rows = []
    for act in ACTS:
        measured = act.measured()
        row = (act.name, act.function, measured, act.least, f"${dollars(measured):.2f}", f"${dollars(act.least):.2f}")
        rows.append((*row, act.why) if why else row)
    heads = ("act", "function", "operations", "the least", "a million", "at least", *(["why"] if why else []))
    tables.say([tables.table(heads, rows, NOTE)], output)


def dollars(one: Operations) -> float:
    """Give what a million of them cost."""
    return 0.3 * one.reads + 0.9 * one.writes + 0.1 * one.deletes


if __name__ == "__main__":
    main()

"""The ledger of all runs: a line of JSON for each, which says what code was run, which seeds, and what was seen."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.batch import Tally

LEDGER = Path(__file__).with_name("ledger.jsonl")
FUNCTIONS = Path(__file__).parents[2] / "functions"


def code() -> str:
    """Give the version of the code under test: a hash over every module of `functions/`."""
    digest = hashlib.sha256()
    for module in sorted(FUNCTIONS.rglob("*.py")):
        digest.update(f"{module.relative_to(FUNCTIONS)}\n".encode() + module.read_bytes())
    return digest.hexdigest()[:12]


def following(path: Path) -> int:
    """Give the seed after the last one in the ledger."""
    return max((line["to"] + 1 for line in lines(path)), default=0)


def lines(path: Path) -> list[dict[str, Any]]:
    """Read the ledger; there need be none yet."""
    return [json.loads(line) for line in path.read_text().splitlines() if line] if path.exists() else []


def write(path: Path, version: str, first: int, tally: Tally, seconds: float) -> None:
    """Add a run; one that was interrupted lived through the first `tally.nights` seeds, without a gap."""
    line = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "code": version,
        "from": first,
        "to": first + tally.nights - 1,
        "nights": tally.nights,
        "seconds": round(seconds),
        "calls": tally.calls,
        "faults": tally.struck,
        "pages": tally.pages,
        "twice, the first answer unknown": tally.duplicates,
        "twice for no reason": sum("I3" in one for failed in tally.failed.values() for one in failed),
        "violations": len(tally.failed),
        "failed": sorted(tally.failed)[:20],
        "by kind": dict(sorted(tally.faults.items())),
    }
    with path.open("a") as ledger:
        ledger.write(json.dumps(line) + "\n")


def total(path: Path) -> str:
    """Say what all runs together have seen."""
    runs = lines(path)
    nights, faults, pages, violations = (
        sum(run[name] for run in runs) for name in ("nights", "faults", "pages", "violations")
    )
    return (
        f"the ledger: {len(runs):,} runs of {len({run['code'] for run in runs}):,} versions, {nights:,} nights, "
        f"{faults:,} faults, {pages:,} pages, {violations:,} nights that violated an invariant"
    )

"""Reads what `python -X importtime` says."""

from __future__ import annotations

import re

LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| +\S+")


def total(said: str) -> int:
    """Give the microseconds of all imports, each by itself."""
    return sum(int(found[1]) for line in said.splitlines() if (found := LINE.match(line)))

"""Reads what `python -X importtime` says."""

from __future__ import annotations

import re

LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| +(\S+)")


def total(said: str, packages: tuple[str, ...] = ()) -> int:
    """Give the microseconds of all imports, each by itself, or of those of some packages."""
    lines = (found for line in said.splitlines() if (found := LINE.match(line)))
    return sum(int(one[1]) for one in lines if not packages or one[2].split(".")[0] in packages)

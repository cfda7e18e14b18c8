"""Lives through simulated nights until one violates an invariant."""

from __future__ import annotations

import sys

from tests.simulation.batch import lived

_AT_ONCE = 5


def main() -> int:
    """Live through as many nights as the argument says; 1 and the first violation as soon as there is one."""
    nights = int(sys.argv[1])
    for first in range(0, nights, _AT_ONCE):
        tally = lived(range(first, first + _AT_ONCE))
        for seed, violations in tally.failed.items():
            sys.stdout.write(f"seed {seed}: {violations[0]}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

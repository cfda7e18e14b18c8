"""Reply codes: four digits that name one incident on one phone, and nothing on any other."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

REST = timedelta(hours=72)
"""How long a code stays taken after its last page: phones queue old texts and send them days later."""

_ALL = 10_000


@dataclass(frozen=True)
class Code:
    """What a code on a phone stands for, since its first page and until it may stand for something else.

    `step` is that of the phone's last page. `number` is kept so that a phone's codes can be listed.
    """

    number: str
    code: str
    incident: str
    user: str
    until: datetime
    since: datetime | None = None
    step: int = 0


def key(number: str, code: str) -> str:
    """Give the document's id; hashed, so that no telephone number stands in a path or a log of paths."""
    return hashlib.sha256(f"{number}|{code}".encode()).hexdigest()


def candidates(nonce: str, number: str, most: int = 50) -> Iterator[str]:
    """Give the codes an incident may have on a phone, best first: always the same, unguessable without the nonce.

    A repeat carries the same code, whichever sender makes it, so that acking either copy works.
    """
    for attempt in range(most):
        digest = hashlib.sha256(f"{nonce}|{number}|{attempt}".encode()).digest()
        yield f"{int.from_bytes(digest[:8]) % _ALL:04d}"


def free(taken: Code | None, incident: str, now: datetime) -> bool:
    """Say whether a code can stand for the incident."""
    return taken is None or taken.incident == incident or taken.until < now

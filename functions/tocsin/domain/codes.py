"""Reply codes: four digits that name one incident, or those of one digest, on one phone, and nothing on any other."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tocsin.domain.values import dataclass

REST = timedelta(hours=72)
"""How long a code stays taken after its last page: phones queue old texts and send them days later."""

_ALL = 10_000


@dataclass(frozen=True)
class Code:
    """What a code on a phone stands for, since its first page and until it may stand for something else.

    `about` is an incident, or the notification that is a digest; `steps` names each incident that it means with the
    step of the phone's last page about it. `number` is kept so that a phone's codes can be listed.
    """

    number: str
    code: str
    about: str
    steps: Mapping[str, int]
    user: str
    until: datetime
    since: datetime | None = None


def path(number: str, code: str) -> str:
    """Give the document's path; hashed, so that no telephone number stands in it."""
    return f"codes/{hashlib.sha256(f'{number}|{code}'.encode()).hexdigest()}"


def candidates(nonce: str, number: str, most: int = 50) -> Iterator[str]:
    """Give the codes an incident or a digest may have on a phone, best first: always the same, a secret of its nonce.

    A repeat carries the same code, whichever sender makes it, so that acking either copy works.
    """
    for attempt in range(most):
        digest = hashlib.sha256(f"{nonce}|{number}|{attempt}".encode()).digest()
        yield f"{int.from_bytes(digest[:8]) % _ALL:04d}"


def free(taken: Code | None, about: str, now: datetime) -> bool:
    """Say whether a code can stand for an incident or a digest."""
    return taken is None or taken.about == about or taken.until < now

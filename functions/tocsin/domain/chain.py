"""The audit's chain: each sealed entry holds the hash of the one before, so that no change of one goes unseen.

What it proves, and what it does not: a changed, missing or inserted entry is found and named by whoever recomputes the
chain. Somebody who can write the documents could recompute all of it himself, from any entry on, the head included.
Therefore the head's hash is also logged each time it moves: logs are written and kept under other rights, and a chain
that does not hold a hash that was logged (`verify --head`) was rebuilt or cut.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tocsin.domain.audit import Entry, Kind
from tocsin.domain.values import dataclass, replace

LATE = timedelta(minutes=10)
"""How long an entry may wait for its seal: the sweep that gives it comes every minute."""


@dataclass(frozen=True)
class Head:
    """Where the chain ends: the place and the hash of its last entry, and until when that one is kept."""

    seq: int = 0
    hash: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Flaw:
    """One thing that is not as it must be; `entry` is the document that shows it, empty for the chain as a whole."""

    entry: str
    sentence: str


def sealed(entries: Mapping[str, Entry], head: Head) -> tuple[dict[str, Entry], Head]:
    """Give each entry its place after the head, in the order of their times, and the head that results."""
    placed = {}
    for name, one in sorted(entries.items(), key=lambda item: (item[1].at, item[0])):
        linked = replace(one, seq=head.seq + 1, prev=head.hash, prev_expires_at=head.expires_at)
        placed[name] = replace(linked, hash=link(name, linked))
        head = Head(linked.seq, placed[name].hash, linked.expires_at)
    return placed, head


def link(name: str, entry: Entry) -> str:
    """Give the hash of an entry in its place; its content stands in it by the name of its document."""
    kept = entry.prev_expires_at
    until = kept.astimezone(UTC).isoformat(timespec="microseconds") if kept else ""
    return hashlib.sha256("\n".join((str(entry.seq), entry.prev, until, name)).encode()).hexdigest()


def verify(entries: Mapping[str, Entry], head: Head, now: datetime, logged: str = "") -> tuple[Flaw, ...]:
    """Recompute everything; `entries` are all there are, by their documents' names, `logged` is a head from the log."""
    chained = sorted(((name, one) for name, one in entries.items() if one.seq), key=lambda item: item[1].seq)
    flaws = [*_changed(entries), *_unsealed(entries, now), *_broken(chained, now), *_ends(chained, head, now)]
    if logged and logged not in {one.hash for _, one in chained}:
        flaws.append(Flaw("", f"the chain does not hold {logged}, which was its head: it was rebuilt or cut"))
    return tuple(flaws)


def _changed(entries: Mapping[str, Entry]) -> Iterator[Flaw]:
    for name, one in entries.items():
        if one.id != name:
            yield Flaw(name, f"{_named(one)} was changed: it does not say what it said when it was written")


def _unsealed(entries: Mapping[str, Entry], now: datetime) -> Iterator[Flaw]:
    for name, one in entries.items():
        if not one.seq and one.at <= now - LATE:
            yield Flaw(name, f"{_named(one)} was not sealed: no sweep comes, or it is newer than it says")


def _broken(chained: Sequence[tuple[str, Entry]], now: datetime) -> Iterator[Flaw]:
    """Name what does not follow from the one before; the oldest may be gone once they were kept long enough."""
    before = Head()
    for name, one in chained:
        if one.hash != link(name, one):
            yield Flaw(name, f"{_named(one)} was inserted or moved: its hash is not that of its place")
        elif one.seq == before.seq:
            yield Flaw(name, f"{_named(one)} was inserted: its place is taken")
        elif one.seq > before.seq + 1:
            if not _is_over(one.prev_expires_at, now):
                yield Flaw(name, f"{_places(before.seq + 1, one.seq - 1)} missing before {_named(one)}")
        elif one.prev != before.hash:
            yield Flaw(name, f"{_named(one)} does not follow the one before it: that one was put in another's place")
        before = Head(one.seq, one.hash)


def _ends(chained: Sequence[tuple[str, Entry]], head: Head, now: datetime) -> Iterator[Flaw]:
    """Compare the last entry with the head."""
    last = chained[-1][1] if chained else Entry(now, Kind.ACCESS, "", "")
    if last.seq < head.seq and not _is_over(head.expires_at, now):
        yield Flaw("", f"{_places(last.seq + 1, head.seq)} missing at the end")
    elif last.seq > head.seq or (last.seq == head.seq and last.hash != head.hash):
        yield Flaw(chained[-1][0], f"{_named(last)} is not what the chain's head says is the last one")


def _is_over(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now


def _places(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def _named(one: Entry) -> str:
    number = f"entry {one.seq}" if one.seq else "the entry"
    return f'{number} ("{one.what}" of {one.at:%Y-%m-%d %H:%M:%S} UTC)'

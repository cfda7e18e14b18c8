"""What every product's import shares: the names things get, the report, and the time of the move."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from infra.cli.importing.report import Report
from tocsin.domain.keys import digest

KEY = re.compile(r"[A-Za-z0-9_-]{20,}")
LONGEST = 64
ENOUGH = 40  # of a title: what is added to keep names apart must still fit


def slug(title: str) -> str:
    """Give a title as a name of the file: a-z, 0-9 and -; empty where nothing of it can be written so."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:ENOUGH].strip("-")


@dataclass
class Names:
    """The name of each thing by kind and id: the same at every run, whatever else is in the export.

    A title that several things share gets a piece of the id behind it, for all of them: which one came first is no
    reason to be called differently next time.
    """

    given: dict[tuple[str, str], str] = field(default_factory=dict)
    taken: set[tuple[str, str]] = field(default_factory=set)

    def give(self, kind: str, titles: Iterable[tuple[str, str]]) -> None:
        """Name everything of a kind: pairs of id and title."""
        wanted = [(identity, slug(title) or f"{kind}-{slug(identity)}") for identity, title in titles]
        shared = Counter(name for _, name in wanted)
        for identity, name in wanted:
            self.given[kind, identity] = self.fresh(
                kind, name if shared[name] == 1 else f"{name}-{slug(identity)[-12:]}"
            )

    def fresh(self, kind: str, wanted: str) -> str:
        """Give a name that nothing of this kind has yet."""
        name, number = wanted[:LONGEST], 1
        while (kind, name) in self.taken:
            number += 1
            name = f"{wanted[: LONGEST - 4]}-{number}"
        self.taken.add((kind, name))
        return name

    def of(self, kind: str, identity: str) -> str | None:
        """Give the name of a thing, None if there is no such thing in the export."""
        return self.given.get((kind, identity))


@dataclass
class Move:
    """One import under way; `mint` makes a new key where the old one is not known."""

    now: datetime
    mint: Callable[[], str]
    report: Report = field(default_factory=Report)
    names: Names = field(default_factory=Names)
    lanes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The schedules of the file that stand for one of the product, by its id; none if it could not be carried over."""

    def key(self, service: str, integration: str, old: str | None) -> str:
        """Keep a key's hash in the file; a new key, where the old one cannot be kept, is in the report alone."""
        if old and KEY.fullmatch(old) and ("key", old) not in self.names.taken:
            self.names.taken.add(("key", old))
            return f"sha256:{digest(old)}"
        why = "the export has no key of it" if not old else "its key cannot be kept"
        made = self.mint()
        told = f"{integration} has a new key, for {why}: its sender has to get it, and it is shown only here: {made}"
        self.report.different("service", service, told)
        return f"sha256:{digest(made)}"

    def users(self, identities: Iterable[str], kind: str, name: str) -> tuple[str, ...] | None:
        """Give users' names; None, and a decision to take, if one of them is not in the export.

        Taking somebody out of a rotation would put the others on call at other times.
        """
        found = [(identity, self.names.of("user", identity)) for identity in identities]
        missing = [identity for identity, user in found if user is None]
        if missing:
            self.report.decide(kind, name, f"names the user {missing[0]}, who is not in the export")
            return None
        return tuple(user for _, user in found if user)

    def schedules(self, identity: str) -> tuple[str, ...]:
        """Give the targets that stand for a schedule."""
        return tuple(f"schedule {each}" for each in self.lanes.get(identity, ()))

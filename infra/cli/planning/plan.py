"""What a configuration would change: what it says, who is on call, and whom last month's alerts would have paged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from infra.cli.planning.levels import Instead, instead
from infra.cli.planning.repaged import Repaged, repaged
from infra.cli.planning.shifted import Alone, Shifted, alone, empty_from_the_start, shifted
from infra.cli.snapshot import Version, overrides
from infra.cli.written import plain
from tocsin.clients.store import Store
from tocsin.domain.config import CatchAll, Config
from tocsin.domain.outlook import AHEAD
from tocsin.domain.overrides import Made, holds, with_overrides

PAST = timedelta(days=30)
NOTHING = Config(CatchAll(()), {}, {}, {}, {}, {})


@dataclass(frozen=True)
class Difference:
    """Something in a section that is added, removed, or changed from one value to another."""

    section: str
    name: str
    what: str
    path: str = ""
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class Plan:
    """What changes, and against what; `repaged` is None where no pages are known.

    `lapsed` are the overrides made while running whose user or schedule would not be there any more.
    """

    against: str
    differences: tuple[Difference, ...]
    shifted: tuple[Shifted, ...]
    instead: tuple[Instead, ...]
    opened: tuple[Shifted, ...]
    closed: tuple[Shifted, ...]
    alone: tuple[Alone, ...]
    lapsed: tuple[Made, ...]
    repaged: Repaged | None
    names: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.differences or self.shifted)


def between(old: Config, new: Config, now: datetime, name: str, made: tuple[Made, ...] = ()) -> Plan:
    """Compare two configurations, and for the next 14 days their calendars with the overrides made while running."""
    end = now + AHEAD
    before, after = with_overrides(old, made), with_overrides(new, made)
    changes = tuple(shifted(before, after, now, end))
    empty = empty_from_the_start(before, after, now, end)
    users = {**before.users, **after.users}
    return Plan(
        against=name,
        differences=tuple(differences(old, new)),
        shifted=changes,
        instead=tuple(instead(before, after, now, end)),
        opened=(*empty, *(each for each in changes if each.after is None)),
        closed=tuple(each for each in changes if each.before is None),
        alone=tuple(alone(before, after, now, end)),
        lapsed=tuple(each for each in made if each.override.end > now and holds(old, each) and not holds(new, each)),
        repaged=None,
        names={name: user.name for name, user in users.items()},
    )


def against(store: Store, current: Version | None, config: Config, now: datetime) -> Plan:
    """Compare a configuration with the one that holds, both with the overrides made while running."""
    made = overrides(store)
    if not current:
        return between(NOTHING, config, now, "nothing, for this is the first", made)
    before, after = with_overrides(current.config, made), with_overrides(config, made)
    past = repaged(store, before, after, now - PAST)
    return replace(between(current.config, config, now, f"version {current.version}", made), repaged=past)


def differences(before: Config, after: Config) -> Iterator[Difference]:
    """Give what is added, removed and changed, section by section."""
    for field in fields(Config):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if not isinstance(one, Mapping):
            yield from _changed(field.name, "", plain(one), plain(other))
            continue
        for name in sorted({*one, *other}):
            if name not in one:
                yield Difference(field.name, name, "added")
            elif name not in other:
                yield Difference(field.name, name, "removed")
            else:
                yield from _changed(field.name, name, plain(one[name]), plain(other[name]))


def _changed(section: str, name: str, before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Go down to where two values differ; lists of one length are compared item by item."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from _changed(section, name, before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
    elif _alike(before, after):
        for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
            yield from _changed(section, name, one, other, f"{path}[{number}]")
    else:
        yield Difference(section, name, "changed", path, before, after)


def _alike(before: Any, after: Any) -> bool:
    """Tell lists of as many mappings, whose items belong together."""
    both = isinstance(before, list) and isinstance(after, list) and len(before) == len(after)
    return both and all(isinstance(each, dict) for each in (*before, *after))

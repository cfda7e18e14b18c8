"""Gathers what a pager needs to go on somewhere else: the configuration, what is open, and what was said about it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from infra.cli import snapshot
from tocsin.clients.store import Data, Store
from tocsin.domain import feed, phone
from tocsin.domain.config import Config
from tocsin.domain.incident import Status
from tocsin.errors import Malformed
from tocsin.ledger import Reading

SINCE = timedelta(days=2)
"""How far back answers go: the sweep looks for missed texts of a day, and must know those that were taken."""

_OPEN = (Status.TRIGGERED, Status.ACKNOWLEDGED)
_ALL_OF_ONE = ("notifications", "events", "open", "groups")

Documents = dict[str, Data]


def gathered(store: Store, now: datetime) -> Documents:
    """Give the documents by path, in the order in which they are to be written: what is named before what names it.

    The incidents come last but for the configuration, which nothing happens without. Raises Malformed if there is none.
    """
    current = store.get(snapshot.CURRENT)
    version = snapshot.current(store)
    if not current or not version:
        raise Malformed("no configuration has been applied yet: there is nothing to keep")
    reading = Reading(store)
    incidents = _incidents(reading)
    codes = reading.read("codes", "until", ("until", ">", now))
    paths = _named(version.config, [one["number"] for one in codes.values()])
    found: Documents = {path: data for path in paths if (data := store.get(path))}
    found |= {f"codes/{name}": data for name, data in codes.items()}
    found |= _lately(reading, now)
    found |= {path: data for identity in incidents for path, data in _about(reading, identity)}
    found |= {f"incidents/{identity}": data for identity, data in incidents.items()}
    if reading.cut:
        raise Malformed(f"there are too many {', '.join(reading.cut)} for one file: nothing was written")
    return {**found, f"{snapshot.VERSIONS}/{version.version}": _version(current), snapshot.CURRENT: current}


def _version(current: Data) -> Data:
    return {name: value for name, value in current.items() if name not in {"overrides", "changed_at"}}


def _incidents(reading: Reading) -> Documents:
    """Give those that are open, and whatever was merged into them: its code means the one it went into."""
    each = (reading.read("incidents", "-opened_at", ("status", "==", status.value)) for status in _OPEN)
    alive: Documents = {identity: data for found in each for identity, data in found.items()}
    merged = {identity for data in alive.values() for identity in data.get("merged", ())}
    sources = {identity: reading.store.get(f"incidents/{identity}") for identity in sorted(merged)}
    return {identity: data for identity, data in sources.items() if data} | alive


def _about(reading: Reading, identity: str) -> Iterator[tuple[str, Data]]:
    for collection in _ALL_OF_ONE:
        found = reading.store.query(collection, ("incident", "==", identity), limit=reading.most)
        if len(found) == reading.most:
            reading.cut.append(f"{collection} of {identity}")
        yield from ((f"{collection}/{name}", data) for name, data in found)


def _lately(reading: Reading, now: datetime) -> Documents:
    """Give what was heard and told lately, so that it is not taken for news, and what still waits to be routed."""
    since = now - SINCE
    kinds: dict[str, dict[str, Any]] = {
        "inbound": reading.read("inbound", "at", ("at", ">=", since)),
        "notices": reading.read("notices", "claimed_at", ("claimed_at", ">=", since)),
        "spill": reading.read("spill", "next_at", ("next_at", ">=", snapshot.EVER)),
        "events": reading.read("events", "suppressed_until", ("suppressed_until", ">=", since)),
    }
    return {f"{kind}/{name}": data for kind, found in kinds.items() for name, data in found.items()}


def _named(config: Config, numbers: Iterable[str]) -> list[str]:
    """Give the paths that follow from the configuration: phones, whose turn it is, monitors, secrets."""
    known = sorted({*(user.phone for user in config.users.values()), *numbers})
    circles = (level.circle for policy in config.policies.values() for level in policy.levels if level.circle)
    monitors = (one.id for one in config.integrations.values() if one.every)
    return [
        *(phone.path(number) for number in known),
        *(f"circles/{name}" for name in circles),
        *(f"heartbeats/{name}" for name in monitors),
        feed.PATH,
        "canary/current",
        "sweeps/replies",
    ]

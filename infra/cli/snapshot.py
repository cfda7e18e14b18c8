"""Stores a configuration as one document, which the functions read, and every version of it as one of its own.

The overrides made while the pager runs are kept in the document that is current, so that reading them costs nothing,
and stay when another version is applied.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tocsin import audit
from tocsin.clients.store import Data, Store, Transaction
from tocsin.domain.audit import Kind, entry, organisation
from tocsin.domain.config import Config
from tocsin.domain.orders import Said
from tocsin.domain.overrides import Made
from tocsin.errors import Malformed
from tocsin.records import MARK, SCHEMA, check_version, from_document, from_json, to_document, to_json

CURRENT = "config/current"
VERSIONS = "versions"
TYPED = "on the command line"
MOST = 100
EVER = datetime(2000, 1, 1, tzinfo=UTC)
# What has ended is kept for a while: it says who was on call last month.
KEPT = timedelta(days=35)


@dataclass(frozen=True)
class Applied:
    """The version that holds now, and whether it is new."""

    version: int
    changed: bool


@dataclass(frozen=True)
class Version:
    """One applied configuration: who made it the current one, when and why; `sha` is the SHA-256 of its body."""

    version: int
    applied_at: datetime
    applied_by: str
    message: str
    sha: str
    body: str

    @property
    def config(self) -> Config:
        """Give what it says; raises Malformed if this program cannot read it any more."""
        return from_json(Config, self.body)


def apply(store: Store, config: Config, by: str, now: datetime, message: str = "", over: int | None = None) -> Applied:
    """Make a configuration the current one; an equal one keeps its version, so that applying twice is safe.

    With `over` only if that version is still the current one, 0 for none: raises Malformed if somebody was faster.
    """
    body = to_json(config).decode()

    def rule(transaction: Transaction) -> Applied:
        current = transaction.get(CURRENT) or {"version": 0, "body": ""}
        version: int = current["version"]
        if over not in (None, version):
            when = f"{current['applied_at']:%Y-%m-%d %H:%M:%S} UTC"
            raise Malformed(f"{current['applied_by']} applied version {version} meanwhile, at {when}: plan again")
        if current["body"] == body:
            return Applied(version, changed=False)
        sha = hashlib.sha256(body.encode()).hexdigest()
        new = {**to_document(Version(version + 1, now, by, message, sha, body)), MARK: SCHEMA["Config"]}
        made = {"overrides": current["overrides"]} if current.get("overrides") else {}
        said = Said(by, TYPED, now, organisation=organisation(config, by), login=by)
        was, is_now = _told(version, current.get("sha", "")), _told(version + 1, sha)
        after = {**is_now, "why": message, **_keys(current["body"], config)}
        audit.write(transaction, entry(Kind.CONFIGURATION, "applied", CURRENT, said, now, was, after), config.retention)
        transaction.put(CURRENT, {**new, **made})
        transaction.create(f"{VERSIONS}/{version + 1}", new)
        return Applied(version + 1, changed=True)

    return store.transact(rule)


def _told(version: int, sha: str) -> dict[str, str]:
    return {"version": str(version), "sha": sha} if version else {}


def _keys(body: str, config: Config) -> dict[str, str]:
    """Name the integrations whose keys are other ones than before."""
    try:
        before = from_json(Config, body).integrations if body else {}
    except Malformed:
        before = {}
    kept = {name: one.keys for name, one in before.items()}
    new = {name: one.keys for name, one in config.integrations.items()}
    changed = sorted(name for name in kept.keys() | new.keys() if kept.get(name) != new.get(name))
    return {"keys": ", ".join(changed)} if changed else {}


def current(store: Store) -> Version | None:
    """Give the version that holds, or None before the first."""
    found = store.get(CURRENT)
    return _version(found) if found else None


def version(store: Store, number: int) -> Version | None:
    """Give one version."""
    found = store.get(f"{VERSIONS}/{number}")
    return _version(found) if found else None


def versions(store: Store) -> list[Version]:
    """Give the newest versions, the newest first."""
    return [_version(found) for _, found in store.query(VERSIONS, order_by="-version", limit=MOST)]


def _version(document: Data) -> Version:
    check_version("Config", document)
    return from_document(Version, {"message": "", "sha": "", **document})


def overrides(store: Store) -> tuple[Made, ...]:
    """Give the overrides made while running, also those that ended lately, in the order in which they were made."""
    return _made(store.get(CURRENT) or {})


def change_overrides(
    store: Store, change: Callable[[tuple[Made, ...]], tuple[Made, ...]], now: datetime, said: Said | None = None
) -> None:
    """Replace them, if nobody else has meanwhile; raises Malformed before anything was applied."""
    said = said or Said("", TYPED, now)

    def rule(transaction: Transaction) -> None:
        current = transaction.get(CURRENT)
        if current is None:
            raise Malformed("no configuration has been applied yet: infra/tocsin apply FILE")
        known = _made(current)
        changed = change(known)
        kept = tuple(each for each in changed if each.override.end > now - KEPT)
        if changed != known:
            before, after = _differing(known, changed), _differing(changed, known)
            about = entry(Kind.CONFIGURATION, "overrides changed", CURRENT, said, now, before, after)
            audit.write(transaction, about, _version(current).config.retention)
        transaction.put(CURRENT, {**current, "overrides": to_json(kept).decode(), "changed_at": now})

    store.transact(rule)


def _differing(some: tuple[Made, ...], others: tuple[Made, ...]) -> dict[str, str]:
    """Give in words, by their ids, those that are not among the others."""
    return {each.override.id or str(number): _words(each) for number, each in enumerate(some) if each not in others}


def _words(made: Made) -> str:
    one = made.override
    instead = f" instead of {one.instead_of}" if one.instead_of else ""
    span = f"from {one.start:%Y-%m-%d %H:%M} to {one.end:%Y-%m-%d %H:%M} UTC"
    return f"{one.kind}: {one.user} in {made.schedule}{instead} {span}"


def _made(document: Data) -> tuple[Made, ...]:
    return from_json(tuple[Made, ...], document.get("overrides", "[]"))

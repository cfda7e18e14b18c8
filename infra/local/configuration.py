"""Decides which configuration is in force: the file that was asked for, what the folder has, or the demo team."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra.cli import snapshot
from infra.cli.render import moment
from tocsin.clients.store import Store
from tocsin.domain.config import Config
from tocsin.records import from_json, to_json

ROOT = Path(__file__).resolve().parents[2]
BY = "infra/local/up"


@dataclass(frozen=True)
class Wanted:
    """A configuration and its file; one that was not asked for yields to whatever was applied before."""

    config: Config
    file: Path
    asked: bool


@dataclass(frozen=True)
class InForce:
    """What the functions read from now on; without a file only the hashes of its keys are known."""

    config: Config
    file: Path | None
    words: str


def settle(store: Store, wanted: Wanted) -> InForce:
    """Apply what is wanted, or keep what is there; raises Unavailable, and Malformed if what is there is unreadable."""
    there = store.get(snapshot.CURRENT)
    if there and not wanted.asked and there["body"] != to_json(wanted.config).decode():
        words = f"version {there['version']}, as applied by {there['applied_by']} at {moment(there['applied_at'])}"
        return InForce(from_json(Config, there["body"]), None, words)
    applied = snapshot.apply(store, wanted.config, BY, datetime.now(UTC))
    return InForce(wanted.config, wanted.file, f"{_short(wanted.file)}, version {applied.version}")


def _short(file: Path) -> Path:
    """Leave out the checkout's own path."""
    return file.relative_to(ROOT) if file.is_relative_to(ROOT) else file

"""What the configuration file says of integration keys: their SHA-256, or still the keys themselves, and until when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, cast

from pydantic import BeforeValidator, ValidationInfo

from infra.cli.fields import Names, text
from infra.cli.times import moment
from tocsin.domain import keys

SHORTEST = 20
FEWEST = 10  # different characters: of 32 random ones, even hexadecimal, hardly ever fewer
HASHED = re.compile(r"sha256:([0-9a-f]{64})")
PLAIN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_UNTIL = re.compile(r"(\S+)(?: +until +(.+))?")


@dataclass(frozen=True)
class Key:
    """A key as the file has it: `kept` is its SHA-256; `weak` says why it can be guessed, if it stands there itself."""

    kept: str
    is_plain: bool
    weak: str = ""


@dataclass(frozen=True)
class OldKey:
    """A key that still opens, for good or until a time."""

    key: Key
    until: datetime | None


def key(value: object, info: ValidationInfo) -> Key:
    """Take a key that nobody guesses, or its hash, that no other integration has; no sentence repeats it."""
    found = _read(text(value))
    names = cast("Names", info.context)
    if found.kept in names.keys:
        raise ValueError("this key is used twice: each integration needs its own")
    names.keys.add(found.kept)
    return found


def _read(said: str) -> Key:
    if hashed := HASHED.fullmatch(said):
        return Key(hashed[1], is_plain=False)
    if said.startswith("sha256:"):
        raise ValueError(
            "is not the SHA-256 of a key: write sha256: and its 64 digits, as infra/tocsin key new prints it"
        )
    if not PLAIN.fullmatch(said):
        raise ValueError("cannot be a key: use letters, digits, - and _")
    if len(said) < SHORTEST:
        raise ValueError(f"has {len(said)} characters: a key needs at least {SHORTEST}, or it can be guessed")
    few = len(set(said))
    weak = f"has only {few} different characters" if few < FEWEST else ""
    return Key(keys.digest(said), is_plain=True, weak=weak)


def old_key(value: object, info: ValidationInfo) -> OldKey:
    """Read `KEY`, or `KEY until 2026-12-01 09:00`."""
    match = _UNTIL.fullmatch(text(value))
    if not match:
        raise ValueError(
            "is not a key: write it alone, or with its end in UTC, as in sha256:... until 2026-12-01 09:00"
        )
    until = moment(match[2]).replace(tzinfo=UTC) if match[2] else None
    return OldKey(key(match[1], info), until)


@dataclass(frozen=True)
class Held:
    """A key with the integration that it opens."""

    integration: str
    key: Key
    until: datetime | None = None


def doubts(held: list[Held], now: datetime) -> Iterator[tuple[str, str]]:
    """Give what is doubtful about keys, each with the integration it is about."""
    plain = list(dict.fromkeys(one.integration for one in held if one.key.is_plain))
    if plain:
        who = f"{', '.join(plain)} {'have their keys' if len(plain) > 1 else 'has its key'} in the file"
        remedy = "whoever reads that can post alerts: infra/tocsin key hash turns a key into what may stand there"
        yield plain[-1], f"{who}, and {remedy}"
    for one in held:
        if one.key.weak:
            yield one.integration, f"a key of {one.integration} {one.key.weak}: make one with infra/tocsin key new"
        if one.until and one.until <= now:
            yield one.integration, f"an old key of {one.integration} has ended: its line can go"


Kept = Annotated[Key, BeforeValidator(key)]
Old = Annotated[OldKey, BeforeValidator(old_key)]

"""The operator's commands for integration keys: made here, shown once, and known by their hash everywhere else."""

import secrets
from datetime import datetime, timedelta
from typing import Any

import click

from infra.cli import keys as written
from infra.cli.fields import LONGEST_WAIT, duration, lasting, suggestion
from infra.cli.options import STATED, everywhere, settings, show
from infra.cli.sources import HOST, address, urls
from infra.cli.written import kept_as
from tocsin import wiring
from tocsin.domain import keys
from tocsin.domain.config import Config, Integration
from tocsin.errors import TocsinError

NO_SOURCE = "SOURCE"


@click.group()
@everywhere
def key() -> None:
    """Make keys for integrations.

    The configuration file takes the SHA-256 of a key, which opens nothing: the file can lie in git. The key itself is
    shown once and goes into the tool that posts. Nothing is changed before the file is applied; a key ends when its
    line is taken out of the file and that is applied.
    """


@key.command()
@click.argument("integration", type=STATED)
@everywhere
def new(integration: str) -> None:
    """Make a key for INTEGRATION, which may be one that is not in the configuration yet.

    Prints the key, the URL to paste into the tool, and the line for the file.
    """
    config = _config()
    known = config.integrations.get(integration) if config else None
    _show(keys.key(secrets.token_bytes(keys.BYTES)), integration, known.source if known else "", [])


@key.command()
@click.argument("integration", type=STATED)
@click.option("--overlap", type=STATED, default="24h", help="How long the old key still opens, as in 24h or 1w.")
@everywhere
def rotate(integration: str, overlap: str) -> None:
    """Make another key for INTEGRATION, while the one it has opens a little longer.

    Prints the lines for the file: apply them, then give the tool its new key before the old one ends.
    """
    try:
        rest = lasting(LONGEST_WAIT)(duration(overlap))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--overlap") from None
    settings()
    now = wiring.now()
    config = wiring.current().config(now)
    known = config.integrations.get(integration)
    if not known:
        meant = suggestion(integration, config.integrations)
        raise click.ClickException(f'there is no integration "{integration}"{meant}')
    _show(keys.key(secrets.token_bytes(keys.BYTES)), integration, known.source, _old(known, now, rest))


@key.command("hash")
@click.option("--key", "shown", prompt="Key", hide_input=True, help="The key (asked for unless given).")
@everywhere
def hash_(shown: str) -> None:
    """Give what may stand in the file instead of a key that stands there now.

    The key goes on to hold. Better is a new one: whoever has read the file knows this one.
    """
    if not written.PLAIN.fullmatch(shown) or len(shown) < written.SHORTEST:
        sentence = f"this is no key: it has at least {written.SHORTEST} letters, digits, - and _"
        raise click.ClickException(sentence)
    show({"key": kept_as(keys.digest(shown))}, lambda answer: f"key: {answer['key']}")


def _old(known: Integration, now: datetime, rest: timedelta) -> list[str]:
    """Give the keys that still open, none of them for longer than it would have."""
    until = (now + rest).replace(second=0, microsecond=0) + timedelta(minutes=1)
    still = [one for one in known.keys if known.opens(one, now)]
    return [kept_as(one, min(until, known.until.get(one, until))) for one in still]


def _config() -> Config | None:
    """Give what holds at the pager at hand, if there is one: a key can be made before there is."""
    if address() == HOST:
        return None
    try:
        return wiring.current().config(wiring.now())
    except TocsinError:
        return None


def _show(made: str, integration: str, source: str, old: list[str]) -> None:
    paths = urls(source, made) if source else [f"{address()}/ingest/{NO_SOURCE}/{made}"]
    file = {"key": kept_as(keys.digest(made)), **({"old_keys": old} if old else {})}
    show({"integration": integration, "key": made, "urls": paths, "file": file}, _text)


def _text(answer: dict[str, Any]) -> str:
    old = answer["file"].get("old_keys", [])
    lines = [f"key: {answer['file']['key']}"]
    if old:
        lines += ["old_keys:", *(f"  - {one}" for one in old)]
    return "\n".join(
        [
            f"The key, shown this once: {click.style(answer['key'], bold=True)}",
            "In the tool:",
            *(f"  {one}" for one in answer["urls"]),
            f"In the file, below {answer['integration']}:",
            *(f"  {line}" for line in lines),
        ]
    )

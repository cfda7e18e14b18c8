"""Writes down who reads here what not everybody may know, or does what leaves no other trace of them."""

from collections.abc import Mapping

import click

from infra.cli.typist import typed
from tocsin import audit, wiring
from tocsin.domain.audit import Kind, entry
from tocsin.errors import Unavailable


def record(what: str, about: str, after: Mapping[str, str] | None = None, kind: Kind = Kind.ACCESS) -> None:
    """Write an entry with whoever is at the keyboard; raises Unavailable if that cannot be done."""
    now = wiring.now()
    told = entry(kind, what, about, typed(None, now), now, after=after)
    retention = wiring.current().config(now).retention
    wiring.store().transact(lambda tx: audit.write(tx, told, retention))


def noted(what: str, about: str, after: Mapping[str, str] | None = None, kind: Kind = Kind.ACCESS) -> None:
    """Write an entry, if that can be done; whoever has to see who is on call, or to page them, does so all the same."""
    try:
        record(what, about, after, kind)
    except Unavailable as error:
        click.echo(f"(not in the audit: {error})", err=True)

"""The operator's commands for incidents: what is open, what happened to one, and an answer without a phone."""

import re
from collections.abc import Callable
from datetime import datetime

import click

from infra.cli import render
from infra.cli.access import noted
from infra.cli.options import STATED, command, everywhere, settings, show
from infra.cli.typist import typed
from tocsin import desk, wiring
from tocsin.clients.store import Store
from tocsin.domain.incident import Incident
from tocsin.domain.orders import Said

MOST = 50

Answer = Callable[[Store, str, str, datetime, Said], Incident | None]


@click.group()
@everywhere
def incident() -> None:
    """List incidents, look at one, answer or pass on one. An ID may be shortened to its first characters."""


@incident.command("list")
@click.option("--all", "everything", is_flag=True, help="Resolved ones too.")
@everywhere
def list_(*, everything: bool) -> None:
    """List the open incidents, the newest first."""
    settings()
    noted("incidents listed", "incidents")
    found = desk.incidents(wiring.store(), open_only=not everything, limit=MOST)
    show({"incidents": [render.row(each) for each in found]}, render.incidents)


@incident.command("show")
@click.argument("identity", metavar="ID")
@everywhere
def show_(identity: str) -> None:
    """Show what happened to an incident and what is due next."""
    settings()
    found = find(identity)
    noted("an incident shown", f"incidents/{found.id}")
    show(desk.show(wiring.store(), found), render.incident)


BY = click.option("--by", type=STATED, metavar="USER", help="The user who answers (your login name unless given).")


@incident.command("ack")
@click.argument("identity", metavar="ID")
@BY
@everywhere
def acknowledge(identity: str, by: str | None) -> None:
    """Acknowledge an incident: nobody else is notified."""
    settings()
    before = find(identity)
    if before.status == "resolved":
        raise click.ClickException(f'"{render.clean(before.title)}" is resolved already by {before.answered_by}')
    _answer(desk.acknowledged, before, by)


@incident.command("resolve")
@click.argument("identity", metavar="ID")
@BY
@everywhere
def resolve(identity: str, by: str | None) -> None:
    """Resolve an incident: nobody else is notified.

    The next alert with its dedup key is a new incident.
    """
    settings()
    _answer(desk.resolved, find(identity), by)


def _answer(answer: Answer, before: Incident, by: str | None) -> None:
    now = wiring.now()
    said = typed(by, now)
    after = answer(wiring.store(), before.id, said.by, now, said) or before
    changed = (after.answered_by, after.answered_at) == (said.by, now)
    show({**render.row(after), "changed": changed}, render.answered)


def find(identity: str) -> Incident:
    """Give the one incident whose id is, or begins with, what was typed; raises click.ClickException otherwise."""
    identity = identity.removeprefix("#")
    if not identity.isalnum():
        raise click.ClickException(f'"{identity}" is not an id: {command("incident list")} shows them')
    store = wiring.store()
    if found := desk.find(store, identity):
        return found
    close = [each for each in desk.incidents(store, open_only=False, limit=MOST) if each.id.startswith(identity)]
    if len(close) == 1:
        return close[0]
    raise click.ClickException(_not_one(identity, len(close)))


def _not_one(identity: str, close: int) -> str:
    if not close and re.fullmatch("[0-9]{4}", identity):
        listed = command("incident list")
        return f"{identity} looks like a reply code: answer it from the phone, or use the id from {listed}"
    problem = f"{close} incidents begin with" if close else "there is no incident"
    return f'{problem} "{identity}": {command("incident list --all")} shows them'

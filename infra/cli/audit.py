"""The operator's audit: what people did, tried and read here, whether anybody altered it, and all of it for others."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import click

from infra.cli import render
from infra.cli.access import noted, record
from infra.cli.ledger import length
from infra.cli.options import STATED, everywhere, settings, show
from infra.cli.snapshot import EVER
from tocsin import audit as kept
from tocsin import wiring
from tocsin.domain.audit import Entry
from tocsin.domain.chain import verify as recompute
from tocsin.ledger import Reading
from tocsin.records import to_document

MOST = 1_000_000
USUAL = timedelta(days=7)

since = click.option("--since", default="7d", show_default=True, callback=length, help="How far to look back.")


@click.group(invoke_without_command=True)
@everywhere
@click.pass_context
def audit(ctx: click.Context) -> None:
    """Say who changed, did, tried or read what.

    Kept are changes of the configuration, overrides, verified numbers and calendar URLs; what people did about
    incidents; codes and test pages sent; what was refused; and who read here what names people. Without a command it
    is `list`.
    """
    if not ctx.invoked_subcommand:
        ctx.invoke(list_, since=USUAL, organisation="")


@audit.command("list")
@since
@click.option("--organisation", metavar="NAME", default="", help="Only what people of this organisation did.")
@everywhere
def list_(since: timedelta, organisation: str) -> None:
    """List the entries, the newest last."""
    settings()
    noted("audit listed", kept.HEAD)
    wanted = organisation.casefold()
    every = _entries(wiring.now() - since)
    found = {name: one for name, one in every.items() if wanted in ("", one.organisation.casefold())}
    show({"entries": [_plain(name, one) for name, one in found.items()]}, _list)


@audit.command("export")
@since
@everywhere
def export(since: timedelta) -> None:
    """Print the entries as JSON, one a line.

    With --since 520w all there are. Each has its document's name, its place and its hashes, so that anybody can
    recompute the chain.
    """
    settings()
    found = _entries(wiring.now() - since)
    record("audit exported", kept.HEAD, {"entries": str(len(found))})
    for name, one in found.items():
        click.echo(json.dumps(_plain(name, one), default=datetime.isoformat, ensure_ascii=False))


@audit.command("verify")
@click.option("--head", type=STATED, metavar="HASH", default=None, help="A head as the sweep has logged it.")
@everywhere
def verify(head: str | None) -> None:
    """Recompute the chain, and name what was altered.

    Exits with 1 if anything was. Somebody who can write all documents could build the chain anew. Then it does not hold
    the hashes that were logged: give one of "audit sealed up to entry ..." with --head.
    """
    settings()
    noted("audit verified", kept.HEAD)
    end, found = kept.head(wiring.store()), _entries(EVER)
    flaws = recompute(found, end, wiring.now(), head or "")
    answer = {"entries": len(found), "head": end.hash, "sealed_up_to": end.seq, "flaws": [asdict(one) for one in flaws]}
    show(answer, _verdict)
    if flaws:
        raise click.exceptions.Exit(1)


def _entries(since: datetime) -> dict[str, Entry]:
    return kept.entries(Reading(wiring.store(), MOST).read("audit", "at", ("at", ">=", since)))


def _plain(name: str, one: Entry) -> dict[str, Any]:
    return {"id": name, **to_document(one)}


def _list(answer: dict[str, Any]) -> str:
    rows = [
        (
            f"{each['at'].astimezone(render.zone()):%Y-%m-%d %H:%M:%S}",
            str(each["seq"] or "-"),
            each["kind"],
            each["what"] if each["count"] == 1 else f"{each['what']} ({each['count']} times)",
            _who(each),
            each["about"],
            _change(each),
        )
        for each in answer["entries"]
    ]
    if not rows:
        return "nothing in that time"
    head = (f"AT ({render.zone()})", "ENTRY", "KIND", "WHAT", "WHO", "ABOUT", "CHANGE")
    return "\n".join(render.table([head, *(tuple(map(render.clean, row)) for row in rows)]))


def _change(each: dict[str, Any]) -> str:
    """Give the timeline's words, or what each field was and is."""
    before, after = each["before"], each["after"]
    if "said" in after:
        return str(after["said"])
    names = [name for name in {**before, **after} if name != "sha" and (before.get(name) or after.get(name))]
    changed = (f"{name} {' -> '.join(one[name] for one in (before, after) if one.get(name))}" for name in names)
    return ", ".join(changed)


def _who(each: dict[str, Any]) -> str:
    typist = f", typed by {each['login']}" if each["login"] not in ("", each["by"]) else ""
    whose = f" of {each['organisation']}" if each["organisation"] else ""
    return f"{each['by'] or 'somebody'}{whose} {each['channel']}{typist}"


def _verdict(answer: dict[str, Any]) -> str:
    count = f"{answer['entries']} entries, sealed up to {answer['sealed_up_to']}"
    if not answer["flaws"]:
        return f"{count}: {click.style('nothing was altered', fg='green')}\nhead {answer['head'] or 'none yet'}"
    named = [f"  {render.clean(one['sentence'])}{_at(one)}" for one in answer["flaws"]]
    return "\n".join([f"{count}:", *named])


def _at(flaw: dict[str, str]) -> str:
    return f" (audit/{flaw['entry'][:12]})" if flaw["entry"] else ""

"""The commands for what was applied before: list the versions, show one, go back to one."""

from typing import Any

import click

from infra.cli import render, snapshot
from infra.cli.access import noted, record
from infra.cli.options import everywhere, say_if_idle, settings, show
from infra.cli.planning import told
from infra.cli.planning.command import allow_gaps, message, no_version, put_in_force
from infra.cli.snapshot import Version
from infra.cli.written import document, plain
from tocsin import wiring
from tocsin.clients.store import Store


@click.command()
@everywhere
def versions() -> None:
    """List the versions of the configuration.

    The newest first: who applied each, when and why.
    """
    settings()
    noted("versions listed", snapshot.VERSIONS)
    show({"versions": [_row(each) for each in snapshot.versions(wiring.store())]}, _list)


@click.command("show")
@click.option("--version", "number", type=click.IntRange(1), help="Which version (the current one unless given).")
@everywhere
def show_(number: int | None) -> None:
    """Show a version of the configuration as it was applied.

    In the words of the file, put together from all files, without what is left as it is unless given. Integrations
    stand apart from their services, and of a key only its SHA-256 is kept; holidays stand where they count.
    """
    settings()
    found = _found(wiring.store(), number)
    record("configuration shown", f"{snapshot.VERSIONS}/{found.version}")
    show(
        {**_row(found), "configuration": plain(found.config, usual=False)},
        lambda answer: f"{_head(answer)}\n\n{document(found.config)}",
    )


@click.command()
@click.argument("number", metavar="[VERSION]", type=click.IntRange(1), required=False)
@message
@allow_gaps
@everywhere
def rollback(number: int | None, message: str, *, allow_gaps: bool) -> None:
    """Apply an earlier VERSION again, as a new one.

    The one before the current unless given. Refused as `apply` is. The overrides made while the pager runs stay.
    """
    settings()
    store = wiring.store()
    number = number or max(1, _found(store, None).version - 1)
    earlier = _found(store, number).config
    why = message or f"back to version {number}"
    answer = put_in_force(store, earlier, wiring.now(), why, allow_gaps=allow_gaps)
    show({**answer, "rolled_back_to": number}, _rolled_back)
    say_if_idle("this holds")


def _found(store: Store, number: int | None) -> Version:
    found = snapshot.version(store, number) if number else snapshot.current(store)
    if found is None and number:
        raise no_version(number)
    if found is None:
        raise click.ClickException("no configuration has been applied yet: infra/tocsin apply FILE")
    return found


def _row(found: Version) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("version", "applied_at", "applied_by", "message", "sha")}


def _head(row: dict[str, Any]) -> str:
    why = f": {render.clean(row['message'])}" if row["message"] else ""
    return f"# version {row['version']}, applied by {row['applied_by']} at {render.moment(row['applied_at'])}{why}"


def _list(answer: dict[str, Any]) -> str:
    rows = [
        (str(each["version"]), render.moment(each["applied_at"]), each["applied_by"], each["sha"][:12], each["message"])
        for each in answer["versions"]
    ]
    if not rows:
        return "no configuration has been applied yet"
    return "\n".join(
        render.table([("VERSION", "APPLIED", "BY", "SHA-256", "WHY"), *(tuple(map(render.clean, row)) for row in rows)])
    )


def _rolled_back(answer: dict[str, Any]) -> str:
    if not answer["changed"]:
        return f"nothing changed: version {answer['version']} says the same as version {answer['rolled_back_to']}"
    return f"{told.text(answer['plan'])}\nversion {answer['rolled_back_to']} is now version {answer['version']}"

"""The operator's backup: one file to go on from somewhere else, and the way back from it."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from infra.cli import render, snapshot
from infra.cli.access import record
from infra.cli.backup import file as backups
from infra.cli.backup.gathered import Documents, gathered
from infra.cli.options import everywhere, say_if_idle, settings, show
from infra.cli.typist import operator
from tocsin import wiring
from tocsin.clients.store import Exists, Store
from tocsin.domain.audit import Kind
from tocsin.errors import Malformed

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command()
@FILE
@everywhere
def backup(file: Path) -> None:
    """Write what is needed to go on elsewhere to FILE.

    That is the configuration with its overrides and secret URLs, every open incident with its pages, codes and alerts,
    and what is known of the phones. It holds telephone numbers and codes, and nobody else can read it. Not in it are
    incidents that are over, what was put aside, earlier versions, and the audit (`audit export`).
    """
    settings()
    now = wiring.now()
    found = gathered(wiring.store(), now)
    try:
        backups.write(file, found, now, operator())
    except OSError as error:
        raise click.ClickException(f"{file} was not written: {error.strerror or 'it is there already'}") from None
    record("backed up", snapshot.CURRENT, {"documents": str(len(found))})
    show({"file": str(file), "documents": _counted(found)}, lambda answer: f"{file}: {_told(answer['documents'])}")


@click.command()
@FILE
@click.option("--go", is_flag=True, help="Do it; without this nothing is changed.")
@everywhere
def restore(file: Path, *, go: bool) -> None:
    """Go on from the backup in FILE.

    What is there already stays as it is, so this can be done again, and after it was broken off. The configuration is
    written last: from then on what is due goes out, escalations too. Do it in an empty project, and point Twilio and
    the monitoring there.
    """
    settings()
    head, found = backups.read(file)
    store = wiring.store()
    there = [path for path in found if store.get(path)]
    if go:
        written = restored(store, found)
        record(
            "restored",
            snapshot.CURRENT,
            {"documents": str(len(written)), "made_at": str(head["made_at"])},
            Kind.CONFIGURATION,
        )
    new = {path: one for path, one in found.items() if path not in there}
    said = {"made_at": head["made_at"], "made_by": head["made_by"], "new": _counted(new), "there": len(there), "go": go}
    show(said, _restored)
    if go:
        say_if_idle("pages go out")


def restored(store: Store, found: Documents) -> list[str]:
    """Create each document that is not there, in their order, and give those; it may be done again."""
    written = []
    for path, document in found.items():
        try:
            store.transact(lambda tx, path=path, document=document: tx.create(path, document))  # type: ignore[misc]
        except Exists:
            continue
        except ValueError as error:
            raise Malformed(f"{path} cannot be kept: {error}") from error
        written.append(path)
    return written


def _counted(documents: Documents) -> dict[str, int]:
    return dict(sorted(Counter(path.partition("/")[0] for path in documents).items()))


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in counts.items()) or "nothing"


def _restored(answer: dict[str, Any]) -> str:
    made = f"made at {render.moment(answer['made_at'])} by {render.clean(answer['made_by'])}"
    did = "written" if answer["go"] else "would be written"
    lines = [made, f"{did}: {_told(answer['new'])}", f"there already, and left as it is: {answer['there']}"]
    return "\n".join(lines if answer["go"] else [*lines, "nothing was changed: --go does it"])

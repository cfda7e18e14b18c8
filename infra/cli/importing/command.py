"""`infra/tocsin import`: another product's configuration becomes a file of ours, and a report of what did not."""

import os
import secrets
import time
from pathlib import Path
from typing import Any

import click

from infra.cli.importing import report
from infra.cli.options import everywhere, show
from tocsin import wiring
from tocsin.domain import keys

TOKEN = "TOCSIN_IMPORT_TOKEN"  # noqa: S105 - the name of the variable that holds it
NAMES = ("pagerduty", "opsgenie", "grafana-oncall")


@click.command("import")
@click.argument("product", type=click.Choice(NAMES))
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--url", help="Ask the API at this address in place of a folder, as in https://api.pagerduty.com.")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"The file with the API's token (unless given: the environment's {TOKEN}).",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the configuration to this new file."
)
@everywhere
def import_(product: str, folder: Path | None, url: str | None, token_file: Path | None, out: Path | None) -> None:
    """Turn another product's configuration into a file of ours.

    FOLDER holds what its REST API answered, each answer in a file called like its path: users.json,
    schedules/P12AB3/overrides.json, further pages users.2.json. Nothing is changed anywhere.

    The configuration goes to the standard output or to --out; the report says of each thing whether it is carried over
    exactly, with a difference, left out, or needs a decision.
    """
    if (folder is None) == (url is None):
        raise click.UsageError("say where the configuration is: a FOLDER of the API's answers, or --url")
    if out and out.exists():
        raise click.ClickException(f"{out} exists: choose another name, so that nothing in it is lost")
    # Every other command would pay for these too.
    from infra.cli.importing.export import saved
    from infra.cli.importing.fetching import Api
    from infra.cli.importing.move import Move
    from infra.cli.importing.products import PRODUCTS, imported

    chosen, now = PRODUCTS[product], wiring.now()
    if folder:
        export = saved(folder)
    else:
        export = Api(url or "", _token(token_file), chosen.dialect, time.sleep).export(chosen.resources(now))
    move = Move(now, lambda: keys.key(secrets.token_bytes(keys.BYTES)))
    made, told = imported(chosen, export, move, _heading(product))
    _give(made, told, out)


def _heading(product: str) -> tuple[str, ...]:
    return (
        f"Imported from {product}. Read the report first, then look for DECIDE: each is a question that only you can",
        "answer. Of each key it has the hash: the report shows the new ones, once, for their senders.",
        "",
        "    infra/tocsin check THIS-FILE",
    )


def _token(file: Path | None) -> str:
    token = file.read_text(encoding="utf-8").strip() if file else os.environ.get(TOKEN, "").strip()
    if not token or not (token.isascii() and token.isprintable()):
        raise click.ClickException(f"the API wants a token: put it into {TOKEN}, or into a file for --token-file")
    return token


def _give(made: str, told: dict[str, Any], out: Path | None) -> None:
    """Write the file where nobody else can read it; the report goes where it is in nobody's way."""
    if out:
        try:
            with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(made)
        except OSError as error:
            raise click.ClickException(f"{out} cannot be written: {error.strerror}") from None
        show({"file": str(out), **told}, report.text)
    elif click.get_current_context().meta.get("tocsin.output") == "json":
        show({"configuration": made, **told}, report.text)
    else:
        click.echo(made, nl=False)
        click.echo(report.text(told), err=True)

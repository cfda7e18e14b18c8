"""The options of every command, wherever they stand on the line, and the group that turns failures into sentences."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import TypeAdapter

from tocsin.errors import TocsinError

F = TypeVar("F", bound=Callable[..., Any])
ROOT = Path(__file__).resolve().parents[2]
OUTPUT = "tocsin.output"
DATA = "tocsin.data"


class Sentences(click.Group):
    """A group whose failures are one sentence and exit code 1; what nobody foresaw names its kind."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; raises click.ClickException for what the operator can read."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except TocsinError as error:
            raise click.ClickException(str(error)) from None
        except Exception as error:
            if os.environ.get("TOCSIN_TRACE"):
                raise
            raise click.ClickException(f"{type(error).__name__}: {error} (TOCSIN_TRACE=1 shows where)") from None


def everywhere(command: F) -> F:
    """Give a command --output and --data; the last place that says one of them wins."""
    output = click.option(
        "--output",
        type=click.Choice(["text", "json"]),
        callback=_remember(OUTPUT),
        expose_value=False,
        help="How to print: for people (the default) or for programs.",
    )
    data = click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        callback=_remember(DATA),
        expose_value=False,
        help="The folder of a local pager (the project's .tocsin unless given).",
    )
    return output(data(command))


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value is not None:
            ctx.meta[name] = value

    return callback


def show(answer: dict[str, Any], text: Callable[[dict[str, Any]], str], *, err: bool = False) -> None:
    """Print an answer: as JSON if that was asked for, else as the text made of it."""
    if click.get_current_context().meta.get(OUTPUT) == "json":
        click.echo(json.dumps(answer, indent=2, default=datetime.isoformat))
    else:
        click.echo(text(answer), err=err)


def settings() -> None:
    """Take the settings that the local pager left in its folder, where the environment does not say otherwise.

    Raises click.ClickException if there is neither a local pager nor a project.
    """
    folder: Path = click.get_current_context().meta.get(DATA) or ROOT / ".tocsin"
    file = folder / "settings.json"
    try:
        found = TypeAdapter(dict[str, str]).validate_json(file.read_bytes())
    except FileNotFoundError:
        found = {}
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{file} cannot be read: start infra/local/up again, it writes it anew") from error
    for name, value in found.items():
        os.environ.setdefault(name, value)
    if not {"TOCSIN_EMBEDDED", "GOOGLE_CLOUD_PROJECT"} & os.environ.keys():
        raise click.ClickException(
            f"no pager has run with {folder}: start infra/local/up, or set GOOGLE_CLOUD_PROJECT to reach one"
        )

"""The options of every command, wherever they stand on the line, and the group that turns failures into sentences."""

import json
import os
import shlex
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import TypeAdapter

from infra.cli.running import is_running
from tocsin.errors import TocsinError

F = TypeVar("F", bound=Callable[..., Any])
ROOT = Path(__file__).absolute().parents[2]
USUAL = ROOT / ".tocsin"
OUTPUT = "tocsin.output"
DATA = "tocsin.data"
LOCAL = "tocsin.local"  # the folder of the local pager that the command speaks to


class Stated(click.ParamType[str]):
    """A text that is not empty: a shell's variable that is not set must not mean now, anybody or whoever types."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the text; raises click.BadParameter for an empty one."""
        if not str(value).strip():
            self.fail("is empty: leave the option out, or say what it is", param, ctx)
        return str(value)


STATED = Stated()


class Sentences(click.Group):
    """A group whose failures are one sentence and exit code 1; what nobody foresaw names its kind."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Keep colours away where NO_COLOR asks for that (no-color.org), also from a terminal."""
        if os.environ.get("NO_COLOR"):
            kwargs["color"] = False
        return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; raises click.ClickException for what the operator can read, a program reads JSON."""
        try:
            return self._invoke(ctx)
        except click.ClickException as refusal:
            if ctx.meta.get(OUTPUT) == "json":
                click.echo(json.dumps({"error": refusal.format_message()}, indent=2))
                raise click.exceptions.Exit(refusal.exit_code) from None
            raise

    def _invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except TocsinError as error:
            raise click.ClickException(f"{error}{_remedy(error, ctx)}") from None
        except Exception as error:
            if os.environ.get("TOCSIN_TRACE"):
                raise
            raise click.ClickException(f"{type(error).__name__}: {error} (TOCSIN_TRACE=1 shows where)") from None


def is_damaged(error: Exception) -> bool:
    """Tell documents that no waiting repairs from those that are only busy, which SQLite says with another error."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.DatabaseError) and not isinstance(cause, sqlite3.OperationalError)


def _remedy(error: TocsinError, ctx: click.Context) -> str:
    if not is_damaged(error):
        return ""
    return f" Move that file away and start {up(ctx)} again, or choose another folder with --data DIR."


def everywhere(command: F) -> F:
    """Give a command --output and --data; the last place that says one of them wins."""
    output = click.option(
        "--output",
        type=click.Choice(["text", "json"]),
        callback=_remember(OUTPUT),
        expose_value=False,
        is_eager=True,  # known before anything else is refused
        help="How to print: for people (the default) or for programs.",
    )
    data = click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        callback=_remember(DATA),
        expose_value=False,
        help="The folder of a local pager (unless given: the project in GOOGLE_CLOUD_PROJECT, else .tocsin).",
    )
    return output(data(command))


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value is not None:
            ctx.meta[name] = value

    return callback


def is_json() -> bool:
    """Tell whether the answer is for programs."""
    return bool(click.get_current_context().meta.get(OUTPUT) == "json")


def show(answer: dict[str, Any], text: Callable[[dict[str, Any]], str], *, err: bool = False) -> None:
    """Print an answer: as JSON if that was asked for, else as the text made of it."""
    if is_json():
        click.echo(json.dumps(answer, indent=2, default=datetime.isoformat))
    else:
        click.echo(text(answer), err=err)


def command(words: str) -> str:
    """Give a command line to type, for the same pager as this one."""
    return " ".join(["infra/tocsin", *_data(click.get_current_context()), words])


def up(ctx: click.Context) -> str:
    """Give the command that starts the same local pager as this one."""
    return " ".join(["infra/local/up", *_data(ctx)])


def _data(ctx: click.Context) -> list[str]:
    return ["--data", shlex.quote(str(ctx.meta[DATA]))] if DATA in ctx.meta else []


def settings() -> None:
    """Take the settings of the pager that is meant, and say which one that is where it was not.

    A folder that was given means the pager there, whatever the environment says. Else a project in the environment
    means that one, and a folder left by a local pager changes nothing. Raises click.ClickException if there is neither.
    """
    named: Path | None = click.get_current_context().meta.get(DATA)
    project = os.environ.get("GOOGLE_CLOUD_PROJECT")
    if named or not project:
        _take(named or USUAL, is_named=named is not None)
    elif (USUAL / "settings.json").exists():
        _say(f"this is the project {project}; --data .tocsin is the pager of this machine")


def _take(folder: Path, *, is_named: bool) -> None:
    """Take the settings of the local pager on a folder; what the environment says counts unless it was named."""
    ctx = click.get_current_context()
    found = _left(folder)
    if not found:
        if is_named or "TOCSIN_EMBEDDED" not in os.environ:
            hint = f"start {up(ctx)}, or set GOOGLE_CLOUD_PROJECT to reach one"
            raise click.ClickException(f"no pager has run with {folder}: {hint}")
        return
    ctx.meta[LOCAL] = folder
    if is_named:
        os.environ.pop("TOCSIN_EMBEDDED", None)
        os.environ.update(found)
    else:
        os.environ.update({name: value for name, value in found.items() if name not in os.environ})
        _say(f"this is the pager of this machine, in {folder}")


def _left(folder: Path) -> dict[str, str]:
    """Give the settings that a local pager left in its folder, none if none has run there."""
    file = folder / "settings.json"
    try:
        return TypeAdapter(dict[str, str]).validate_json(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        again = up(click.get_current_context())
        raise click.ClickException(f"{file} cannot be read: start {again} again, it writes it anew") from error


def _say(which: str) -> None:
    """Say on stderr which pager is meant: nobody should raise an alert on another one than they believe."""
    if not is_json():
        click.echo(f"({which})", err=True)


def is_idle() -> bool:
    """Tell whether the pager meant is a local one that does not run: nobody delivers now."""
    folder: Path | None = click.get_current_context().meta.get(LOCAL)
    return folder is not None and not is_running(folder)


def say_if_idle(effect: str) -> None:
    """Say on stderr that nobody delivers now, when the pager meant is a local one and does not run."""
    if is_idle():
        ctx = click.get_current_context()
        click.echo(f"No pager runs on {ctx.meta[LOCAL]}: {effect} at the next {up(ctx)}.", err=True)

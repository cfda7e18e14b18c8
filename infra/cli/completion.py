"""Lets a shell complete the commands, their options and the files they take."""

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from infra.cli.options import everywhere

_SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@everywhere
def completion(shell: str) -> None:
    """Print what makes a SHELL complete these commands.

    In bash, for this terminal: eval "$(infra/tocsin completion bash)". To keep it, put that into ~/.bashrc. In zsh and
    fish the command must be found in the PATH as tocsin.
    """
    root = click.get_current_context().find_root()
    click.echo(_SHELLS[shell](root.command, {}, "tocsin", "_TOCSIN_COMPLETE").source(), nl=False)

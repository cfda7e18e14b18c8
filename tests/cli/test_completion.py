"""A shell completes the commands and their options, wherever the command line is called from."""

import subprocess

import pytest
from click.testing import CliRunner

from infra.cli.commands import tocsin
from tests.cli.launching import ROOT


def completed(*words: str) -> list[str]:
    """Give what bash offers for the last of the words."""
    line = " ".join(f"'{word}'" for word in words)
    script = f"""
        eval "$(infra/tocsin completion bash)"
        COMP_WORDS=({line}) COMP_CWORD={len(words) - 1}
        _tocsin_completion infra/tocsin
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_bash_completes_commands_and_options() -> None:
    assert completed("infra/tocsin", "ver") == ["verify", "versions"]
    assert {"show", "snooze"} <= set(completed("infra/tocsin", "incident", "s"))
    assert "--at" in completed("infra/tocsin", "who", "--")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_their_own(shell: str) -> None:
    said = CliRunner().invoke(tocsin, ["completion", shell])
    assert said.exit_code == 0
    assert "_TOCSIN_COMPLETE" in said.stdout


def test_an_unknown_shell_is_refused_naming_those_there_are() -> None:
    said = CliRunner().invoke(tocsin, ["completion", "tcsh"])
    assert said.exit_code == 2
    assert "bash" in said.output

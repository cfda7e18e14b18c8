import io
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import TextIO

import pytest

from infra.cli.configfile import load
from tests.leaks import leaked
from tests.stories.night import Night
from tests.stories.world import TOKEN
from tocsin.domain.config import Config


@pytest.fixture(scope="session")
def team() -> Config:
    return load(Path(__file__).with_name("team.yaml"))


class Listening(io.StringIO):
    """Keeps what is written, and passes it on."""

    def __init__(self, before: TextIO) -> None:
        super().__init__()
        self.before = before

    def write(self, text: str) -> int:
        self.before.write(text)
        return super().write(text)


@pytest.fixture
def night(team: Config, request: pytest.FixtureRequest) -> Iterator[Night]:
    night = Night(team)
    failed = request.session.testsfailed
    with redirect_stdout(Listening(sys.stdout)) as log:
        yield night
    if request.session.testsfailed == failed:
        night.ends()
        assert leaked(log.getvalue(), [TOKEN]) == []

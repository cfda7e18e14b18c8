from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.cli.configfile import load
from tests.stories.night import Night
from tocsin.domain.config import Config


@pytest.fixture(scope="session")
def team() -> Config:
    return load(Path(__file__).with_name("team.yaml"))


@pytest.fixture
def night(team: Config, request: pytest.FixtureRequest) -> Iterator[Night]:
    night = Night(team)
    failed = request.session.testsfailed
    yield night
    if request.session.testsfailed == failed:
        night.ends()

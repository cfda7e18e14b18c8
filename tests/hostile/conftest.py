"""Gives each module the functions, loaded anew and gone afterwards."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.hostile.doors import Doors, opened

MEMORY = Path("/dev/shm")  # noqa: S108 - tens of thousands of events need not reach a disk, one by one


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder, opened(Path(folder)) as doors:
        yield doors

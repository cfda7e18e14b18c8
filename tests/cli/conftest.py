"""A pager for the command line to talk to."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.cli import snapshot
from infra.cli.configfile import load
from tests.cli.launching import ROOT, with_environment
from tocsin.clients.embedded import EmbeddedStore


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """Give the folder of a pager that has run with the demo team."""
    with_environment(tmp_path)
    settings = {"TOCSIN_EMBEDDED": str(tmp_path / "tocsin.db"), "GOOGLE_CLOUD_PROJECT": "tocsin-local"}
    (tmp_path / ".tocsin").mkdir()
    (tmp_path / ".tocsin" / "settings.json").write_text(json.dumps(settings))
    demo = load(ROOT / "infra" / "local" / "demo.yaml")
    snapshot.apply(EmbeddedStore(tmp_path / "tocsin.db"), demo, "carol", datetime.now(UTC))
    return tmp_path

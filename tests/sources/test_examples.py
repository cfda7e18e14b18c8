"""Reads each example beside what is expected of it: `<source>/NAME.json` and `<source>/NAME.expected.json`.

The first is a body as it is posted. The second has the `alerts` (fields left out have their defaults) or the reasons it
is `refused` for, and where they matter the `path` it is posted to and the integration's `options`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tocsin import body, records, sources
from tocsin.domain.alert import Alert
from tocsin.errors import Malformed

HERE = Path(__file__).parent
BODIES = sorted(path for path in HERE.glob("*/*.json") if not path.name.endswith(".expected.json"))


def read(path: Path) -> list[Alert]:
    source = sources.load(path.parent.name)
    payload = body.read(path.read_bytes(), "application/json", "", source.limit) if source.reads else None
    said = expected(path)
    posted = sources.Posted(
        payload, path=said.get("path", source.name), options=said.get("options", {}), integration="shop"
    )
    return source.parse(posted)


def expected(path: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(path.with_suffix(".expected.json").read_bytes())
    return said


def named(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


@pytest.mark.parametrize("path", [path for path in BODIES if "alerts" in expected(path)], ids=named)
def test_an_example_gives_the_alerts_beside_it(path: Path) -> None:
    assert read(path) == [records.from_document(Alert, alert) for alert in expected(path)["alerts"]]


@pytest.mark.parametrize("path", [path for path in BODIES if "refused" in expected(path)], ids=named)
def test_an_example_is_refused_for_all_the_reasons_beside_it(path: Path) -> None:
    with pytest.raises(Malformed) as refusal:
        read(path)
    assert list(refusal.value.reasons) == expected(path)["refused"]


@pytest.mark.parametrize("source", sources.names())
def test_every_source_has_examples(source: str) -> None:
    found = [path for path in BODIES if path.parent.name == source]
    assert found, f"write tests/sources/{source}/NAME.json and NAME.expected.json from the tool's documentation"

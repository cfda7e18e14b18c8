"""Reads each example beside what is expected of it: `<source>/NAME.json` and `<source>/NAME.expected.json`.

The first is a body as it is posted; one that is a form is `NAME.form`. The second has the `alerts` (fields left out
have their defaults) or the reasons it is `refused` for, and where they matter the `path` it is posted to with what is
`inside` it, the `query` and `headers`, and the integration's `options`. An example that is `same` as another one is
about the same trouble.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tocsin import body, records, sources
from tocsin.domain.alert import Alert
from tocsin.errors import Malformed

HERE = Path(__file__).parent
BODIES = sorted(
    path for kind in ("json", "form") for path in HERE.glob(f"*/*.{kind}") if not path.name.endswith(".expected.json")
)
KINDS = {".json": "application/json", ".form": "application/x-www-form-urlencoded"}


def read(path: Path) -> list[Alert]:
    source, said, raw = sources.load(path.parent.name), expected(path), path.read_bytes()
    headers = {"content-type": KINDS[path.suffix], **said.get("headers", {})}
    is_read = source.reads and not (source.empty and not raw.strip())
    posted = sources.Posted(
        body.read(raw, headers["content-type"], "", source.limit) if is_read else None,
        path=said.get("path", source.name),
        inside=said.get("inside", ""),
        query=said.get("query", {}),
        headers=headers,
        options=said.get("options", {}),
        integration="shop",
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


@pytest.mark.parametrize("path", [path for path in BODIES if "same" in expected(path)], ids=named)
def test_an_example_has_the_dedup_key_of_the_one_it_is_about(path: Path) -> None:
    (other,) = path.parent.glob(f"{expected(path)['same']}.[fj]*")
    assert {alert.dedup_key for alert in read(path)} == {alert.dedup_key for alert in read(other)}


@pytest.mark.parametrize("source", sources.names())
def test_every_source_has_examples(source: str) -> None:
    found = [path for path in BODIES if path.parent.name == source]
    assert found, f"write tests/sources/{source}/NAME.json and NAME.expected.json from the tool's documentation"

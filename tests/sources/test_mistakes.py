"""Takes the examples of every source apart: whatever is missing or of another type, alerts or Malformed."""

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.test_any_json import JSON, check_all
from tests.sources.test_examples import BODIES, expected
from tocsin import sources
from tocsin.errors import Forbidden, Malformed
from tocsin.sources import Posted

READ = [name for name in sources.names() if sources.load(name).reads]


def of(source: str) -> list[Path]:
    found = [path for path in BODIES if path.parent.name == source]
    return [path for path in found if path.suffix == ".json" and path.read_bytes().strip()]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the way to every value inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, each in inner for way in ((*path, key), *places(each, (*path, key)))]


@st.composite
def mistaken(draw: st.DrawFn, source: str) -> Posted:
    """Give an example with up to three of its values replaced or taken away, posted to where it belongs."""
    example = draw(st.sampled_from(of(source)))
    value = copy.deepcopy(json.loads(example.read_bytes()))
    for _ in range(draw(st.integers(0, 3))):
        ways = places(value)
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        holder = value
        for step in way:
            holder = holder[step]
        if draw(st.booleans()):
            holder[last] = draw(JSON)
        else:
            del holder[last]
    said = expected(example)
    options = {"secret": "s"} if draw(st.booleans()) else {}
    path, inside, raw = said.get("path", source), said.get("inside", ""), json.dumps(value).encode()
    return Posted(value, path=path, inside=inside, raw=raw, options=options, integration="shop")


@pytest.mark.parametrize("source", READ)
@settings(deadline=None)
@given(data=st.data())
def test_an_example_with_mistakes_gives_alerts_or_is_malformed(source: str, data: st.DataObject) -> None:
    with contextlib.suppress(Malformed):
        check_all(sources.load(source).parse(data.draw(mistaken(source))))


@pytest.mark.parametrize("source", READ)
@settings(deadline=None)
@given(data=st.data())
def test_a_check_asks_for_something_or_nothing_or_forbids(source: str, data: st.DataObject) -> None:
    posted = data.draw(mistaken(source))
    try:
        asked = sources.load(source).check(posted)
    except Forbidden:
        return
    assert asked == "" or asked.startswith("https://")
    assert isinstance(sources.load(source).message(posted), str)

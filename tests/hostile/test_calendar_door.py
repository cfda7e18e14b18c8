"""Whatever a stranger asks the calendars for, he learns nothing; whoever has the URL is answered as before."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.doors import Doors, Request
from tocsin import wiring
from tocsin.domain.feed import PATH, Feed, Kind, Secret, where
from tocsin.records import to_document

SECRET = Secret("0f" * 16)
URL = f"/{where(SECRET, Feed(Kind.SCHEDULE, 'shop'))}"

garbled = st.builds(
    lambda at, character, cut: URL[:at] + character + URL[at + cut :],
    st.integers(0, len(URL)),
    st.characters(exclude_categories=["Cs"]),
    st.integers(0, 3),
)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=300).map(lambda text: f"/{text}")
paths = st.one_of(garbled, anything).filter(lambda path: path not in {URL, f"/calendar{URL}", f"/{URL}", f"{URL}/"})
tags = st.one_of(st.just(b""), st.binary(max_size=100).filter(lambda tag: not {10, 13} & set(tag)))


@pytest.fixture(scope="module")
def calendars(doors: Doors) -> Doors:
    wiring.store().transact(lambda tx: tx.put(PATH, to_document(SECRET)))
    return doors


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=paths, tag=tags, body=st.binary(max_size=50), method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "X"]))
def test_without_the_url_there_is_no_calendar(
    calendars: Doors, path: str, tag: bytes, body: bytes, method: str
) -> None:
    said = calendars.ask("calendar", Request(quote(path), body, method, headers=((b"if-none-match", tag),)))
    assert said.status in {404, 405}
    assert b"BEGIN" not in said.body
    assert b"shop" not in said.body


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(tag=tags, query=st.binary(max_size=50).map(lambda query: quote(query).encode()))
def test_with_it_there_is_one_whatever_else_is_asked(calendars: Doors, tag: bytes, query: bytes) -> None:
    said = calendars.ask("calendar", Request(URL, b"", "GET", query, ((b"if-none-match", tag),)))
    assert said.status in {200, 304}
    assert (said.status == 304) == (not said.body)
    assert said.headers["etag"]

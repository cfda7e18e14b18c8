"""Whatever a stranger asks of the pages behind links, he learns nothing; whoever has one changes nothing by looking."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.doors import FORM, LINK_SECRET, Doors, Request, documents
from tocsin.domain.links import LIFETIME, token

ALL = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
bodies = st.sampled_from([b"", b"do=acknowledge", b"do=resolve", b"do=acknowledge&do=resolve"]) | st.binary(max_size=60)
methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "X"])
kinds = st.sampled_from([FORM, b"application/json", b"", b"multipart/form-data; boundary=x"])


@pytest.fixture(scope="module")
def sent(doors: Doors) -> str:
    """A link that was sent."""
    _, _, notification = doors.page()
    return token(LINK_SECRET, notification, int((datetime.now(UTC) + LIFETIME).timestamp()))


@ALL
@given(at=st.integers(0, 200), put=st.text(max_size=2), cut=st.integers(0, 3), method=methods, body=bodies, kind=kinds)
def test_nothing_but_the_link_opens_anything(  # noqa: PLR0913, PLR0917 -- a request has these parts
    doors: Doors, sent: str, at: int, put: str, cut: int, method: str, body: bytes, kind: bytes
) -> None:
    at %= len(sent) + 1
    garbled = (sent[:at] + put + sent[at + cut :]).encode(errors="replace").decode()
    before = documents()
    said = doors.ask("reply", Request(quote(f"/page/{garbled}"), body, method, headers=((b"content-type", kind),)))
    if garbled != sent:
        assert said.status in {400, 404, 405}, said
        assert b"payments" not in said.body
        assert documents() == before


@ALL
@given(query=st.binary(max_size=50), kind=kinds, body=st.binary(max_size=60), method=st.sampled_from(["GET", "HEAD"]))
def test_looking_never_answers(doors: Doors, sent: str, query: bytes, kind: bytes, body: bytes, method: str) -> None:
    before = documents()
    asked = Request(f"/page/{sent}", body, method, quote(query).encode(), ((b"content-type", kind),))
    assert doors.ask("reply", asked).status == 200
    assert documents() == before


def test_a_link_of_tomorrow_is_made_by_nobody_else(doors: Doors, sent: str) -> None:
    notification = sent.split(".", maxsplit=1)[0]
    for seconds in range(100):
        later = int((datetime.now(UTC) + timedelta(seconds=seconds)).timestamp())
        assert doors.ask("reply", Request(f"/page/{token('guessed', notification, later)}", b"", "GET")).status == 404

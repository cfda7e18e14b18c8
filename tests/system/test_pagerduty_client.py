"""PagerDuty's own Python client pages through here once its address is changed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest
from pagerduty import EventsApiV2Client, HttpError

from tests.system.pager import PRIMARY, Pager, eventually, texts_in

KEY = "reports0000000000000000000000032"


class WithoutTls(httpx2.HTTPTransport):
    """Sends in plain text: the client refuses an address without TLS, and the local pager has none."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.url = request.url.copy_with(scheme="http")
        return super().handle_request(request)


@pytest.fixture
def with_key(pager: Pager) -> Iterator[Callable[[str], EventsApiV2Client]]:
    """Makes clients, each with a routing key."""
    with ExitStack() as clients:

        def make(routing_key: str) -> EventsApiV2Client:
            address = pager.url.replace("http://", "https://")
            client = EventsApiV2Client(routing_key, base_url=f"{address}/ingest", transport=WithoutTls())
            return clients.enter_context(client)

        yield make


@pytest.fixture
def client(with_key: Callable[[str], EventsApiV2Client]) -> EventsApiV2Client:
    return with_key(KEY)


def test_it_triggers_acknowledges_and_resolves(pager: Pager, client: EventsApiV2Client) -> None:
    key = client.trigger("the disk is full", "shop-1", custom_details={"free": "0 B"})
    pager.text(PRIMARY, "the disk is full")
    incident = pager.show(pager.incident("the disk is full"))
    assert (incident["dedup_key"], incident["affected"], "0 B" in incident["details"]) == (key, "shop-1", True)

    assert client.acknowledge(key) == key
    acknowledged = pager.show(pager.incident("the disk is full", "acknowledged"))
    assert (acknowledged["answered_by"], acknowledged["due"]) == ("reports-pagerduty", [])
    assert client.resolve(key) == key
    pager.incident("the disk is full", "resolved")


def test_a_dedup_key_of_its_own_is_kept_and_a_repeat_joins(pager: Pager, client: EventsApiV2Client) -> None:
    for _ in range(2):
        assert client.trigger("the disk is slow", "shop-1", dedup_key="disk/shop-1") == "disk/shop-1"
    pager.text(PRIMARY, "the disk is slow")
    incident = pager.incident("the disk is slow")
    eventually(lambda: pager.show(incident)["alerts"] == 2, lambda: "the second one did not join")
    assert len(texts_in(pager.state, PRIMARY, "the disk is slow")) == 1
    client.resolve("disk/shop-1")


def test_a_wrong_routing_key_raises_its_error(with_key: Callable[[str], EventsApiV2Client]) -> None:
    stranger = with_key("a" * 32)
    with pytest.raises(HttpError) as refused:
        stranger.trigger("nobody knows me", "shop-1")
    assert refused.value.response is not None
    assert 400 <= refused.value.response.status_code < 500


def test_an_event_that_is_none_raises_its_error_with_the_reason(client: EventsApiV2Client) -> None:
    with pytest.raises(HttpError) as refused:
        client.trigger("a severity of its own", "shop-1", severity="apocalyptic")
    assert refused.value.response is not None
    assert refused.value.response.status_code == 400
    assert "severity" in refused.value.response.text


def test_a_change_is_taken_and_pages_nobody(pager: Pager, client: EventsApiV2Client) -> None:
    client.submit("version 12 is out", source="shop-1", timestamp="2026-11-01T12:00:00Z")
    client.trigger("after the change", "shop-1", dedup_key="after")
    pager.text(PRIMARY, "after the change")
    state = pager.state
    assert not texts_in(state, PRIMARY, "version 12")
    assert not any("version 12" in incident["title"] for incident in state["incidents"])
    client.resolve("after")

"""A Twilio account in the environment, here a second telephone network, is used instead of the phones of `up`."""

import json
import secrets
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from infra.local.emulators import free_port
from infra.local.phones.app import application
from infra.local.phones.network import Network
from infra.local.phones.view import Person
from infra.local.server import Server
from tests.system.conftest import Start
from tests.system.pager import PATIENCE_SECONDS, PRIMARY, eventually, get, post, texts_in

SID, TOKEN, NUMBER = "AC" + "e" * 32, "the token of another account", "+15550100199"
ACCOUNT = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM_NUMBER": NUMBER}


@pytest.fixture
def port() -> int:
    """Where the pager will be: Twilio is told the address for texts before there is anybody."""
    return free_port()


@pytest.fixture
def twilio(port: int) -> Iterator[str]:
    """Where the other network is."""
    url = f"http://127.0.0.1:{port}/reply/sms"
    network = Network(SID, TOKEN, NUMBER, url, ids=lambda: secrets.token_hex(16))
    app = application(network, people=lambda: [Person(PRIMARY, "Primary", "", on_call=True)], incidents=_no_incidents)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(app, lifespan="on", log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(PATIENCE_SECONDS)
    listener.close()


async def _no_incidents() -> list[dict[str, object]]:
    return []


def test_its_settings_stay_its_phones_are_texted_and_their_answers_count(start: Start, port: int, twilio: str) -> None:
    settings = ACCOUNT | {"TWILIO_API_URL": twilio}
    pager = start(port=port, settings=settings)
    assert settings.items() <= json.loads((pager.data / "settings.json").read_text()).items()

    pager.alert("the bridge is up")
    assert _text(twilio, "the bridge is up")
    post(f"{twilio}/phone/text", {"number": PRIMARY, "body": "ack"})

    assert _text(twilio, "Nobody else is paged")
    pager.incident("the bridge is up", "acknowledged")
    assert [phone["messages"] for phone in pager.state["phones"]] == [[]] * 4
    pager.stop()


def test_a_time_out_there_after_the_text_was_made_is_no_second_text(start: Start, port: int, twilio: str) -> None:
    pager = start(port=port, settings=ACCOUNT | {"TWILIO_API_URL": twilio})
    post(f"{twilio}/phone/faults", {"kind": "lost_after", "number": PRIMARY, "on": "text", "seconds": 1})

    pager.alert("the ferry is late")

    assert _text(twilio, "the ferry is late")
    incident = pager.incident("the ferry is late")
    pager.sees(lambda _: [each["state"] for each in pager.show(incident)["notifications"]] == ["sent"])
    assert len(texts_in(json.loads(get(f"{twilio}/phone/state")), PRIMARY, "the ferry is late")) == 1
    pager.stop()


def _text(twilio: str, words: str) -> list[str]:
    def look() -> list[str]:
        return texts_in(json.loads(get(f"{twilio}/phone/state")), PRIMARY, words)

    return eventually(look, lambda: get(f"{twilio}/phone/state"))

"""The watcher outside: one GET with short time-outs, and anything but 2xx is a failure that names no secret."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from tests.clients.receiver import Receiver, receiver
from tocsin.clients import http
from tocsin.clients.http import Watcher
from tocsin.errors import Unavailable


def listening(test: Callable[[Receiver], object]) -> list[str]:
    """Run a test against a server on this machine; gives the paths that were asked for."""

    async def run() -> list[str]:
        async with receiver() as ours:
            await asyncio.to_thread(test, ours)
            return [one.path for one in ours.deliveries]

    return asyncio.run(run())


def test_a_beat_is_one_request_to_the_whole_url() -> None:
    assert listening(lambda ours: Watcher(f"{ours.url}/ping/secret?a=1").beat()) == ["/ping/secret"]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_any_other_status_is_a_failure_and_no_redirect_is_followed(status: int) -> None:
    def test(ours: Receiver) -> None:
        ours.answers.append(status)
        with pytest.raises(Unavailable, match=str(status)) as failure:
            Watcher(f"{ours.url}/ping/secret").beat()
        assert "secret" not in str(failure.value)

    assert len(listening(test)) == 1


@pytest.mark.parametrize("url", ["", "nowhere", "https://", "ftp://127.0.0.1/secret", "http://[secret", "http://\x00"])
def test_a_url_that_is_none_is_a_failure_like_any_other(url: str) -> None:
    with pytest.raises(Unavailable, match="could not be reached") as failure:
        Watcher(url).beat()
    assert "secret" not in str(failure.value)


def test_a_closed_port_is_a_failure_that_keeps_the_url_to_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unavailable) as failure:
        Watcher(f"http://127.0.0.1:{port}/secret").beat()
    assert "secret" not in str(failure.value)


def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unavailable, match="ReadTimeout"):
        Watcher(f"http://127.0.0.1:{silent.getsockname()[1]}/", read=0.05).beat()


def test_the_usual_patience_is_seconds() -> None:
    assert (http.CONNECT, http.READ) == (3.0, 5.0)

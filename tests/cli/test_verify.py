"""A code goes to a number and comes back; so many go out, and so few guesses count."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest

from tests.cli.launching import ROOT, typed
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain import verification
from tocsin.domain.phone import Phone, path
from tocsin.records import from_document, to_document

ALICE = "+15550100101"
SID = "0" * 32
PATH = f"{ROOT}:{ROOT / 'functions'}"


@contextmanager
def twilio(status: int = 201) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Stand where Twilio's API is, and keep what it was asked for."""
    made: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.append({name: values[-1] for name, values in parse_qs(body).items()} | {"path": self.path})
            sid = ("SM" if "Messages" in self.path else "CA") + SID
            said = {"sid": sid} if status < 400 else {"code": 21610, "message": "opted out", "status": status}
            text = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", made
        finally:
            server.shutdown()
            thread.join()


def settings(url: str) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": "AC" + SID,
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_FROM_NUMBER": "+15550100100",
        "TWILIO_API_URL": url,
        "PUBLIC_URL": "https://pager.example",
    }


def verify(pager: Path, *words: str, url: str = "http://127.0.0.1:9") -> subprocess.CompletedProcess[str]:
    return typed("--data", ".tocsin", "verify", *words, cwd=pager, **settings(url))


def phone(pager: Path, number: str = ALICE) -> Phone:
    return from_document(Phone, EmbeddedStore(pager / "tocsin.db").get(path(number)) or {})


def test_a_code_is_texted_and_verifies_the_number_when_it_comes_back(pager: Path) -> None:
    with twilio() as (url, made):
        sent = verify(pager, "alice", url=url)
    assert sent.returncode == 0, sent.stderr
    assert sent.stdout.startswith("...0101 of Alice Martin is sent a code: reply with it from there, or type ")
    [message] = made
    code = phone(pager).verification.code
    assert (message["To"], message["Body"][:7]) == (ALICE, f"{code} ")
    assert code not in sent.stdout
    assert not phone(pager).verification.is_of("alice")
    done = verify(pager, "alice", code)
    assert (done.returncode, done.stdout) == (0, "...0101 is the number of Alice Martin\n")
    assert phone(pager).verification.is_of("alice")
    again = verify(pager, "alice", code)
    assert again.returncode == 1
    assert "no code is out for alice" in again.stderr


def test_a_code_can_be_heard(pager: Path) -> None:
    with twilio() as (url, made):
        sent = json.loads(verify(pager, "alice", "--channel", "voice", "--output", "json", url=url).stdout)
    [call] = made
    spoken = ", ".join(phone(pager).verification.code)
    assert call["Twiml"].count(spoken) == 3
    assert call["path"].endswith("/Calls.json")
    assert (sent["user"], sent["channel"], sent["number"]) == ("alice", "voice", "...0101")


def test_a_wrong_code_is_refused_and_five_are_the_end(pager: Path) -> None:
    with twilio() as (url, _):
        verify(pager, "alice", url=url)
    code = phone(pager).verification.code
    wrong = "000000" if code != "000000" else "111111"
    for left in (4, 3, 2, 1, 0):
        refused = verify(pager, "alice", wrong)
        assert refused.returncode == 1
        assert f"that is not the code that was sent: {left} more tries" in refused.stderr
    assert "no code is out" in verify(pager, "alice", code).stderr
    tried = [one for _, one in EmbeddedStore(pager / "tocsin.db").query("audit") if one["about"] == "users/alice"]
    told = sorted((one["kind"], one["what"]) for one in tried)
    assert told == [("action", "a code sent to a number"), *[("denied", "a wrong code for a number")] * 5]
    assert not phone(pager).verification.is_of("alice")


def test_the_fourth_code_of_an_hour_is_not_sent(pager: Path) -> None:
    with twilio() as (url, made):
        sent = [verify(pager, "alice", url=url) for _ in range(4)]
    assert [one.returncode for one in sent] == [0, 0, 0, 1]
    assert "enough codes were sent for alice: another one at " in sent[-1].stderr
    assert len(made) == 3


THOUSAND = """
import sys
from click.testing import CliRunner
from infra.cli.commands import tocsin
for number in range(1000):
    CliRunner().invoke(tocsin, ["--data", ".tocsin", "verify", ("alice", "bob")[number % 2], *sys.argv[1:]])
"""


@pytest.mark.parametrize("channel", ["sms", "voice"])
def test_of_a_thousand_starts_three_reach_each_number(pager: Path, channel: str) -> None:
    with twilio() as (url, made):
        command = [sys.executable, "-c", THOUSAND, "--channel", channel]
        subprocess.run(command, cwd=pager, env={**os.environ, **settings(url), "PYTHONPATH": PATH}, check=True)
    assert sorted(one["To"] for one in made) == [ALICE] * 3 + ["+15550100102"] * 3


def test_ten_a_day_are_enough_for_a_user_whatever_his_numbers_are(pager: Path) -> None:
    store, now = EmbeddedStore(pager / "tocsin.db"), datetime.now(UTC)
    times = [now - timedelta(hours=hours) for hours in range(12, 2, -1)]
    store.transact(lambda tx: tx.put(verification.path("alice"), {"sent": times}))
    with twilio() as (url, made):
        assert verify(pager, "alice", url=url).returncode == 1
        assert verify(pager, "bob", url=url).returncode == 0
        store.transact(lambda tx: tx.put(verification.path("alice"), {"sent": [now - timedelta(days=1), *times[1:]]}))
        assert verify(pager, "alice", url=url).returncode == 0
    assert len(made) == 2


def test_a_code_for_the_one_who_had_the_number_before_is_not_good_for_the_next(pager: Path) -> None:
    known = Phone(verification=verification.Verification().sending("bob", "048211", datetime.now(UTC)))
    store = EmbeddedStore(pager / "tocsin.db")
    store.transact(lambda tx: tx.put(path(ALICE), to_document(known)))
    assert "no code is out for alice" in verify(pager, "alice", "048211").stderr


@pytest.mark.parametrize(("status", "said"), [(400, "opted out"), (500, "Twilio answered 500")])
def test_what_twilio_refuses_is_said(pager: Path, status: int, said: str) -> None:
    with twilio(status) as (url, _):
        refused = verify(pager, "alice", url=url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert said in refused.stderr


def test_somebody_who_is_not_there_is_refused_with_the_one_meant(pager: Path) -> None:
    refused = verify(pager, "alicia")
    assert (refused.returncode, refused.stderr) == (1, 'Error: there is no user "alicia", did you mean alice?\n')

"""A pager as its users have it: processes, a port and a folder, looked at through its own doors."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError

from tests.chaos.ledger import ALL, connect
from tests.leaks import leaked

T = TypeVar("T")
State = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
TEAM = Path(__file__).with_name("team.yaml")
PATIENCE_SECONDS = 30
PRIMARY, SECONDARY, SLEEPER = "+15550100101", "+15550100102", "+15550100103"
OURS = ("TOCSIN_", "TWILIO_", "GOOGLE_", "FIRESTORE_", "PUBSUB_", "PYTHON", "PUBLIC_URL", "FUNCTION")


class Pager:
    """One `infra/local/up` on a folder, from its start until it is stopped or killed."""

    def __init__(self, folder: Path, *arguments: str, port: int = 0, settings: Mapping[str, str] | None = None) -> None:
        """Start it and wait until it has said where it is."""
        self.data = folder / "data"
        self._output = folder / "output"
        self._open: set[tuple[str, str]] = set()
        options = ["--port", str(port), "--data", str(self.data), "--config", str(TEAM), *arguments]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "infra.local", *options],
                env=environment({"TOCSIN_SWEEP_EVERY": "5s", **(settings or {})}),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        with _killed_unless_done(self):
            eventually(lambda: "on call" in self.words or self.process.poll() is not None, self._story)
            assert self.process.poll() is None, self.words
        self.url = next(line for line in self.words.split() if line.endswith("/phone")).removesuffix("/phone")
        self.port = int(self.url.rpartition(":")[2])

    @property
    def words(self) -> str:
        """What it has said so far."""
        return self._output.read_text()

    @property
    def functions(self) -> int:
        """The process of the functions."""
        return int((self.data / "functions.pid").read_text())

    @property
    def state(self) -> State:
        """What the page with the phones shows."""
        state: State = json.loads(get(f"{self.url}/phone/state"))
        return state

    def sees(self, look: Callable[[State], T | None], seconds: float = PATIENCE_SECONDS) -> T:
        """Look at the state again and again until there is something to see, and give that."""
        return eventually(lambda: look(self.state), self._story, seconds)

    def alert(self, title: str, service: str = "reports", dedup_key: str = "") -> None:
        """Raise an alert as a PagerDuty client does."""
        key = dedup_key or title
        self._open.add((service, key))
        payload = {"summary": title, "source": "shop", "severity": "critical"}
        self._event(service, "trigger", key, payload=payload)

    def resolve(self, dedup_key: str, service: str = "reports") -> None:
        """Resolve it as a PagerDuty client does."""
        self._event(service, "resolve", dedup_key)

    def settle(self) -> None:
        """Resolve whatever was raised, so that the next test meets silent phones that may be paged at once."""
        while self._open:
            service, key = self._open.pop()
            self.resolve(key, service)
        self.sees(lambda state: all(incident["status"] == "resolved" for incident in state["incidents"]))
        self.rests()

    def rests(self) -> None:
        """Let the phones forget when they were paged: each may be texted once a minute, and tests are quicker."""
        store = connect(json.loads((self.data / "settings.json").read_text()))
        for phone, _ in store.query("phones", limit=ALL):
            store.transact(lambda tx, path=f"phones/{phone}": tx.put(path, {**(tx.get(path) or {}), "paged": {}}))  # type: ignore[misc]

    def says(self, number: str, body: str) -> None:
        """Send a text from a phone."""
        post(f"{self.url}/phone/text", {"number": number, "body": body})

    def text(self, number: str, words: str, seconds: float = PATIENCE_SECONDS) -> str:
        """Wait until a text with these words has arrived on the phone, and give it; there is only the one."""
        (text,) = self.sees(lambda state: texts_in(state, number, words), seconds)
        return text

    def incident(self, title: str, status: str = "triggered") -> dict[str, Any]:
        """Wait until the only incident with these words in its title has this status, and give it."""
        return self.sees(lambda state: _in(status, incidents_in(state, title)))

    def tocsin(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the operator's command line on this pager."""
        command = [sys.executable, "-P", "-m", "infra.cli", "--data", str(self.data), *words]
        return subprocess.run(
            command, env=environment({}), capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )

    def show(self, incident: dict[str, Any]) -> dict[str, Any]:
        """Give everything the command line knows of an incident."""
        answer = self.tocsin("incident", "show", incident["id"], "--output", "json")
        assert answer.returncode == 0, answer.stderr
        shown: dict[str, Any] = json.loads(answer.stdout)
        return shown

    def stop(self) -> None:
        """Press Ctrl-C; it ends with no word of a mistake and leaves no process."""
        functions = self.functions
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.process.wait(PATIENCE_SECONDS) == 0, self.words
        log = (self.data / "functions.log").read_text()
        assert "Traceback" not in self.words + log
        assert leaked(log, [(self.data / "twilio-auth-token").read_text()]) == []
        assert not is_alive(functions)

    def kill(self) -> None:
        """Kill the supervisor, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def _event(self, service: str, action: str, key: str, **more: object) -> None:
        event = {"routing_key": f"{service:0<30}32", "event_action": action, "dedup_key": key, **more}
        eventually(lambda: _accepted(f"{self.url}/ingest/v2/enqueue", event), self._story)

    def _story(self) -> str:
        with contextlib.suppress(OSError, AttributeError):
            return f"{self.words}\n{json.dumps(self.state, indent=1)}"
        return self.words


def texts_in(state: State, number: str, words: str) -> list[str]:
    """Give the texts that arrived on a phone and contain these words, oldest first."""
    messages = next(phone for phone in state["phones"] if phone["number"] == number)["messages"]
    arrived = [each for each in messages if not each["mine"] and each["status"] == "delivered"]
    return [each["body"] for each in arrived if words in each["body"]]


def calls_in(state: State, number: str) -> list[dict[str, Any]]:
    """Give the calls to a phone, oldest first."""
    calls: list[dict[str, Any]] = next(phone for phone in state["phones"] if phone["number"] == number)["calls"]
    return calls


def incidents_in(state: State, title: str) -> list[dict[str, Any]]:
    """Give the incidents with these words in their title."""
    return [each for each in state["incidents"] if title in each["title"]]


def eventually(look: Callable[[], T | None], story: Callable[[], str], seconds: float = PATIENCE_SECONDS) -> T:
    """Look again and again until there is something, and give it; fail with the story when there never is."""
    deadline = time.monotonic() + seconds
    tick = threading.Event()
    while not (found := look()):
        assert time.monotonic() < deadline, f"it never came true\n{story()}"
        tick.wait(0.05)
    return found


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Give this process's environment without a pager's settings, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | {"PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}", **settings}


def get(url: str) -> str:
    """Give the body that is answered."""
    with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
        body: str = answer.read().decode()
    return body


def post(url: str, body: object) -> int:
    """Send JSON and give the status; raises urllib.error.HTTPError for a bad one."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        status: int = answer.status
    return status


def _accepted(url: str, event: object) -> bool:
    """Send an event; a 502 means that the functions were lost meanwhile, and PagerDuty's clients repeat it."""
    try:
        return post(url, event) == HTTPStatus.ACCEPTED
    except HTTPError as error:
        with error:
            if error.code != HTTPStatus.BAD_GATEWAY:
                raise
        return False


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not waited for yet does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _in(status: str, found: list[dict[str, Any]]) -> dict[str, Any] | None:
    assert len(found) <= 1, found
    return found[0] if found and found[0]["status"] == status else None


@contextlib.contextmanager
def _killed_unless_done(pager: Pager) -> Iterator[None]:
    """Let no pager that does not come up outlive its test."""
    try:
        yield
    except BaseException:
        pager.kill()
        raise

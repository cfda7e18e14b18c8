"""What is deployed is complete and nothing else: each function starts from it as on Google Cloud, and answers."""

import base64
import contextlib
import http.client
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pathspec
import pytest

from infra.cli import snapshot
from infra.cli.configfile import load
from infra.local.emulators import free_port, stop
from tests.gcp.fresh import environment
from tests.gcp.terraform import Plan
from tests.gcp.test_map import in_terraform
from tests.gcp.written import ROOT, Module
from tocsin.clients.embedded import EmbeddedStore

KEY = "demo0checkout0pagerduty000000032"
PATIENCE_SECONDS = 60
NOBODY = "http://127.0.0.1:9"
TRIGGER = {
    "routing_key": KEY,
    "event_action": "trigger",
    "payload": {"summary": "checkout is down", "source": "shop", "severity": "critical"},
}
PUSH = {"message": {"data": base64.b64encode(b"no event").decode(), "messageId": "1"}}
ID = "0" * 32
TIMER = {"incident": ID, "generation": 1, "episode": 1, "step": 1, "level": 1, "round": 1}
# How each function is asked, and the first words of what it answers.
ASKED: dict[str, tuple[str, str, Any, int, str]] = {
    "ingest": ("POST", "/ingest/v2/enqueue", TRIGGER, 202, '{"status":"success"'),
    "route": ("POST", "/", PUSH, 200, "quarantined"),
    "notify": ("POST", "/notify", {"notification": ID}, 200, "there is no such notification"),
    "escalate": ("POST", "/escalate", TIMER, 200, ""),
    "reply": ("POST", "/reply/sms", {}, 415, "Twilio's webhooks are forms"),
    "sweep": ("POST", "/", {}, 200, "Swept("),
    "calendar": ("GET", "/calendar/schedule/x/y.ics", None, 404, "There is no such calendar."),
}


def let_through() -> set[str]:
    """Gives the files that .gcloudignore does not keep back, of those that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    ignored = pathspec.GitIgnoreSpec.from_lines((ROOT / ".gcloudignore").read_text(encoding="utf-8").splitlines())
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file() and not ignored.match_file(name)}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is deployed, and beside it an environment made from its requirements.txt alone."""
    folder = tmp_path_factory.mktemp("package")
    for name in let_through():
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "source" / name)
    environment(folder / "environment", folder / "source" / "requirements.txt")
    store = EmbeddedStore(folder / "cloud")
    snapshot.apply(store, load(ROOT / "infra" / "local" / "demo.yaml"), "test", datetime.now(UTC))
    store.close()
    return folder


@contextlib.contextmanager
def started(package: Path, function: str) -> Iterator[int]:
    """Start a function as the buildpack does, and give its port."""
    port = free_port()
    settings = {
        "PATH": f"{package / 'environment' / 'bin'}:{os.environ['PATH']}",
        "GOOGLE_CLOUD_PROJECT": "test",
        "TOCSIN_EMBEDDED": str(package / "cloud"),
        "PUBLIC_URL": NOBODY,
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "a-token",
        "TWILIO_FROM_NUMBER": "+15550100100",
        "TWILIO_API_URL": NOBODY,
        "THREADS": str(in_terraform()[function]["concurrency"]),
    }
    command = ["functions-framework", "--source", "functions/main.py", "--target", function]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=package / "source",
        env=settings,
        executable=package / "environment" / "bin" / "functions-framework",
    )
    try:
        yield port
    finally:
        stop(process)


def answer(port: int, method: str, path: str, body: Any) -> tuple[int, str]:
    """Give the status and the text, as soon as somebody listens."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        try:
            raw = None if body is None else json.dumps(body)
            connection.request(method, path, raw, {"Content-Type": "application/json"})
            found = connection.getresponse()
            return found.status, found.read().decode()
        except ConnectionError:
            if time.monotonic() > give_up:
                raise
        finally:
            connection.close()


def test_what_is_deployed_is_the_code_and_what_it_needs() -> None:
    code = {str(path.relative_to(ROOT)) for path in (ROOT / "functions").rglob("*.py")}
    assert let_through() == code | {"requirements.txt"}


def test_terraform_packs_what_gcloudignore_lets_through(team: Plan) -> None:
    packed = team.only("data.archive_file", "source")["source"]
    assert {one["filename"] for one in packed} == let_through()


@pytest.mark.parametrize("function", ["ingest", "reply"])
def test_who_knocks_from_outside_hears_the_function_itself(package: Path, function: str) -> None:
    door = Module.read("alerts.tf").local("doors")[function]
    with started(package, function) as port:
        status, said = answer(port, "GET", door["path"], None)
    assert (status, door["says"] in said) == (door["status"], True), said


@pytest.mark.parametrize("function", sorted(in_terraform()))
def test_a_function_starts_from_the_package_alone_and_answers(package: Path, function: str) -> None:
    method, path, body, status, words = ASKED[function]
    with started(package, function) as port:
        found, said = answer(port, method, path, body)
    assert (found, said[: len(words)]) == (status, words), said

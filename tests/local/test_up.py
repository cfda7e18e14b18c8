"""The local cloud as its users meet it: started, stopped, killed, started again, and told to do what it cannot."""

import contextlib
import fcntl
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.cli import running
from infra.cli.configfile import load
from infra.local import account
from infra.local.configuration import InForce
from infra.local.emulators import EmulatorMissing, find
from infra.local.welcome import Welcome
from tocsin.clients.embedded import EmbeddedStore

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30
KEY = "demo0checkout0pagerduty000000032"
ENVIRONMENT = {"PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}", "TOCSIN_SWEEP_EVERY": "1h"}


class Pager:
    """A running `infra/local/up`; `url` is there as soon as it has said where it is."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data = data
        # A session of its own, so that a signal to the group is what Ctrl-C is in a terminal.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.local", "--port", "0", "--data", str(data), *arguments],
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.said.extend(iter(self.process.stdout.readline, ""))

    @property
    def words(self) -> str:
        return "".join(self.said)

    @property
    def url(self) -> str:
        eventually(lambda: "/phone" in self.words or self.process.poll() is not None, self)
        return next(line for line in self.words.split() if line.endswith("/phone")).removesuffix("/phone")

    @property
    def functions(self) -> int:
        return int((self.data / "functions.pid").read_text())

    def ends(self) -> int:
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return code

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.ends()
        assert self.process.stdout
        self.process.stdout.close()


Start = Callable[..., Pager]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts pagers, by default on the test's one folder; whatever still runs at the end is killed."""
    with contextlib.ExitStack() as pagers:

        def begin(*arguments: str) -> Pager:
            pager = Pager(tmp_path / "data", *arguments)
            pagers.callback(pager.close)
            return pager

        yield begin


def eventually(condition: Callable[[], object], pager: Pager | None = None) -> None:
    """Looks again and again until it holds; fails with what the pager said."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    tick = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, pager.words if pager else "it never came true"
        tick.wait(0.02)


def post(url: str, body: object) -> tuple[int, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
        text: str = answer.read().decode()
    return text


def alert(url: str, key: str = "1") -> int:
    payload = {"summary": f"checkout {key} is down", "source": "shop", "severity": "critical"}
    body = {"routing_key": KEY, "event_action": "trigger", "dedup_key": key, "payload": payload}
    return post(f"{url}/ingest/v2/enqueue", body)[0]


def incidents(data: Path) -> int:
    store = EmbeddedStore(data / "tocsin.sqlite")
    try:
        return len(store.query("incidents"))
    finally:
        store.close()


def is_alive(pid: int) -> bool:
    """Tells whether the process runs; one that ended and was not waited for yet does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def children(pid: int) -> list[int]:
    """Gives the processes that any thread of this one has started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(each) for each in " ".join(each.read_text() for each in lists).split()]


def tocsin(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "infra.cli", *words]
    environment = {**os.environ, **ENVIRONMENT}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def owner(pager: Pager) -> str:
    """Gives whose phone is the first."""
    name: str = json.loads(get(f"{pager.url}/phone/state"))["phones"][0]["name"]
    return name


def test_the_curl_it_prints_raises_an_alert(start: Start) -> None:
    pager = start()
    assert pager.url in pager.words
    command = pager.words[pager.words.index("curl ") :].replace("\\\n", " ").splitlines()[0]
    answer = subprocess.run(
        [*shlex.split(command), "-s", "-w", "%{http_code}"], check=True, capture_output=True, text=True
    )
    assert answer.stdout.endswith("202")
    eventually(lambda: incidents(pager.data) == 1, pager)


def test_a_taken_port_is_one_sentence_that_offers_another(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        pager = start("--port", str(port))
        assert pager.ends() == 1
    (sentence,) = pager.words.splitlines()
    assert f"Port {port} " in sentence
    assert "--port" in sentence


def test_a_port_that_is_none_is_one_sentence(start: Start) -> None:
    pager = start("--port", "70000")
    assert pager.ends() == 1
    assert len(pager.words.splitlines()) == 1


def test_a_broken_configuration_names_the_line_of_each_mistake(start: Start, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    good = (ROOT / "infra" / "local" / "demo.yaml").read_text()
    broken.write_text(good.replace("delay: 40s", "delay: soon", 1).replace("users: [carol]", "users: [nobody]"))
    lines = broken.read_text().splitlines()
    expected = [number for number, line in enumerate(lines, 1) if "soon" in line or "nobody]" in line]

    pager = start("--config", str(broken))

    assert pager.ends() == 1
    assert pager.words == tocsin("check", str(broken)).stderr, "as `check` says it"
    *mistakes, count = pager.words.splitlines()
    assert [int(line.split(":")[1]) for line in mistakes] == expected
    assert count == "2 mistakes"


def test_a_configuration_that_is_not_there_is_one_sentence(start: Start, tmp_path: Path) -> None:
    pager = start("--config", str(tmp_path / "absent.yaml"))
    assert pager.ends() == 1
    [sentence, count] = pager.words.splitlines()
    assert "absent.yaml:1:1: the file cannot be read" in sentence
    assert count == "1 mistake"


def test_a_second_pager_on_the_same_folder_is_refused_and_the_first_goes_on(start: Start) -> None:
    first = start()
    url = first.url
    second = start()
    assert second.ends() == 1
    (sentence,) = second.words.splitlines()
    assert str(first.process.pid) in sentence
    assert "--data" in sentence
    assert alert(url) == 202


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_quietly_and_leaves_no_process(start: Start, number: signal.Signals) -> None:
    pager = start()
    assert alert(pager.url) == 202
    functions = pager.functions
    os.killpg(pager.process.pid, number) if number is signal.SIGINT else pager.process.send_signal(number)
    assert pager.ends() == 0
    assert not is_alive(functions)
    assert "Traceback" not in pager.words


def test_impatience_changes_nothing(start: Start) -> None:
    pager = start()
    functions = pager.functions if pager.url else 0
    for _ in range(3):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pager.process.pid, signal.SIGINT)
    assert pager.ends() == 0
    assert not is_alive(functions)
    assert "Traceback" not in pager.words


def test_it_can_be_stopped_while_it_starts(start: Start) -> None:
    pager = start()
    eventually((pager.data / "lock").exists, pager)
    os.killpg(pager.process.pid, signal.SIGINT)
    assert pager.ends() in (0, 130)
    assert "Traceback" not in pager.words


def test_functions_that_are_killed_are_replaced_and_nobody_is_refused(start: Start) -> None:
    pager = start()
    url, killed = pager.url, pager.functions
    os.kill(killed, signal.SIGKILL)
    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(lambda number: alert(url, str(number)), range(8)))
    assert pager.functions != killed
    # A request that was on the wire in that moment may be answered 502; none that came later is refused.
    assert set(answers) <= {202, 502}
    assert alert(url, "after") == 202
    assert "started again" in pager.words


def test_killing_the_supervisor_leaves_no_process_and_loses_no_alert(start: Start) -> None:
    pager = start()
    url, functions = pager.url, pager.functions
    assert [alert(url, str(number)) for number in range(5)] == [202] * 5
    pager.process.kill()
    pager.ends()
    eventually(lambda: not is_alive(functions))

    again = start()

    assert again.url
    eventually(lambda: incidents(again.data) == 5, again)


def test_settings_outlive_a_restart_and_are_for_their_owner_only(start: Start) -> None:
    pager = start()
    assert pager.url
    settings = pager.data / "settings.json"
    before = json.loads(settings.read_text())
    assert settings.stat().st_mode & 0o077 == 0
    pager.process.terminate()
    assert pager.ends() == 0

    assert start().url
    assert json.loads(settings.read_text())["TWILIO_AUTH_TOKEN"] == before["TWILIO_AUTH_TOKEN"]


def test_what_is_set_in_the_environment_stays_as_it_is(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_FROM_NUMBER", "+15550100999")
    pager = start()
    assert pager.url
    assert json.loads((pager.data / "settings.json").read_text())["TWILIO_FROM_NUMBER"] == "+15550100999"
    assert json.loads(get(f"{pager.url}/phone/state"))["number"] == "+15550100999"


def test_a_restart_keeps_what_was_applied_and_says_who_applied_it(start: Start, tmp_path: Path) -> None:
    team, other = tmp_path / "team.yaml", tmp_path / "other.yaml"
    good = (ROOT / "infra" / "local" / "demo.yaml").read_text()
    team.write_text(good.replace("Alice Martin", "Ada Team"))
    other.write_text(good.replace("Alice Martin", "Ada Other"))
    first = start("--config", str(team))
    assert first.url
    assert f"Configuration  {team}, version 1\n" in first.words
    assert owner(first) == "Ada Team"
    applied = tocsin("--data", str(first.data), "apply", str(other))
    assert (applied.returncode, applied.stderr) == (0, ""), "a pager runs: there is nothing to add"
    first.process.terminate()
    assert first.ends() == 0

    again = start()

    assert owner(again) == "Ada Other"
    eventually(lambda: "trigger checkout 'checkout is down'" in again.words, again)
    assert re.search(r"Configuration  version 2, as applied by \S+ at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", again.words)


def test_a_configuration_can_be_a_folder_of_files(start: Start, tmp_path: Path) -> None:
    people, services = (ROOT / "infra" / "local" / "demo.yaml").read_text().split("\nservices:\n")
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "people.yaml").write_text(people)
    (folder / "services.yaml").write_text(f"services:\n{services}")
    pager = start("--config", str(folder))
    assert f"{pager.url}/ingest/v2/enqueue" in pager.words


def test_a_folder_where_the_demo_team_was_applied_still_knows_its_file(start: Start) -> None:
    first = start()
    assert first.url
    first.process.terminate()
    assert first.ends() == 0
    again = start()
    eventually(lambda: "curl " in again.words, again)
    assert "Configuration  infra/local/demo.yaml, version 1\n" in again.words


def test_damaged_documents_are_one_sentence_with_a_remedy(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tocsin.sqlite").write_text("junk\n")
    pager = start()
    assert pager.ends() == 1
    [sentence] = pager.words.splitlines()
    assert "tocsin.sqlite cannot be used: file is not a database. Move that file away" in sentence
    assert "--data" in sentence


def test_a_folder_counts_as_in_use_exactly_while_a_pager_runs_on_it(start: Start) -> None:
    pager = start()
    assert not running.is_running(pager.data.parent)
    assert pager.url
    assert running.is_running(pager.data)
    pager.process.kill()
    pager.ends()
    eventually(lambda: not running.is_running(pager.data))


def test_two_who_ask_at_once_whether_a_pager_runs_do_not_take_each_other_for_one(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("a+") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        assert not running.is_running(tmp_path)


ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM_NUMBER": "+15550100999"}
REAL = {**ACCOUNT, "TWILIO_API_URL": "https://api.twilio.com"}
PUBLIC = {"PUBLIC_URL": "https://pager.example"}


@pytest.mark.parametrize(
    ("found", "phones", "warning"),
    [
        ({}, "on this page", ""),
        (PUBLIC, "on this page", ""),
        (ACCOUNT, "on this page", "TWILIO_API_URL is missing, and nothing leaves this machine"),
        (REAL, "real ones, through https://api.twilio.com", "PUBLIC_URL is not set: Twilio cannot reach this pager"),
        ({**REAL, "PUBLIC_URL": "http://localhost:1"}, "real ones, through https://api.twilio.com", "cannot reach"),
        ({**REAL, **PUBLIC}, "real ones, through https://api.twilio.com", ""),
        (
            {"TWILIO_API_URL": "https://api.twilio.com", **PUBLIC},
            "real ones, through https://api.twilio.com",
            "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM_NUMBER are missing.",
        ),
        (
            {**ACCOUNT, "TWILIO_API_URL": "http://127.0.0.1:9"},
            "those of another Twilio, through http://127.0.0.1:9",
            "",
        ),
    ],
)
def test_it_is_said_which_phones_ring_and_what_their_account_lacks(
    found: dict[str, str], phones: str, warning: str
) -> None:
    assert account.phones(found) == phones
    assert warning in account.warning(found)
    assert bool(warning) == bool(account.warning(found))


def test_a_part_of_an_account_is_warned_of(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT["TWILIO_ACCOUNT_SID"])
    pager = start()
    eventually(lambda: "Only a part of a Twilio account is set" in pager.words, pager)


def test_with_a_project_in_the_environment_the_commands_it_prints_name_the_folder(tmp_path: Path) -> None:
    config = load(ROOT / "infra" / "local" / "demo.yaml")
    in_force = InForce(config, None, "version 2")
    usual = ROOT / ".tocsin"
    assert Welcome("http://here", usual, in_force, {}).alert() == "infra/tocsin trigger checkout 'checkout is down'"
    elsewhere = Welcome("http://here", tmp_path, in_force, {}).alert()
    assert elsewhere.startswith(f"infra/tocsin --data {tmp_path} ")
    ambiguous = Welcome("http://here", usual, in_force, {"GOOGLE_CLOUD_PROJECT": "my-prod"}).alert()
    assert ambiguous.startswith(f"infra/tocsin --data {usual} ")


FAKE_PYTHON = """\
#!/bin/sh
case "$*" in
*"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
*"-m pip"*) echo installs >> installations; until [ -e go ]; do sleep 0.05; done ;;
*) exec "{python}" "$@" ;;
esac
"""


def test_two_first_starts_at_once_install_once(tmp_path: Path) -> None:
    (tmp_path / "infra" / "local").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    script = shutil.copy(ROOT / "infra" / "local" / "environment", tmp_path / "infra" / "local")
    (tmp_path / "requirements.txt").touch()
    python = tmp_path / "bin" / "python3.11"
    python.write_text(FAKE_PYTHON.format(python=sys.executable))
    python.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    command = [script, "requirements.txt"]
    with contextlib.ExitStack() as ending:

        def begin() -> subprocess.Popen[str]:
            process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
            ending.enter_context(process)
            ending.callback((tmp_path / "go").touch)  # before its end is waited for, whatever failed
            return process

        first = begin()
        eventually((tmp_path / "installations").exists)
        second = begin()
        assert second.stderr
        assert "waiting for it" in second.stderr.readline()
        (tmp_path / "go").touch()
        assert (first.wait(PATIENCE_SECONDS), second.wait(PATIENCE_SECONDS)) == (0, 0)
    assert (tmp_path / "installations").read_text() == "installs\n"
    assert (tmp_path / ".venv" / "installed" / "requirements.txt").exists()


def test_the_phones_show_everybody_in_the_configuration_and_who_is_on_call(start: Start) -> None:
    phones = json.loads(get(f"{start().url}/phone/state"))["phones"]
    assert {phone["name"]: phone["on_call"] for phone in phones} == {
        "Alice Martin": True,
        "Bob Okafor": False,
        "Carol Lindqvist": False,
    }


def test_the_emulators_take_an_alert_and_end_with_the_supervisor_even_if_it_is_killed(start: Start) -> None:
    try:
        find()
    except EmulatorMissing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    pager = start("--emulators")
    assert alert(pager.url) == 202
    eventually(lambda: json.loads(get(f"{pager.url}/phone/state"))["incidents"], pager)
    descendants = children(pager.process.pid)

    pager.process.kill()

    # The functions, two emulators, and what watches over each of those.
    assert len(descendants) == 5
    eventually(lambda: not any(map(is_alive, descendants)))


PROBE = """
import os, time

def ingest(request):
    return {
        "path": request.path, "query": request.query_string.decode(), "body": request.get_data().hex(),
        "host": request.headers["Host"],
        "odd": request.headers.get("X-Odd"),
        "agent": request.headers.get("User-Agent"),
    }

def route(request):
    with open(os.environ["PROBE_SEEN"], "a") as seen:
        seen.write("once\\n")
    time.sleep(3600)

def notify(request):
    raise ValueError("the probe fails on purpose")

escalate = reply = sweep = calendar = ingest
"""


@pytest.fixture
def probe(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pager:
    """A pager with functions that tell what reaches them."""
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "main.py").write_text(PROBE)
    monkeypatch.setenv("FUNCTION_SOURCE", str(tmp_path / "functions" / "main.py"))
    monkeypatch.setenv("PROBE_SEEN", str(tmp_path / "seen"))
    return start()


def test_a_function_sees_the_request_as_if_it_had_a_host_of_its_own(probe: Pager) -> None:
    host = probe.url.removeprefix("http://")
    query, body = "a=b%20c&a=%2B", b"\x00\xff{"
    same = {"query": query, "body": body.hex(), "host": host, "odd": "one, two", "agent": None}
    with contextlib.closing(http.client.HTTPConnection(host, timeout=PATIENCE_SECONDS)) as connection:
        for path, seen in {"": "/", "/": "/", "/v2/enqueue": "/v2/enqueue", "/a%2Fb//c": "/a/b//c"}.items():
            connection.request("POST", f"/ingest{path}?{query}", body, {"X-Odd": "one, two"})
            assert json.loads(connection.getresponse().read()) == same | {"path": seen}


def test_a_body_without_a_length_arrives_whole(probe: Pager) -> None:
    with contextlib.closing(http.client.HTTPConnection(probe.url.removeprefix("http://"))) as connection:
        connection.request("POST", "/ingest", iter([b"ab", b"cd"]), encode_chunked=True)
        assert json.loads(connection.getresponse().read())["body"] == b"abcd".hex()


def test_a_request_whose_function_dies_is_answered_502_and_not_repeated(probe: Pager, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    url = probe.url
    with ThreadPoolExecutor(1) as senders:
        answer = senders.submit(post, f"{url}/route", {})
        eventually(seen.exists, probe)
        os.kill(probe.functions, signal.SIGKILL)
        assert answer.result()[0] == 502
    assert post(f"{url}/escalate", {})[0] == 200
    assert seen.read_text() == "once\n"


def test_what_a_function_raises_is_one_line_on_the_terminal_and_whole_in_the_log(probe: Pager) -> None:
    assert post(f"{probe.url}/notify", {})[0] == 500
    eventually(lambda: "ValueError: the probe fails on purpose" in probe.words, probe)
    assert "Traceback" not in probe.words
    assert "Traceback" in (probe.data / "functions.log").read_text()


def test_functions_that_cannot_start_are_one_sentence_that_names_the_log(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUNCTION_SOURCE", str(tmp_path / "absent.py"))
    pager = start()
    assert pager.ends() == 1
    assert "functions.log" in pager.words.splitlines()[-1]
    assert "Traceback" not in pager.words

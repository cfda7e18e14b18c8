"""Nothing secret is written, whoever writes it: our own lines, the framework's, a library's, a traceback."""

import ast
import io
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.leaks import leaked
from tests.test_architecture import FUNCTIONS, MODULES, module
from tocsin import log

KEY = "tocsinbuqkowxjob4e2fcppnjh2rz56b"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJlbWFpbCI6Im1lQGV4YW1wbGUub3JnIn0.c2lnbmF0dXJl"
SECRET = "0123456789abcdef0123456789abcdef"
TELLING = [
    "to +15550100101 and +447700900123",
    "https://api.twilio.com/Messages.json?To=%2B15550100101",
    "whatsapp:+15550100101",
    f"POST /ingest/alertmanager/{KEY}",
    "POST /ingest/alertmanager/a-key-that-has-no-form-of-ours?x=1",
    f'{{"routing_key": "{SECRET[::-1]}"}}',
    "service_key=0a1b2c3d4e5f60718293a4b5c6d7e8f9&event_type=trigger",
    f"API_KEY={SECRET[::-1]}",
    f"TWILIO_AUTH_TOKEN={SECRET[::-1]}",
    "Authorization: Bearer " + TOKEN,
    f"the token {TOKEN} is none",
    "Authorization: Basic QUMwMDAwOnNlY3JldA==",
    "Authorization: GenieKey 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9 genie_key=0a1b2c3d-4e5f",
    "X-Twilio-Signature: 0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
    f"GET /calendar/schedule/shop/{'0f' * 16}.ics",
    "from alice.martin@example.com",
    f"the auth token is {SECRET}",
    "sent sms to Alice, code 4821",
    "by the sms with the code 4821, beside 3 more",
]


@pytest.fixture(autouse=True)
def hidden() -> Iterator[None]:
    log.hide(SECRET, "", "ack")
    before = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(before)


def parts(text: str) -> list[str]:
    """Gives what is secret in a telling line, of those that are more than a form."""
    known = (KEY, TOKEN, SECRET, SECRET[::-1], "0a1b2c3d", "0/KCTR6D", "QUMwMDAw", "a-key-that")
    return [one for one in known if one in text]


@pytest.mark.parametrize("text", TELLING)
def test_a_line_of_ours_holds_nothing_secret(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.event(text, "ERROR", path=text, error=ValueError(text))
    written = capsys.readouterr().out
    assert leaked(written, parts(text)) == []
    assert json.loads(written)["severity"] == "ERROR"
    assert leaked(text, parts(text)), "or the scan itself sees nothing"


@pytest.mark.parametrize("text", TELLING)
def test_what_the_framework_and_libraries_write_holds_nothing_secret(text: str) -> None:
    log.guard()
    heard = io.StringIO()
    logger = logging.getLogger("a library")
    logger.addHandler(handler := logging.StreamHandler(heard))
    logger.warning(text)
    logger.warning("%(at)s", {"at": text})
    for form in ("Exception on %s [%s]", "%s: %r"):
        try:
            int(text)
        except ValueError as error:
            logger.exception(form, text, text)
            logger.warning(form, text, error)
    logger.removeHandler(handler)
    written = heard.getvalue()
    assert written.count("Traceback") == 2
    assert leaked(written, parts(text)) == []


HARMLESS = [
    "claimed 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
    "message SM0123456789abcdef0123456789abcde0 is unknown",
    "the dedup key is checkout/eu-west-1",
    "Twilio refused it: code 30003, 21610",
    "the token is not that of tocsin-by-tasks@pager-123.iam.gserviceaccount.com",
    "2026-11-22T02:14:00+00:00 level 2 of 3",
    "POST /reply/sms was answered in 0.123456789 s",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_an_operator_needs_stays(text: str) -> None:
    assert log.redacted(text) == text


def test_a_number_can_still_be_told_from_another() -> None:
    assert log.redacted("to +15550100101") == "to +15***01"


LONG = ["a", "+1", "a@", "@a", "code ", "api_key=", "ingest/a/", "a.", "eyJ-.", "eyJ-", "Bearer ", " ", '\\"']


@pytest.mark.parametrize("piece", LONG)
def test_a_long_line_keeps_nobody_busy(piece: str) -> None:
    began = time.process_time()
    log.redacted(piece * (500_000 // len(piece)))
    assert time.process_time() - began < 1


@pytest.mark.parametrize("path", [path for path in MODULES if module(path) != "log"], ids=module)
def test_nobody_writes_past_it(path: Path) -> None:
    """Neither a stream of the process nor a logger of its own is touched by anything that is deployed."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {"print", "breakpoint"} & names
    assert not {"stdout", "stderr", "__stdout__", "__stderr__"} & (attributes | names)
    assert not {"logging", "traceback", "warnings", "syslog", "google.cloud.logging"} & imported


def test_the_functions_guard_what_others_write() -> None:
    tree = ast.parse((FUNCTIONS / "main.py").read_text(encoding="utf-8"))
    calls = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Expr)]
    assert "log.guard()" in calls

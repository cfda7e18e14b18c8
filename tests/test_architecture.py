"""The shape that keeps the pager readable: who may import whom, how long things are, what they are called."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest

from infra.cli import snapshot
from infra.cli.configfile import load
from tocsin.clients.embedded import EmbeddedStore

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = ROOT / "functions"
INFRA = ROOT / "infra"

KEY = "demo0checkout0pagerduty000000032"
TOP_LEVEL = {"README.md", "functions", "infra", "pyproject.toml", "requirements.txt", "tests"}
LONGEST_FUNCTION, LONGEST_FILE, MEDIAN_FUNCTION = 45, 250, 8
SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "manager", "base"}

VERBS = {"ingest", "route", "escalate", "notify", "reply", "linked", "sweep", "feed"}
# Whoever stands on the left may import what stands on the right: a module, or with .* all that is in a folder.
# `clients.store` is no client: it is the protocol, and the failure, that documents are asked through.
STORED = {"clients.store", "domain.*", "errors", "events", "records"}
VERB = STORED | {
    "body",
    "channels",
    "channels.*",
    "circles",
    "conditions",
    "current",
    "digest",
    "fallback",
    "follow",
    "heartbeat",
    "spill",
    "standing",
    "log",
    "look",
    "moment",
    "outbox",
    "sources",
    "sources.*",
    "joining",
    "reopen",
    "weighing",
}
MAY_IMPORT = dict.fromkeys(VERBS, VERB) | {
    "circles": {"domain.*", "records"},
    "claim": VERB,
    "conditions": {"domain.*"},
    "digest": STORED | {"fallback", "follow", "look"},
    "evidence": {"channels", "channels.*", "domain.*", "errors"},
    "look": {"domain.*", "fallback", "records"},
    "notify": VERB | {"claim", "evidence", "send", "spending"},
    "send": VERB | {"evidence"},
    "body": {"errors"},
    "browse": {"domain.*", "door", "errors", "linked", "log", "received", "trace"},
    "channels": {"channels", "domain.*", "errors", "twiml"},
    "clients": {"clients.*", "domain.*", "errors"},
    "current": {"domain.*", "errors", "log", "records"},
    "desk": STORED | {"audit", "circles", "moment", "outbox"},
    "ledger": STORED,
    "inbound": STORED | {"audit", "moment"},
    "linked": VERB | {"audit", "inbound", "meaning", "reopen"},
    "meaning": STORED | {"follow"},
    "domain": {"domain.*"},
    # Of a verb, the values it takes and gives.
    "door": {"body", "errors", "log", "received", "records", "trace", *VERBS},
    "received": {"clients.signature", "errors"},
    "audit": STORED | {"log"},
    "books": {"ledger", "log", "records"},
    "denials": STORED | {"audit", "log"},
    "foresight": {"domain.*", "log", "records"},
    "levels": {"errors", "log"},
    "missed": {"clients.store", "domain.*", "records", "reply"},
    "canary": STORED | {"log", "outbox"},
    "errors": set(),
    "events": {"domain.*", "errors", "records"},
    "fallback": STORED | {"outbox"},
    "follow": STORED,
    "idle": STORED | {"log", "outbox", "reopen"},
    "heartbeat": STORED | {"log"},
    "settling": STORED | {"log", "outbox"},
    "batching": {"domain.*"},
    "intake": {"batching", "errors", "log", "records", "spill"},
    "joining": STORED | {"conditions", "log", "reopen", "standing", "weighing"},
    "spill": STORED | {"log", "moment"},
    "standing": STORED | {"follow"},
    "log": {"trace"},
    "trace": set(),
    "backlog": STORED,
    "spending": STORED | {"log"},
    "moment": {"domain.*"},
    "outbox": STORED | {"circles", "log"},
    "quarantine": STORED | {"log", "moment"},
    "route": VERB | {"clients.layer", "quarantine"},
    "notices": STORED | {"log", "spending"},
    "outlast": STORED | {"circles", "log", "outbox", "weighing"},
    "reopen": STORED | {"circles", "outbox", "weighing"},
    "weighing": STORED | {"circles", "outbox", "standing"},
    "pending": STORED | {"circles", "log", "outbox"},
    "records": {"errors"},
    "receipt": VERB,
    "reply": VERB | {"audit", "inbound", "meaning", "receipt", "reopen", "twiml"},
    "settings": {"errors"},
    "sources": {"body", "domain.alert", "errors", "sources", "sources.*"},
    # It does what they should have done.
    "sweep": VERB
    | VERBS
    | {
        "audit",
        "backlog",
        "books",
        "canary",
        "foresight",
        "idle",
        "levels",
        "missed",
        "notices",
        "outlast",
        "pending",
        "settling",
        "spending",
    },
    "twiml": {"domain.*"},
    "wiring": {
        *("clients.*", "current", "denials", "domain.*", "errors", "intake", "log", "moment", "records", "settings"),
    },
}
MAIN_MAY_IMPORT = VERBS | {"browse", "domain.*", "door", "log", "moment", "wiring"}

MODULES = sorted((FUNCTIONS / "tocsin").rglob("*.py"))
CODE = sorted(path for folder in (FUNCTIONS, INFRA) for path in folder.rglob("*.py"))
EVERYTHING = sorted(path for path in (*CODE, *(ROOT / "tests").rglob("*.py")))

named = pytest.mark.parametrize


def name(path: Path) -> str:
    """Gives a path as it is read: from the repository's root."""
    return str(path.relative_to(ROOT))


def module(path: Path) -> str:
    """Gives a file of the package as the dotted name under `tocsin`; the package itself is empty."""
    parts = path.relative_to(FUNCTIONS / "tocsin").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(path: Path) -> Iterator[str]:
    """Gives the dotted name of each thing that is imported, anywhere in the file.

    What only annotations need is not there at run time: a client that arrives as an argument has a type.
    """
    for node in executed(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, (
                f"{name(path)}:{node.lineno} imports relative to itself: its classes would exist twice"
            )
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def executed(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"):
            yield from executed(child)


def own(path: Path) -> Iterator[str]:
    """Gives what is imported from the package, without the package's name; of a module's content, the module."""
    known = {module(each) for each in MODULES} - {""}
    for dotted in imports(path):
        root, _, rest = dotted.partition(".")
        if root == "tocsin" and rest:
            yield rest if rest in known else rest.rpartition(".")[0]


def covers(allowed: set[str], imported: str) -> bool:
    return imported in allowed or f"{imported.rpartition('.')[0]}.*" in allowed


@named("path", [path for path in MODULES if module(path)], ids=module)
def test_a_module_imports_only_what_its_place_allows(path: Path) -> None:
    place = module(path)
    allowed = MAY_IMPORT.get(place) or MAY_IMPORT.get(place.split(".")[0])
    assert allowed is not None, f"{name(path)} has no place in the design"
    forbidden = sorted({each for each in own(path) if not covers(allowed, each)})
    assert not forbidden, f"{name(path)} must not import {', '.join(forbidden)}"


@named("path", sorted((FUNCTIONS / "tocsin" / "domain").glob("*.py")), ids=module)
def test_the_domain_needs_nothing_but_the_standard_library(path: Path) -> None:
    roots = {dotted.split(".")[0] for dotted in imports(path)}
    assert roots <= sys.stdlib_module_names | {"tocsin"}


@named("path", sorted((FUNCTIONS / "tocsin" / "domain").glob("*.py")), ids=module)
def test_the_domain_reads_no_clock_and_draws_no_lots(path: Path) -> None:
    forbidden = {"random", "secrets", "time", "uuid", "os", "socket", "asyncio", "threading"}
    assert not forbidden & {dotted.split(".")[0] for dotted in imports(path)}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    clocks = [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}
    ]
    assert not clocks, f"{name(path)}:{clocks[0].lineno} asks for the time; it is an argument"


def test_the_map_names_verbs_and_the_wiring_only() -> None:
    forbidden = sorted({each for each in own(FUNCTIONS / "main.py") if not covers(MAIN_MAY_IMPORT, each)})
    assert not forbidden, f"functions/main.py must not import {', '.join(forbidden)}"


@named("path", sorted(FUNCTIONS.rglob("*.py")), ids=name)
def test_what_is_deployed_does_not_know_the_local_cloud(path: Path) -> None:
    assert not {"infra", "tests", "functions"} & {dotted.split(".")[0] for dotted in imports(path)}


@named("path", EVERYTHING, ids=name)
def test_nobody_imports_the_package_by_a_second_name(path: Path) -> None:
    assert not [dotted for dotted in imports(path) if dotted.startswith("functions.")]


ACCEPT = """
import asyncio, functions_framework, json, sys

async def accept(app, body):
    answers = []
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/v2/enqueue",
             "query_string": b"", "headers": [(b"content-type", b"application/json")]}
    async def receive(): return {"type": "http.request", "body": body, "more_body": False}
    async def send(message): answers.append(message)
    await app(scope, receive, send)
    return answers[0]["status"]

body = {"routing_key": sys.argv[2], "event_action": "trigger",
        "payload": {"summary": "checkout is down", "source": "shop", "severity": "critical"}}
status = asyncio.run(accept(functions_framework.create_app("ingest", sys.argv[1]), json.dumps(body).encode()))
print(status, *sorted(sys.modules))
"""


def test_accepting_an_alert_loads_neither_firestore_nor_twilio(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "GOOGLE_CLOUD_PROJECT": "test",
        "TOCSIN_EMBEDDED": str(tmp_path / "cloud"),
    }
    apply_demo(tmp_path / "cloud")
    run = subprocess.run(
        [sys.executable, "-c", ACCEPT, str(FUNCTIONS / "main.py"), KEY],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    status, *modules = run.stdout.splitlines()[-1].split()
    assert status == "202"
    loaded = {each for each in modules if each.startswith(("google.cloud.firestore", "twilio", "google.cloud.tasks"))}
    assert not loaded


def apply_demo(path: Path) -> None:
    store = EmbeddedStore(path)
    snapshot.apply(store, load(INFRA / "local" / "demo.yaml"), "test", datetime.now(UTC))
    store.close()


@named("path", CODE, ids=name)
def test_no_file_and_no_function_is_long(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    long = [f"{node.name} ({lines(node)} lines)" for node in functions(text) if lines(node) > LONGEST_FUNCTION]
    assert not long, f"{name(path)}: {', '.join(long)}"


def test_most_functions_are_short() -> None:
    sizes = [lines(node) for path in FUNCTIONS.rglob("*.py") for node in functions(path.read_text(encoding="utf-8"))]
    assert median(sizes) <= MEDIAN_FUNCTION


def functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@named("path", EVERYTHING, ids=name)
def test_no_file_has_a_name_that_says_nothing(path: Path) -> None:
    assert not SAY_NOTHING & set(path.stem.split("_"))


def test_the_first_screen_stays_as_it_is() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {entry for entry in top if not entry.startswith(".")} <= TOP_LEVEL

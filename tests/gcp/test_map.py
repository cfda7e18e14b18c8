"""functions/main.py, the table in functions.tf and the one in README.md say the same of each function."""

import ast
import re
from functools import cache
from typing import Any

from tests.gcp.written import GCP, ROOT, Module

# What every function has: the time, new ids, and with them the configuration, which is read through the store.
EVERYWHERE = {"moment", "new_id", "now"}
CALLERS = {"monitoring tools": "anyone", "Twilio": "anyone", "calendar programs": "anyone"} | {
    "Pub/Sub": "pubsub",
    "Cloud Tasks": "tasks",
    "Cloud Scheduler": "scheduler",
}
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
READING = {"current", "intake", "light", "store"}


@cache
def in_main() -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse((ROOT / "functions" / "main.py").read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@cache
def in_terraform() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = Module.read("functions.tf").local("functions")
    return found


def in_readme() -> dict[str, tuple[str, set[str], set[str]]]:
    """Gives who calls each function, its clients and its roles, as README.md says them."""
    rows = ROW.findall((GCP / "README.md").read_text(encoding="utf-8"))
    return {name: (caller.strip(), names(clients), names(roles)) for name, caller, clients, roles in rows}


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([\w.]+)`", cell))


def clients(function: ast.AST) -> set[str]:
    """Gives what a function takes from the wiring."""
    touched = {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "wiring"
    }
    return touched - EVERYWHERE


def called_by(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    said = re.search(
        r"[Cc]alled (?:every minute )?by ([A-Z]\w+(?:[ /][A-Z]\w+)?|\w+ \w+)", ast.get_docstring(function) or ""
    )
    assert said, f"{function.name} does not say who calls it"
    return CALLERS[said[1]]


def roles(row: dict[str, Any]) -> set[str]:
    """Gives the roles that a row's clients need, no more."""
    has = set(row["clients"])
    reads = has & READING
    writes = bool(has & {"intake", "store"}) and not row.get("only_reads")
    asked = {
        "datastore.user": writes,
        "datastore.viewer": reads and not writes,
        "tocsin.adds": "denials" in has and not writes,
        "pubsub.publisher": bool(has & {"intake", "topic"}),
        "cloudtasks.enqueuer": "tasks" in has,
        "iam.serviceAccountUser": "tasks" in has,
        "secretmanager.secretAccessor": has & {"settings", "twilio", "watcher"},
    }
    return {role for role, is_needed in asked.items() if is_needed}


def test_terraform_deploys_what_the_map_names() -> None:
    assert sorted(in_terraform()) == sorted(in_main())


def test_each_function_has_the_clients_that_the_map_hands_it() -> None:
    assert {name: set(row["clients"]) for name, row in in_terraform().items()} == {
        name: clients(function) for name, function in in_main().items()
    }


def test_each_function_is_called_by_whom_the_map_says() -> None:
    assert {name: row["called_by"] for name, row in in_terraform().items()} == {
        name: called_by(function) for name, function in in_main().items()
    }


def test_a_function_that_only_reads_never_writes() -> None:
    """`calendar` is the one, and its verb `feed` only ever asks the store for a document; refusals it only adds."""
    assert [name for name, row in in_terraform().items() if row.get("only_reads")] == ["calendar"]
    tree = ast.parse((ROOT / "functions" / "tocsin" / "feed.py").read_text(encoding="utf-8"))
    asked = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "store"
    }
    assert asked == {"get"}


def test_the_readme_says_the_same() -> None:
    assert in_readme() == {
        name: (row["called_by"], set(row["clients"]), roles(row)) for name, row in in_terraform().items()
    }


def test_every_setting_that_is_deployed_is_read_and_every_one_that_is_read_can_be_deployed() -> None:
    tree = ast.parse((ROOT / "functions" / "tocsin" / "settings.py").read_text(encoding="utf-8"))
    read = {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and isinstance(node.args[0], ast.Constant)
    }
    [function] = [one for one in Module.read("functions.tf").blocks() if one.kind == "google_cloudfunctions2_function"]
    [service] = function.body["service_config"]
    secrets = {one["variable"] for one in Module.read("secrets.tf").local("secrets").values()}
    deployed = service["environment_variables"].keys() | secrets
    # The framework reads THREADS; the other two are a laptop's.
    assert deployed - {"THREADS"} == read - {"TOCSIN_EMBEDDED", "TOCSIN_TASKS_HOST"}

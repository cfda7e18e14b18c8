"""Says where everything is, once the pager answers."""

import json
import os
import shlex
import sys
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TITLE = "checkout is down"
# Of the sources that take a short body, the one most people have seen first.
SHORTEST = ("pagerduty", "generic", "alertmanager")


def text(url: str, file: Path, data: Path) -> str:
    """Give the few lines somebody needs who sees Tocsin for the first time."""
    command = "infra/tocsin" if data == ROOT / ".tocsin" else f"infra/tocsin --data {shlex.quote(str(data))}"
    return f"""
  {_strong("Tocsin is on call.")}

  The phones     {_strong(f"{url}/phone")}
  The incidents  {command} incident list
  Stop           Ctrl-C; what is open or unsent goes on at the next start
  Raise an alert

{indent(curl(url, file), "  ")}
"""


def curl(url: str, file: Path) -> str:
    """Give the command that raises an alert through one of this configuration's integrations."""
    services = yaml.safe_load(file.read_text(encoding="utf-8-sig"))["services"].values()
    doors = [(each["source"], each["key"]) for service in services for each in service.get("integrations", {}).values()]
    for source in SHORTEST:
        for key in (key for found, key in doors if found == source):
            path, body = _request(source, key)
            head = f"curl -H 'Content-Type: application/json' {url}/ingest/{path}"
            return f"{head} \\\n  -d {shlex.quote(json.dumps(body))}"
    return "(no service of this configuration has an integration yet)"


def _request(source: str, key: str) -> tuple[str, dict[str, Any]]:
    if source == "pagerduty":
        payload = {"summary": TITLE, "source": "shop", "severity": "critical"}
        return "v2/enqueue", {"routing_key": key, "event_action": "trigger", "payload": payload}
    if source == "generic":
        return f"generic/{key}", {"title": TITLE, "severity": "critical"}
    alert = {"status": "firing", "labels": {"alertname": TITLE, "severity": "critical"}, "fingerprint": "1"}
    return f"alertmanager/{key}", {"version": "4", "status": "firing", "alerts": [alert]}


def _strong(words: str) -> str:
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return words if plain else f"\033[1m{words}\033[0m"

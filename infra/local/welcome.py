"""Says where everything is, once the pager answers."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml

from infra.cli.configfile import files
from infra.local import account
from infra.local.configuration import InForce

ROOT = Path(__file__).resolve().parents[2]
TITLE = "checkout is down"
NO_DOOR = "no service of this configuration has an integration yet"
# Of the sources that take a short body, the one most people have seen first.
SHORTEST = ("pagerduty", "generic", "alertmanager")


@dataclass(frozen=True)
class Welcome:
    """What somebody needs who sees Tocsin for the first time; `found` is the environment before ours was added."""

    url: str
    data: Path
    in_force: InForce
    found: Mapping[str, str]

    def text(self) -> str:
        """Give the few lines."""
        warning = account.warning(self.found)
        return f"""
  {_strong("Tocsin is on call.")}

  The page       {_strong(f"{self.url}/phone")}
  Phones         {account.phones(self.found)}
  Configuration  {self.in_force.words}
  The incidents  {self._command("incident list")}
  Stop           Ctrl-C; what is open or unsent goes on at the next start
  Raise an alert

{indent(self.alert(), "  ")}
{f"{chr(10)}  {_strong(warning)}{chr(10)}" if warning else ""}"""

    def alert(self) -> str:
        """Give a command that raises an alert: through an integration whose key is known, or as an operator."""
        services = self.in_force.config.services
        if self.in_force.file:
            return curl(self.url, self.in_force.file)
        if not services:
            return "(this configuration has no service yet)"
        return self._command(f"trigger {next(iter(services))} {shlex.quote(TITLE)}")

    def _command(self, words: str) -> str:
        """Name the folder where the command line would mean another pager."""
        is_usual = self.data == ROOT / ".tocsin" and not self.found.get("GOOGLE_CLOUD_PROJECT")
        return f"infra/tocsin {'' if is_usual else f'--data {shlex.quote(str(self.data))} '}{words}"


def curl(url: str, config: Path) -> str:
    """Give the command that raises an alert through one of the integrations of a file, or of a folder of them."""
    trees = [yaml.safe_load(file.read_text(encoding="utf-8-sig")) or {} for file in files([config])]
    services = [service for tree in trees for service in (tree.get("services") or {}).values()]
    doors = [(each["source"], each["key"]) for service in services for each in service.get("integrations", {}).values()]
    for source in SHORTEST:
        for key in (key for found, key in doors if found == source and not key.startswith("sha256:")):
            path, body = _request(source, key)
            head = f"curl -H 'Content-Type: application/json' {url}/ingest/{path}"
            return f"{head} \\\n  -d {shlex.quote(json.dumps(body))}"
    return f"({'no integration of this configuration has its key in the file' if doors else NO_DOOR})"


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

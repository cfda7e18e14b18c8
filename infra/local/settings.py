"""Gives the functions their settings, the ones Google Cloud would give them, pointing at this machine."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

FUNCTIONS = ("ingest", "route", "escalate", "notify", "reply", "sweep", "calendar")

PROJECT = "tocsin-local"
ACCOUNT_SID = "AC" + "0" * 31 + "1"
# Of the numbers kept for fiction, as those of the demo team.
FROM_NUMBER = "+15550100100"
FILE = "settings.json"


def compute(port: int, data: Path, found: Mapping[str, str]) -> dict[str, str]:
    """Give the settings by their names in the environment, but for where documents, messages and tasks are kept.

    What is `found` set already stays as it is, so that a real Twilio account or another stand-in can be put behind.
    """
    url = f"http://127.0.0.1:{port}"
    settings = {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "PUBLIC_URL": url,
        "FUNCTIONS_URL": url,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": _secret(data, "twilio-auth-token"),
        "TWILIO_FROM_NUMBER": FROM_NUMBER,
        "TWILIO_API_URL": url,
        "TOCSIN_LINK_SECRET": _secret(data, "link-secret"),
    }
    return found_first(settings, found)


def found_first(settings: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """Give each setting as it was found, or as it is here where it was not."""
    return {name: found.get(name) or value for name, value in settings.items()}


def save(data: Path, settings: Mapping[str, str]) -> None:
    """Write the settings where the command line finds them; only the owner may read them, for a token is there."""
    _write_privately(data / FILE, json.dumps(settings, indent=2) + "\n")


def _secret(data: Path, name: str) -> str:
    """Give a secret kept in `data`: it outlives a restart, so that what was signed before it stays valid."""
    kept = data / name
    if not kept.exists():
        _write_privately(kept, secrets.token_hex(16))
    return kept.read_text(encoding="ascii")


def _write_privately(path: Path, text: str) -> None:
    """Write the file whole or not at all: a reader never sees half of it."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)

"""One JSON line per event on standard output, in the shape Cloud Logging reads; telephone numbers are masked."""

import json
import re
import sys

from tocsin import trace

_encoded = json.JSONEncoder(default=str).encode  # made once: json.dumps makes one for each line
_NUMBER = re.compile(r"\+\d{7,15}")


def event(message: str, severity: str = "INFO", **fields: object) -> None:
    """Write one line; `fields` are names of things (incident, notification, function), never keys or bodies."""
    line = _encoded({"severity": severity, "message": message, **trace.fields(), **fields})
    sys.stdout.write(_NUMBER.sub(lambda match: mask(match[0]), line) + "\n")
    sys.stdout.flush()


def mask(number: str) -> str:
    """Hide the middle of a telephone number."""
    return f"{number[:3]}***{number[-2:]}"

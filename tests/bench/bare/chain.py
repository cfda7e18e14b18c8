"""The least that an alert's way can be: three functions that make one call of each service it passes, and no more."""

from __future__ import annotations

import base64
import os
import secrets
from functools import cache
from typing import Any

import flask
import functions_framework.aio
import requests
from starlette.requests import Request
from starlette.responses import Response

from tocsin import wiring


@functions_framework.aio.http
async def ingest(request: Request) -> Response:
    """Publish what comes."""
    await wiring.topic().publish([await request.body()])
    return Response(status_code=202)


def route(request: flask.Request) -> tuple[str, int]:
    """Create a document, and a task."""
    message: dict[str, Any] = (request.get_json(silent=True) or {}).get("message", {})
    body = base64.b64decode(message.get("data", ""))
    if body:
        wiring.store().transact(lambda tx: tx.create(f"bare/{secrets.token_hex(8)}", {"body": body.decode()}))
        wiring.tasks().create("notify", {"text": body.decode()})
    return "", 200


def notify(request: flask.Request) -> tuple[str, int]:
    """Ask for a text."""
    task: dict[str, Any] = request.get_json(silent=True) or {}
    if text := task.get("text"):
        url = f"{os.environ['TWILIO_API_URL']}/2010-04-01/Accounts/AC/Messages.json"
        session().post(url, {"To": "+15550100000", "Body": text}, timeout=10)
    return "", 200


@cache
def session() -> requests.Session:
    """Give the connection that is kept."""
    return requests.Session()

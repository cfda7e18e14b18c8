"""Stands where Twilio's REST API is: takes every text at once and notes to whom, when, and in which words."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True)
class Text:
    """A text as it was asked for."""

    at: float
    to: str
    body: str


class Twilio:
    """The API at `port`; `texts` is what was asked for."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.port = 0
        self._ids = itertools.count(1)

    async def start(self) -> web.AppRunner:
        """Listen on a port of the machine's choice; whoever starts it cleans the runner up."""
        app = web.Application()
        app.router.add_post("/{path:.*}/Messages.json", self._made)
        app.router.add_get("/{path:.*}/Messages.json", self._listed)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner

    async def _made(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.texts.append(Text(time.perf_counter(), str(form["To"]), str(form["Body"])))
        made = {"sid": f"SM{next(self._ids):032x}", "status": "queued", "to": form["To"], "body": form["Body"]}
        return web.json_response(made, status=201)

    async def _listed(self, _request: web.Request) -> web.Response:
        return web.json_response({"messages": []})

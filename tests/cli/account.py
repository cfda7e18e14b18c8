"""Stands where a product's REST API is: answers a recorded export page by page, and is as busy as it is told to be."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from infra.cli.importing.export import Export

PAGE = 2
TOKEN = "u+token-of-the-account"

PREFIX = {"pagerduty": "", "opsgenie": "/v2", "grafana-oncall": "/api/v1"}
AUTHORIZATION = {
    "pagerduty": f"Token token={TOKEN}",
    "opsgenie": f"GenieKey {TOKEN}",
    "grafana-oncall": TOKEN,
}


@dataclass
class Account:
    """What the API has; each of `busy` is answered once, instead of what was asked for."""

    product: str
    export: Export
    url: str = ""
    busy: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    denied: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def answer(self, target: str, authorization: str) -> tuple[int, dict[str, str], Any]:
        """Give status, headers and body."""
        self.asked.append(target)
        if authorization != AUTHORIZATION[self.product]:
            return 401, {}, {"error": "no"}
        if self.busy:
            return (*self.busy.popleft(), {"error": "slowly"})
        parts = urlsplit(target)
        path = parts.path.replace("/v1/maintenance", "/v2/maintenance").removeprefix(PREFIX[self.product]).strip("/")
        if path in self.denied or path not in self.export.answers:
            return 404, {}, {"error": "not here"}
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return 200, {}, self._page(path, self.export.answers[path], query)

    def _page(self, path: str, items: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        last = path.rpartition("/")[2]
        if self.product == "grafana-oncall":
            first = (int(query["page"]) - 1) * PAGE
            has_more = first + PAGE < len(items)
            return {"results": items[first : first + PAGE], "next": f"{self.url}/elsewhere" if has_more else None}
        first = int(query.get("offset", 0))
        size = PAGE if "offset" in query else len(items)
        page, has_more = items[first : first + size], first + size < len(items)
        if self.product == "pagerduty":
            return {last: page, "limit": size, "offset": first, "more": has_more}
        return {"data": page, "paging": {"next": "http://elsewhere.example.com"} if has_more else {}}


@contextmanager
def listening(account: Account) -> Iterator[Account]:
    """Listen on a port of the machine's choice while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = account.answer(self.path, self.headers.get("Authorization", ""))
            text = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(text)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    account.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield account
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

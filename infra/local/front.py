"""Answers on the pager's one address: the functions by the first part of the path, and the phones beside them."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from urllib.parse import quote

import aiohttp
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from yarl import URL

from infra.local.instance import Instance
from infra.local.settings import FUNCTIONS

log = logging.getLogger(__name__)

# Cloud Run keeps a request that long while no instance is there, and lets an answer take that long.
PATIENCE_SECONDS = 10
LONGEST_ANSWER_SECONDS = 60
# They belong to one connection, not to the request (RFC 9110, 7.6.1); the server has answered `expect` already.
ONE_HOP = frozenset({
    b"connection", b"expect", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
})  # fmt: skip


class Front:
    """The address: a function's name leads to the functions, everything else to the phones, and `/` to their page."""

    def __init__(self, functions: ASGIApp, phones: Sequence[BaseRoute]) -> None:
        """Keep both."""
        self._functions = functions
        self._phones = Starlette(routes=[Route("/", RedirectResponse("/phone")), *phones])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; the functions' paths are theirs alone, whatever stands in them."""
        if scope["path"].partition("/")[2].partition("/")[0] in FUNCTIONS:
            await self._functions(scope, receive, send)
            return
        try:
            await self._phones(scope, receive, send)
        except Exception:
            log.exception("The phones could not answer %s.", scope["path"])
            raise


class Proxy:
    """Hands a request to the functions byte for byte, and never twice: whoever sent it decides whether to repeat it."""

    def __init__(self, instance: Instance) -> None:
        """Make no connection yet."""
        self._instance = instance
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Drop the idle connections."""
        if self._session:
            await self._session.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the functions, then send and answer; 503 says that nothing, 502 that perhaps something was done."""
        try:
            await asyncio.wait_for(self._instance.ready.wait(), PATIENCE_SECONDS)
        except TimeoutError:
            sentence = f"The functions have not come up within {PATIENCE_SECONDS} s; nothing was done."
            await _failure(503, sentence)(scope, receive, send)
            return
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._exchange(scope, receive, note)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if started:
                raise
            sentence = f"The functions were lost while they worked on it ({type(error).__name__})."
            await _failure(502, sentence)(scope, receive, send)

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = list(_end_to_end(scope["headers"]))
        names = {name for name, _ in scope["headers"]}
        has_body = b"content-length" in names or b"transfer-encoding" in names
        async with self._connections().request(
            scope["method"],
            self._address(scope),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers],
            data=_body(receive) if has_body else None,
            allow_redirects=False,
        ) as answer:
            fields = list(_end_to_end(answer.raw_headers))
            await send({"type": "http.response.start", "status": answer.status, "headers": fields})
            async for chunk in answer.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    def _address(self, scope: Scope) -> URL:
        """Give the address with path and query as they came, escapes included."""
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        return URL(
            self._instance.url + quote(scope["raw_path"] + query, safe="%/?#[]@!$&'()*+,;=:\"<>\\^`{|}"), encoded=True
        )

    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                timeout=aiohttp.ClientTimeout(total=LONGEST_ANSWER_SECONDS),
            )
        return self._session


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    """Give the body as it arrives; when the sender goes away, the functions have a broken request and no short one."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("The sender went away.")
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    return ((name, value) for name, value in headers if name.lower() not in ONE_HOP)


def _failure(status: int, sentence: str) -> Response:
    return Response(json.dumps({"error": sentence}) + "\n", status, {"Retry-After": "1"}, "application/json")

"""Serves the telephone network: Twilio's REST API for programs, and a page with the phones for people."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from infra.local.phones import view
from infra.local.phones.bell import Bell, heard
from infra.local.phones.delivery import Delivery
from infra.local.phones.faults import Fault
from infra.local.phones.network import Network
from infra.local.phones.view import Person

T = TypeVar("T")
PAGE = Path(__file__).parent / "page"
EVERY = 0.5
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Texting(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody sends a text."""

    number: str
    body: str


class Handling(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody does something with a call; `digit` is needed to press a key."""

    call: str
    digit: str = ""


class Cut(Response):
    """Holds the connection, then cuts it: the caller never has an answer."""

    def __init__(self, seconds: float) -> None:
        """Hold for seconds, or until the caller has given up."""
        super().__init__()
        self.seconds = seconds

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Promise a body and leave, which makes the server close the connection."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
                return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})


class Phones:
    """A network with its shells: mount `routes` and keep `running()` open while they are served."""

    def __init__(
        self,
        network: Network,
        *,
        people: Callable[[], Sequence[Person]],
        incidents: Callable[[], Awaitable[list[dict[str, Any]]]],
        demo: str = "",
        path: Path | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Show these people and incidents; `demo` is a command to copy, `path` a JSON file that outlives a restart."""
        self.network = network
        self.people = people
        self.incidents = incidents
        self.demo = demo
        self.clock = clock
        self.bell = Bell()
        self.delivery = Delivery(network, self.bell, clock, path)

    @property
    def routes(self) -> list[BaseRoute]:
        """Give the URLs."""
        return [
            Route("/2010-04-01/{rest:path}", self.twilio, methods=["GET", "POST", "PUT", "DELETE"]),
            Route("/phone", page),
            Route("/phone/events", self.events),
            Route("/phone/state", self.look),
            Route("/phone/text", self.text, methods=["POST"]),
            Route("/phone/pick-up", self.pick_up, methods=["POST"]),
            Route("/phone/press", self.press, methods=["POST"]),
            Route("/phone/hang-up", self.hang_up, methods=["POST"]),
            Route("/phone/faults", self.order, methods=["POST"]),
            Route("/phone/faults", self.cancel, methods=["DELETE"]),
            Mount("/phone/static", StaticFiles(directory=PAGE)),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver webhooks for as long as this is open."""
        task = asyncio.create_task(self.delivery.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            self.delivery.save()

    async def twilio(self, request: Request) -> Response:
        """Answer Twilio's REST API."""
        form = parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True)
        path = f"/2010-04-01/{request.path_params['rest']}"
        query, authorization = list(request.query_params.multi_items()), request.headers.get("authorization")
        answer = self.network.rest(request.method, path, query, form, authorization, self.clock())
        self.bell.ring()
        if answer.lost:
            return Cut(answer.hold)
        return JSONResponse(dict(answer.body), answer.status, dict(answer.headers))

    async def state(self) -> dict[str, Any]:
        """Give everything the page shows."""
        return {
            "number": self.network.exchange.account.number,
            "demo": self.demo,
            "phones": view.phones(self.network, self.people()),
            "incidents": await self.incidents(),
            "faults": msgspec.to_builtins(self.network.faults()),
            "notices": msgspec.to_builtins(self.network.notices()),
        }

    async def look(self, _request: Request) -> Response:
        """Give the state once."""
        return JSONResponse(await self.state())

    async def events(self, _request: Request) -> Response:
        """Stream the state whenever it has changed."""
        return StreamingResponse(self.changes(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def changes(self) -> AsyncIterator[bytes]:
        """Look at every ring and twice a second, since incidents change without ringing."""
        last, quiet = b"", 0.0
        while True:
            ticket = self.bell.ticket()
            now = msgspec.json.encode(await self.state())
            quiet += EVERY
            if now != last:
                yield b"data: " + now + b"\n\n"
                last, quiet = now, 0.0
            elif quiet > 10:  # noqa: PLR2004 -- seconds after which a line keeps proxies and browsers patient
                yield b": still here\n\n"
                quiet = 0.0
            await heard(ticket, EVERY)

    async def text(self, request: Request) -> Response:
        """Send a text from a phone."""
        what = await read(request, Texting)
        if isinstance(what, Response):
            return what
        sid = self.network.text(what.number, what.body, self.clock())
        self.bell.ring()
        return JSONResponse({"sid": sid}, 201)

    async def pick_up(self, request: Request) -> Response:
        """Answer a call."""
        return await self._handle(request, lambda what: self.network.pick_up(what.call, self.clock()))

    async def press(self, request: Request) -> Response:
        """Press a key in a call."""
        return await self._handle(request, lambda what: self.network.press(what.call, what.digit, self.clock()))

    async def hang_up(self, request: Request) -> Response:
        """End or decline a call."""
        return await self._handle(request, lambda what: self.network.hang_up(what.call, self.clock()))

    async def order(self, request: Request) -> Response:
        """Order a fault."""
        fault = await read(request, Fault)
        if isinstance(fault, Response):
            return fault
        self.network.order(fault)
        self.bell.ring()
        return Response(status_code=204)

    async def cancel(self, _request: Request) -> Response:
        """Cancel all faults."""
        self.network.cancel_faults()
        self.bell.ring()
        return Response(status_code=204)

    async def _handle(self, request: Request, action: Callable[[Handling], None]) -> Response:
        what = await read(request, Handling)
        if isinstance(what, Response):
            return what
        try:
            action(what)
        except KeyError:
            return JSONResponse({"error": f"There is no call {what.call}."}, 404)
        self.bell.ring()
        return Response(status_code=204)


async def read(request: Request, kind: type[T]) -> T | Response:
    """Read a JSON body; only JSON, because a browser asks before another site may send that."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return JSONResponse({"error": "Send application/json."}, 415)
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except msgspec.DecodeError as error:
        return JSONResponse({"error": f"{error}."}, 400)


async def page(_request: Request) -> Response:
    """Give the page."""
    return FileResponse(PAGE / "index.html", headers=HEADERS)


def application(
    network: Network,
    *,
    people: Callable[[], Sequence[Person]],
    incidents: Callable[[], Awaitable[list[dict[str, Any]]]],
    demo: str = "",
    path: Path | None = None,
) -> Starlette:
    """Give the phones as an application of their own."""
    phones = Phones(network, people=people, incidents=incidents, demo=demo, path=path)

    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[None]:
        async with phones.running():
            yield

    return Starlette(routes=phones.routes, lifespan=lifespan)

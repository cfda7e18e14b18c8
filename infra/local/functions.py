"""Serves every function of `functions/main.py` in one process, each loaded by functions-framework as if alone."""

import argparse
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import functions_framework
import uvloop
from a2wsgi import WSGIMiddleware
from flask import Flask
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local.server import Server, configure
from infra.local.settings import FUNCTIONS
from tocsin import wiring
from tocsin.errors import Unavailable

SOURCE = Path(__file__).resolve().parents[2] / "functions" / "main.py"
# As many requests at once as a deployed function takes with the framework's default of four threads for each of 8 CPUs.
THREADS = 32
GRACE_SECONDS = 2


def load(source: Path) -> dict[str, ASGIApp]:
    """Give each entry point as an application that believes it is alone on its host; raises what `source` raises."""
    return {name: _load_one(name, source) for name in FUNCTIONS}


def _load_one(name: str, source: Path) -> ASGIApp:
    # The framework writes the kind of the function it loaded last into the environment, and then takes it from there.
    os.environ.pop("FUNCTION_SIGNATURE_TYPE", None)
    app: Any = functions_framework.create_app(name, str(source))  # type: ignore[no-untyped-call]
    if isinstance(app, Flask):
        app = WSGIMiddleware(cast("Any", _WholeBody(app)), workers=THREADS)
    return cast("ASGIApp", app)


class _WholeBody:
    """Says of a body without a length that it ends by itself: Werkzeug takes it for empty otherwise."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return self._app({**environ, "wsgi.input_terminated": "CONTENT_LENGTH" not in environ}, start_response)


class Hosts:
    """Gives every function its own host: the first part of the path names it and is taken off."""

    def __init__(self, functions: Mapping[str, ASGIApp]) -> None:
        """Keep the applications by name."""
        self._functions = functions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; the path that is left always begins with a slash, so nothing is ever redirected."""
        _, _, path = scope["path"].partition("/")
        name, _, rest = path.partition("/")
        function = self._functions.get(name, PlainTextResponse("There is no such function.\n", 404))
        _, _, raw = scope["raw_path"][1:].partition(b"/")
        await function({**scope, "path": "/" + rest, "raw_path": b"/" + raw, "root_path": ""}, receive, send)


def serve(listener: socket.socket, source: Path) -> None:
    """Serve until SIGTERM, or until the process that holds the other end of standard input is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    server = Server(configure(Hosts(load(source)), GRACE_SECONDS))
    threading.Thread(target=_warm_up, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
    uvloop.run(server.serve([listener]))


def _warm_up() -> None:
    """Make the clients before the first page needs them, as an instance that is kept warm has; who can't, does then."""
    for client in (wiring.store, wiring.tasks, wiring.twilio):
        with contextlib.suppress(Unavailable):
            client()


def _end_with_the_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listener", type=int, required=True, help="the file descriptor of a listening socket")
    listener = socket.socket(fileno=parser.parse_args().listener)
    serve(listener, Path(os.environ.get("FUNCTION_SOURCE") or SOURCE))

"""Sets up the web server that both processes of the local cloud use."""

import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


class Server(uvicorn.Server):
    """A server that whoever started it stops; Ctrl-C reaches all processes of a terminal and is not for this one."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def configure(app: ASGIApp, grace_seconds: int) -> uvicorn.Config:
    """Give the settings both servers of the local cloud share: quiet, fast, and no patience at the end."""
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        # Longer than any client keeps an idle connection, so that none is closed just as it is used again.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=grace_seconds,
        backlog=1024,
    )

"""Reads what `infra/local/up` was asked for, and says in one sentence why it cannot be done."""

import argparse
import contextlib
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import IO

from infra.cli import running

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "infra" / "local" / "demo.yaml"
LOOKS, LOOK_SECONDS = 10, 0.02


class CannotStart(Exception):
    """The pager cannot be started; the message says what to change."""


def main() -> int:
    """Run the pager until Ctrl-C or SIGTERM; give the exit code."""
    # Before anything slow is imported: an early Ctrl-C is no traceback either.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    options = _arguments()
    try:
        with _lock(options.data), _listen(options.port) as listener:
            return _run(options, listener)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1


def _run(options: argparse.Namespace, listener: socket.socket) -> int:
    # Late, so that what was refused above is refused at once.
    import click

    from infra.cli import render
    from infra.cli.configfile import load
    from infra.cli.marked import Mistakes
    from infra.local import supervisor
    from infra.local.configuration import Wanted

    file = options.config or DEMO
    try:
        wanted = Wanted(load(file), file, asked=options.config is not None)
    except Mistakes as mistakes:
        click.echo(render.mistakes(render.listed(mistakes)), err=True)
        return 1
    return supervisor.run(supervisor.Order(wanted, options.data, listener, emulators=options.emulators))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="infra/local/up", description="Starts the whole pager on this machine; Ctrl-C stops it, nothing is lost."
    )
    parser.add_argument("--port", type=int, default=8080, help="where it listens on 127.0.0.1 (default: %(default)s)")
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="who is paged for what, a file or a folder of them (default: what was applied before, at first the demo"
        " team, infra/local/demo.yaml)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=ROOT / ".tocsin",
        help="where incidents, timers and unsent pages are kept (default: .tocsin)",
    )
    parser.add_argument(
        "--emulators", action="store_true", help="keep them in Google's Firestore and Pub/Sub emulators instead"
    )
    options = parser.parse_args()
    options.data = options.data.resolve()
    return options


def _lock(data: Path) -> IO[str]:
    """Take the folder for this process until it ends, however it ends."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = _take(data)
    except BlockingIOError:
        owner = (data / running.FILE).read_text(encoding="ascii").strip() or "unknown"
        raise CannotStart(
            f"A pager is running on {data} already (process {owner}): stop it, or choose another folder with --data."
        ) from None
    except OSError as error:
        raise CannotStart(f"{data} cannot be used: {error.strerror}. Choose another folder with --data DIR.") from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _take(data: Path) -> IO[str]:
    """Try a few times: the command line, which asks whether a pager runs, has the lock for an instant."""
    for _ in range(LOOKS):
        with contextlib.suppress(BlockingIOError):
            return running.take(data)
        time.sleep(LOOK_SECONDS)
    return running.take(data)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=1024)
    except (OSError, OverflowError) as error:
        cause = getattr(error, "strerror", None) or "it must be 0 to 65535"
        raise CannotStart(
            f"Port {port} cannot be used: {cause}. Choose another one, for example --port {_free()}."
        ) from None


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())

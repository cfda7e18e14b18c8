"""Reads what `infra/local/up` was asked for, and says in one sentence why it cannot be done."""

import argparse
import fcntl
import os
import signal
import socket
import sys
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]


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
    from infra.cli.configfile import load
    from infra.cli.marked import Mistakes
    from infra.local import supervisor

    try:
        config = load(options.config)
    except Mistakes as mistakes:
        raise CannotStart(
            "\n".join(f"{options.config}:{mistake.line}: {mistake.sentence}" for mistake in mistakes.mistakes)
        ) from None
    order = supervisor.Order(config, options.config, options.data, listener, emulators=options.emulators)
    return supervisor.run(order)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="infra/local/up", description="Starts the whole pager on this machine; Ctrl-C stops it, nothing is lost."
    )
    parser.add_argument("--port", type=int, default=8080, help="where it listens on 127.0.0.1 (default: %(default)s)")
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        default=ROOT / "infra" / "local" / "demo.yaml",
        help="who is paged for what (default: the demo team, infra/local/demo.yaml)",
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
        lock = (data / "lock").open("a+", encoding="ascii")
    except OSError as error:
        raise CannotStart(f"{data} cannot be used: {error.strerror}. Choose another folder with --data DIR.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        raise CannotStart(
            f"A pager is running on {data} already (process {owner}): stop it, or choose another folder with --data."
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


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

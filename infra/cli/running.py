"""Tells whether a local pager runs on a folder: it holds the lock there for as long as it lives, however it ends."""

import fcntl
from pathlib import Path
from typing import IO

FILE = "lock"


def take(folder: Path) -> IO[str]:
    """Give the locked file, to be kept open; raises BlockingIOError if another process has it, OSError otherwise."""
    lock = (folder / FILE).open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise
    return lock


def is_running(folder: Path) -> bool:
    """Tell whether a pager holds the lock; asking takes a shared one for an instant, which others may share."""
    try:
        with (folder / FILE).open(encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False

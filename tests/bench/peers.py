"""What Debian's Alertmanager does with an alert on this machine."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.emulators import free_port
from tests.bench.programs import running


@contextlib.contextmanager
def alertmanager() -> Iterator[int | None]:
    """Run Alertmanager, with a receiver that sends nothing; gives its port, None where it is not installed."""
    binary = shutil.which("prometheus-alertmanager")
    if not binary:
        yield None
        return
    with TemporaryDirectory() as folder:
        port, config = free_port(), Path(folder, "config.yml")
        config.write_text(json.dumps({"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}))
        listen = [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
        with running([binary, f"--config.file={config}", f"--storage.path={folder}", *listen], port, path="/-/ready"):
            yield port

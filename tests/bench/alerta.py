"""Alerta from its package, on Debian's PostgreSQL: what another program does with an alert on this machine.

The first run installs it into a folder of its own, `~/.cache/tocsin-bench` or what TOCSIN_BENCH_CACHE says.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from infra.local.emulators import free_port, stop
from tests.bench.alerts import NUMBER, Posts
from tests.bench.load import request
from tests.bench.programs import NotStarted, running

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("alerta-server==9.1.0", "psycopg2-binary", "gunicorn", "setuptools<81")
SERVER = ("--workers=2", "--threads=4", "--log-level=error")
DEBIAN = Path("/usr/lib/postgresql")
ACCOUNT = "postgres"  # PostgreSQL refuses to run as root
PATIENCE = 60.0


class Missing(Exception):
    """It cannot run here; the message is a sentence that says why."""


@contextmanager
def alerta() -> Iterator[int | None]:
    """Run it with an empty database until the end of the block; gives its port, or None once it was said why not."""
    with ExitStack() as stack:
        try:
            port = _started(stack)
        except (Missing, NotStarted, OSError, subprocess.SubprocessError) as error:
            click.echo(f"Alerta is left out: {error}", err=True)
            yield None
        else:
            yield port


def post(port: int) -> Posts:
    """Give what posts distinct alerts."""
    alert = {
        "resource": NUMBER.decode(),
        "event": "Checkout5xx",
        "environment": "Production",
        "severity": "critical",
        "service": ["checkout"],
        "group": "shop",
        "value": "4.2 %",
        "text": "checkout answers 5xx to more than 2 % of its requests",
        "origin": "web-1.example.com",
        "attributes": {"runbook": "https://wiki.example.com/checkout/5xx"},
    }
    head, _, tail = request("/alert", json.dumps(alert).encode(), port).partition(NUMBER)
    return Posts(((head, tail),))


def _started(stack: ExitStack) -> int:
    server = _installed()
    database = stack.enter_context(_postgresql())
    port = free_port()
    settings = {
        "DATABASE_URL": database,
        "AUTH_REQUIRED": "False",
        "PLUGINS": "",
        "SECRET_KEY": "of the bench",
        "PYTHONPATH": "",
    }
    # Two workers that make the tables at the same time would end each other.
    once = [str(server.with_name("python")), "-c", "import alerta; alerta.create_app()"]
    subprocess.run(once, check=True, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    command = [str(server), *SERVER, f"--bind=127.0.0.1:{port}", "alerta:create_app()"]
    stack.enter_context(running(command, port, settings, "/management/gtg"))
    return port


def _installed() -> Path:
    """Give its server, installed into an environment of its own if it is not."""
    folder = Path(os.environ.get("TOCSIN_BENCH_CACHE", Path.home() / ".cache" / "tocsin-bench")) / "alerta"
    done = folder / "complete"
    if not done.exists():
        click.echo(f"Installing Alerta into {folder}, once.", err=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "pip"), "install", "-qq", "--disable-pip-version-check", *PACKAGES]
        subprocess.run(pip, check=True, stdout=sys.stderr)
        done.touch()
    return folder / "bin" / "gunicorn"


@contextmanager
def _postgresql() -> Iterator[str]:
    """Run a server with an empty database of its own, and give its URL."""
    programs = _programs()
    with TemporaryDirectory() as folder:
        data, port = Path(folder, "data"), free_port()
        user = ACCOUNT if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        made = [str(programs / "initdb"), f"--pgdata={data}", "--auth=trust", "--username=alerta", "--encoding=UTF8"]
        subprocess.run(made, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)
        listen = ["-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"]
        with subprocess.Popen(
            [programs / "postgres", "-D", data, *listen],
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                _create(programs, port)
                yield f"postgresql://alerta@127.0.0.1:{port}/alerta"
            finally:
                stop(process)


def _programs() -> Path:
    """Give the folder of PostgreSQL's programs; raises Missing where it is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"))
    if not versions:
        raise Missing("there is no PostgreSQL; Debian's package `postgresql` has it.")
    return versions[-1].parent


def _create(programs: Path, port: int) -> None:
    """Create the database as soon as the server takes connections."""
    command = [str(programs / "createdb"), "--host=127.0.0.1", f"--port={port}", "--username=alerta", "alerta"]
    give_up = time.monotonic() + PATIENCE
    while subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode:
        if time.monotonic() > give_up:
            raise Missing("PostgreSQL does not take connections.")
        time.sleep(0.2)

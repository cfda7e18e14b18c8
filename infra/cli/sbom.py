"""The bill of materials: every package that is deployed, and the hashes of what may be installed as it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from infra.cli.options import everywhere

PINNED = Path(__file__).resolve().parents[2] / "requirements.txt"
_PACKAGE = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<rest>(?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def document(requirements: str) -> str:
    """Give a requirements file as CycloneDX 1.6; the same file gives the same text.

    A package has a hash for each of its files: pip takes whichever fits the machine, and none but these.
    """
    made = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "tocsin", "name": "tocsin"}},
        "components": list(_components(requirements)),
    }
    return json.dumps(made, indent=2) + "\n"


def _components(requirements: str) -> Iterator[dict[str, Any]]:
    for found in _PACKAGE.finditer(requirements):
        url = f"pkg:pypi/{re.sub('[-_.]+', '-', found['name']).lower()}@{found['version']}"
        hashes = [{"alg": "SHA-256", "content": one} for one in _HASH.findall(found["rest"])]
        yield {
            "type": "library",
            "bom-ref": url,
            "name": found["name"],
            "version": found["version"],
            "purl": url,
            "hashes": hashes,
        }


@click.command()
@everywhere
def sbom() -> None:
    """Print the bill of materials of what is deployed, as CycloneDX.

    It lists what requirements.txt pins, which is what Google Cloud installs, by these hashes and no others.
    """
    click.echo(document(PINNED.read_text(encoding="utf-8")), nl=False)

"""The bill of materials names what is installed: all of it, at its version, by its hashes."""

import json
import re
import tomllib
from importlib.metadata import distributions, packages_distributions
from typing import Any

import pytest
from click.testing import CliRunner

from infra.cli.commands import tocsin
from infra.cli.sbom import PINNED, document
from tests.test_architecture import FUNCTIONS, ROOT, imports

TOOLS = ROOT / "tests" / "requirements.txt"
OF_THE_ENVIRONMENT = {"pip", "setuptools"}


def canonical(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def packages(text: str) -> dict[str, dict[str, Any]]:
    return {canonical(one["name"]): one for one in json.loads(document(text))["components"]}


DEPLOYED = packages(PINNED.read_text())


def test_the_command_gives_it() -> None:
    said = CliRunner().invoke(tocsin, ["sbom"])
    assert said.stdout == document(PINNED.read_text())
    bill = json.loads(said.stdout)
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)


def test_every_package_that_is_installed_is_in_it() -> None:
    """But for those that only tests need, which tests/requirements.txt pins in the same way."""
    installed = {canonical(one.metadata["Name"]): one.version for one in distributions()}
    known = {**packages(TOOLS.read_text()), **DEPLOYED}
    assert {name: known[name]["version"] for name in known if name in installed} == {
        name: version for name, version in installed.items() if name not in OF_THE_ENVIRONMENT
    }
    assert set(DEPLOYED) <= set(installed)


def test_every_package_that_the_code_imports_is_in_it() -> None:
    owners = packages_distributions()
    roots = {dotted.split(".")[0] for path in FUNCTIONS.rglob("*.py") for dotted in imports(path)}
    used = {canonical(owner) for root in roots if root != "google" for owner in owners.get(root, ())}
    assert {"functions-framework", "msgspec", "twilio"} <= used
    assert used <= set(DEPLOYED)


def test_every_package_that_the_project_asks_for_is_in_it() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {canonical(one) for one in asked} <= set(DEPLOYED)


@pytest.mark.parametrize("package", DEPLOYED.values(), ids=lambda one: one["name"])
def test_a_package_has_the_hashes_that_it_is_installed_by(package: dict[str, Any]) -> None:
    found = [one["content"] for one in package["hashes"]]
    assert found
    assert len(set(found)) == len(found)
    assert all(one["alg"] == "SHA-256" and re.fullmatch("[0-9a-f]{64}", one["content"]) for one in package["hashes"])
    assert package["purl"] == f"pkg:pypi/{canonical(package['name'])}@{package['version']}"


def test_no_hash_is_left_out() -> None:
    assert sum(len(one["hashes"]) for one in DEPLOYED.values()) == PINNED.read_text().count("--hash=sha256:")


def test_what_is_not_pinned_has_no_place_in_it() -> None:
    """Each line of the file is a package with its version, or one of its hashes."""
    lines = [line.strip().removesuffix("\\").strip() for line in PINNED.read_text().splitlines()]
    heads = [line for line in lines if line and not line.startswith(("--hash=sha256:", "#"))]
    assert len(heads) == len(DEPLOYED)

"""What a module says to its users is printed, with the addresses of the pager at hand, and kept as a page."""

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from infra.cli import snapshot
from infra.cli.commands import tocsin
from infra.cli.configfile import load
from infra.cli.sources import FOLDER, described, page
from tests.cli.launching import ROOT, run, typed, with_environment
from tocsin import sources
from tocsin.clients.embedded import EmbeddedStore

ADDRESS = "https://pager.example"


def said(pager: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("--data", ".tocsin", "sources", *words, cwd=pager, PUBLIC_URL=ADDRESS)


def answered(pager: Path, *words: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(said(pager, *words, "--output", "json").stdout)
    return answer


def test_the_page_that_is_kept_is_that_of_the_docstrings() -> None:
    kept = (FOLDER / "README.md").read_text()
    assert kept == page(), "write it anew: infra/tocsin sources --markdown > functions/tocsin/sources/README.md"
    assert CliRunner().invoke(tocsin, ["sources", "--markdown"]).stdout == kept


def test_the_readme_leads_to_the_page() -> None:
    assert "(functions/tocsin/sources/README.md)" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", sources.names())
def test_nothing_of_a_docstring_is_lost_on_the_page(name: str) -> None:
    one = described(name)
    assert not one.remarks.startswith("```")
    assert one.settings.count("```") % 2 == one.remarks.count("```") % 2 == 0
    section = page().split(f"\n## {name}\n")[1].split("\n## ")[0]
    assert section.count("```") == one.settings.count("```") + one.remarks.count("```")


def test_without_a_pager_every_source_is_listed_with_what_to_put_in(tmp_path: Path) -> None:
    with_environment(tmp_path)
    result = run(tmp_path / "infra" / "tocsin", "sources", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == list(sources.names())
    assert "https://YOUR-HOST/ingest/zabbix/<integration key>" in result.stdout


def test_a_source_is_told_with_the_address_and_the_integration_of_the_pager(pager: Path) -> None:
    answer = answered(pager, "alertmanager")
    assert answer["integrations"] == [
        {"integration": "checkout-alertmanager", "service": "checkout", "key": "KEY-OF-checkout-alertmanager"}
    ]
    url = f"{ADDRESS}/ingest/alertmanager/KEY-OF-checkout-alertmanager"
    assert answer["urls"] == [url]
    assert f"url: {url}" in answer["settings"]
    text = said(pager, "alertmanager").stdout
    assert text.startswith("alertmanager: Reads the webhook of Prometheus Alertmanager")
    assert "YOUR-HOST" not in text


def test_of_a_source_without_an_integration_the_key_is_left_open(pager: Path) -> None:
    answer = answered(pager, "opsgenie")
    assert answer["urls"][:2] == [f"{ADDRESS}/ingest/opsgenie/<integration key>", f"{ADDRESS}/ingest/v2/alerts"]
    assert answer["integrations"] == []


def test_of_several_integrations_each_has_its_url(pager: Path) -> None:
    demo = (ROOT / "infra" / "local" / "demo.yaml").read_text()
    second = demo.replace(
        "checkout-generic:", "another: {source: generic, key: key-of-another-generic}\n      checkout-generic:"
    )
    (pager / "team.yaml").write_text(second)
    snapshot.apply(EmbeddedStore(pager / "tocsin.db"), load(pager / "team.yaml"), "carol", datetime.now(UTC))
    answer = answered(pager, "generic")
    assert answer["urls"] == [f"{ADDRESS}/ingest/generic/KEY-OF-{name}" for name in ("another", "checkout-generic")]
    assert f"{ADDRESS}/ingest/generic/<integration key>" in answer["settings"]


def test_what_is_to_be_copied_is_printed_whole(pager: Path) -> None:
    printed = said(pager, "nagios").stdout
    assert all(f"\n{name}:\n" in printed for name in ("nagios.cfg", "nagios.icinga2.conf"))
    assert f"{ADDRESS}/ingest/nagios/YOUR-KEY" in printed
    (media_type,) = answered(pager, "zabbix")["templates"]
    assert yaml.safe_load(media_type["text"])["zabbix_export"]["media_types"][0]["name"] == "Tocsin"


def test_every_file_to_copy_belongs_to_a_source_that_speaks_of_it() -> None:
    for file in (FOLDER / "templates").iterdir():
        one = described(file.name.split(".")[0])
        assert f"templates/{file.name}" in one.settings


def test_the_media_type_for_zabbix_sends_what_is_read() -> None:
    parameters = yaml.safe_load((FOLDER / "templates" / "zabbix.yaml").read_text())["zabbix_export"]["media_types"][0]
    names = {each["name"] for each in parameters["parameters"]}
    read = (FOLDER / "zabbix.py").read_text()
    assert all(f'"{name.replace("_", "")}"' in read for name in names - {"url", "http_proxy", "zabbix_url"})
    assert all(re.search(rf"fields\.{name}\b", parameters["script"]) for name in ("url", "http_proxy", "zabbix_url"))


def test_the_commands_for_nagios_and_icinga_send_what_is_read() -> None:
    for file in ("nagios.cfg", "nagios.icinga2.conf"):
        sent = set(re.findall(r"[\"']([a-z]+)=\$", (FOLDER / "templates" / file).read_text()))
        assert sent == {"type", "host", "address", "service", "state", "output", "author", "comment"}


def test_a_source_that_is_not_there_is_refused_with_the_one_meant(pager: Path) -> None:
    result = said(pager, "zabix")
    assert (result.returncode, result.stderr) == (1, 'Error: there is no source "zabix", did you mean zabbix?\n')

"""Finds sources by their file names and by the paths they name, and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin import sources
from tocsin.domain.alert import Action, Alert
from tocsin.errors import Malformed
from tocsin.sources import Posted

FUNCTIONS = Path(sources.__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "name", "key"),
    [
        ("alertmanager/k1", "alertmanager", "k1"),
        ("/alertmanager/k1/", "alertmanager", "k1"),
        ("generic/a%2Fb%20c", "generic", "a/b c"),
        ("generic/..", "generic", ".."),
        ("pagerduty/k1", "pagerduty", "k1"),
    ],
)
def test_a_file_name_and_a_key_lead_to_the_source(path: str, name: str, key: str) -> None:
    found = sources.find(path)
    assert (found.source.name, found.path, found.key) == (name, name, key)


@pytest.mark.parametrize("path", ["v2/enqueue", "v2/enqueue/", "/v2/change/enqueue", "v2%2Fenqueue"])
def test_a_fixed_path_leads_to_its_source_and_the_key_is_in_the_body(path: str) -> None:
    found = sources.find(path)
    assert (found.source.name, found.key) == ("pagerduty", None)
    assert found.path in found.source.paths


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("v2/alerts/disk-1/close", "disk-1"),
        ("/v2/alerts/disk-1/close/", "disk-1"),
        ("v2/alerts/shop/disk 1/close", "shop/disk 1"),
        ("v2/alerts/close/close", "close"),
        ("v2/alerts/100%41/close", "100%41"),
        ("v2/alerts/a\x00b\ud800/close", "a\ufffdb\ufffd"),
    ],
)
def test_a_part_of_a_fixed_path_may_be_any_text_and_is_given_to_the_source(path: str, inside: str) -> None:
    found = sources.find(path)
    assert (found.source.name, found.path, found.key, found.inside) == ("opsgenie", "v2/alerts/*/close", None, inside)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "v2/alerts//close",
        "v2/alerts/ /close",
        "v2/alerts/close",
        "v2/alerts/a/explode",
        "os/k",
        "sys/k",
        "json/k",
        "../errors/k",
        "..%2Ferrors/k",
        "%2e%2e/errors",
        "__init__/k",
        "__pycache__/k",
        "_plain/k",
        "tocsin.errors/k",
        "generic.py/k",
        "Generic/k",
        "generic",
        "generic/",
        "generic/%20",
        "generic//k",
        "generic/k/more",
        "v2",
        "v2/enqueue/more",
        "v1/enqueue",
        "generic/2010-04-15/create_event.json/more",
        "\x00/k",
        "generic\x00/k",
        "a" * 5000,
    ],
)
def test_anything_else_is_not_found_and_the_answer_says_what_there_is(path: str) -> None:
    for name in sources.names():
        sources.load(name)
    before = set(sys.modules)
    with pytest.raises(Malformed, match=r"/ingest/SOURCE/<integration key>, .* alertmanager, ") as refusal:
        sources.find(path)
    assert refusal.value.status == 404
    assert "/ingest/v2/enqueue" in str(refusal.value)
    assert len(str(refusal.value)) < 2_000
    assert set(sys.modules) == before


@pytest.mark.parametrize("name", ["os", "_plain", "__init__", "../errors", "", "tocsin.errors"])
def test_only_listed_names_are_loaded(name: str) -> None:
    with pytest.raises(Malformed, match="There is no source"):
        sources.load(name)


def test_a_file_dropped_into_the_folder_is_a_source_and_nothing_else_is_edited(tmp_path: Path) -> None:
    shutil.copytree(FUNCTIONS / "tocsin", tmp_path / "tocsin", ignore=shutil.ignore_patterns("__pycache__"))
    module = tmp_path / "tocsin" / "sources" / "smoke-signals.py"
    module.write_text(
        "from tocsin.domain.alert import Action, Alert\n"
        "PATHS = ('hill/top',)\n"
        "LIMIT = 99\n"
        "def parse(posted):\n"
        "    return [Alert(Action.TRIGGER, posted.path, str(posted.payload))]\n"
    )
    program = (
        "from tocsin import sources\n"
        "by_name, by_path = sources.find('smoke-signals/k'), sources.find('hill/top')\n"
        "assert by_name.source == by_path.source and by_name.source.limit == 99\n"
        "print(by_path.source.parse(sources.Posted('puff', by_path.path))[0].title)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("puff\n", "")


def test_finding_one_source_imports_no_other() -> None:
    program = (
        "import sys\n"
        "from tocsin import sources\n"
        "sources.find('alertmanager/k')\n"
        "print([name for name in sources.names() if f'tocsin.sources.{name}' in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=FUNCTIONS, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("['alertmanager']\n", "")


def test_a_source_that_says_nothing_else_has_the_defaults() -> None:
    source = sources.load("generic")
    assert (source.limit, source.unavailable, source.paths) == (1024 * 1024, 503, ())
    assert source.accepted([Alert(Action.TRIGGER, "k", "t")]) == {
        "status": "accepted",
        "message": "1 accepted",
        "dedup_keys": ["k"],
    }
    assert source.refused(400, "No.", ("a", "b")) == {"status": "refused", "message": "No.", "errors": ["a", "b"]}
    assert source.refused(503, "Later.", ())["status"] == "unavailable"
    with pytest.raises(Malformed, match="/ingest/generic/<integration key>"):
        source.key(Posted({}, path="generic"))


def test_a_heartbeat_alone_is_not_read() -> None:
    assert [name for name in sources.names() if not sources.load(name).reads] == ["heartbeat"]


def test_alertmanager_repeats_only_after_a_503_and_pagerdutys_clients_after_a_429() -> None:
    assert (sources.load("alertmanager").unavailable, sources.load("pagerduty").unavailable) == (503, 429)

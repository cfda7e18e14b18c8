"""The URLs of the calendars: made once, printed as often as they are asked for, ended when one has got around."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.launching import typed
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.feed import PATH

PUBLIC = "https://pager.example"


def feed(pager: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return typed("--data", ".tocsin", "feed", *words, cwd=pager, **{"PUBLIC_URL": PUBLIC, **settings})


def urls(pager: Path, *words: str) -> dict[str, str]:
    result = feed(pager, *words, "--output", "json")
    assert result.returncode == 0, result.stderr
    return {f"{each['kind']}/{each['id']}": each["url"] for each in json.loads(result.stdout)["feeds"]}


def test_every_schedule_and_every_user_has_a_url_that_stays(pager: Path) -> None:
    first = urls(pager)
    assert first.keys() == {"schedule/checkout-primary", "user/alice", "user/bob", "user/carol"}
    assert all(url.startswith(f"{PUBLIC}/calendar/{name}/") for name, url in first.items())
    assert len({url.split("/")[-1] for url in first.values()}) == 4
    assert urls(pager) == first
    assert urls(pager, "alice") == {"user/alice": first["user/alice"]}
    said = feed(pager, "alice")
    assert first["user/alice"] in said.stdout
    assert said.stderr.startswith("No pager runs on .tocsin: these answer at the next ")


def test_one_url_can_be_renewed_alone_or_all_at_once(pager: Path) -> None:
    first = urls(pager)
    second = urls(pager, "alice", "--renew")
    assert second["user/alice"] != first["user/alice"]
    assert urls(pager) == first | second
    third = urls(pager, "--renew")
    assert set(third.values()).isdisjoint({*first.values(), *second.values()})
    assert "The old URLs have ended." in feed(pager, "--renew").stdout


def test_an_empty_name_renews_nothing(pager: Path) -> None:
    first = urls(pager)
    result = feed(pager, "", "--renew")
    assert (result.returncode, result.stdout) == (2, "")
    assert "is empty" in result.stderr
    assert urls(pager) == first


def test_no_key_is_kept(pager: Path) -> None:
    made = urls(pager)
    kept = json.dumps(EmbeddedStore(pager / "tocsin.db").get(PATH))
    assert not [url for url in made.values() if url.rpartition("/")[2].removesuffix(".ics") in kept]


@pytest.mark.parametrize(("words", "said"), [(["alicia"], "did you mean alice?"), (["nobody"], "there is no")])
def test_a_name_that_is_not_there_is_refused(pager: Path, words: list[str], said: str) -> None:
    result = feed(pager, *words)
    assert (result.returncode, result.stdout) == (1, "")
    assert said in result.stderr


def test_without_an_address_there_is_no_url(pager: Path) -> None:
    result = feed(pager, PUBLIC_URL="")
    assert result.returncode == 1
    assert "PUBLIC_URL" in result.stderr

"""Keys: made and shown once, in the file by their hash, changed with an overlap, doubted where all can read them."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from infra.cli.commands import tocsin
from infra.cli.configfile import load
from infra.cli.written import document
from tests.cli.broken import GOOD, HASHED
from tocsin import wiring
from tocsin.domain.keys import digest

KEY = "tocsin[a-z2-7]{26}"
PUBLIC = "https://pager.example"
A, B, C = (letter * 24 for letter in "abc")


def hashed(key: str) -> str:
    return f"sha256:{digest(key)}"


@pytest.fixture
def pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TOCSIN_EMBEDDED", str(tmp_path / "cloud"))
    monkeypatch.setenv("PUBLIC_URL", PUBLIC)
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    _forget()
    yield tmp_path
    _forget()


def _forget() -> None:
    for made in (wiring.settings, wiring.store, wiring.current):
        made.cache_clear()


def ask(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(tocsin, words, input=typed)


def applied(pager: Path, text: str) -> Path:
    file = pager / "team.yaml"
    file.write_text(text)
    done = ask("apply", str(file), "--allow-gaps")
    assert done.exit_code == 0, done.output
    wiring.current.cache_clear()
    return file


def test_a_key_is_shown_with_its_url_and_the_line_for_the_file(pager: Path) -> None:
    applied(pager, GOOD)
    said = ask("key", "new", "checkout-any")
    [key] = re.findall(rf"shown this once: ({KEY})\n", said.stdout)
    assert f"{PUBLIC}/ingest/generic/{key}" in said.stdout
    assert f"key: {hashed(key)}" in said.stdout


def test_every_key_is_another(pager: Path) -> None:
    applied(pager, GOOD)
    assert len({json.loads(ask("key", "new", "x", "--output", "json").stdout)["key"] for _ in range(20)}) == 20


def test_a_key_is_made_before_there_is_a_pager_or_an_integration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("infra.cli.options.USUAL", tmp_path / "nowhere")
    for name in ("TOCSIN_EMBEDDED", "GOOGLE_CLOUD_PROJECT", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    _forget()
    said = ask("key", "new", "soon")
    assert said.exit_code == 0, said.output
    assert re.search(rf"https://YOUR-HOST/ingest/SOURCE/{KEY}\n", said.stdout)
    _forget()


def test_nothing_of_a_key_that_was_made_is_kept(pager: Path) -> None:
    applied(pager, GOOD)
    for words in (("new", "checkout-any"), ("rotate", "checkout-any")):
        [key] = re.findall(KEY, ask("key", *words).stdout.partition("\n")[0])
        assert key.encode() not in b"".join(file.read_bytes() for file in pager.iterdir() if file.is_file())


def test_a_rotated_key_and_the_old_one_open_until_the_overlap_ends(pager: Path) -> None:
    applied(pager, GOOD)
    now = datetime.now(UTC)
    said = json.loads(ask("key", "rotate", "checkout-any", "--overlap", "2h", "--output", "json").stdout)
    new, old = said["file"]["key"], said["file"]["old_keys"]
    applied(pager, GOOD.replace(f"key: {C}", f"key: {new}, old_keys: {json.dumps(old)}"))
    current = wiring.current()
    for key in (said["key"], C):
        found = current.integration(key, now + timedelta(hours=1))
        assert found is not None
        assert found.id == "checkout-any"
    assert current.integration(C, now + timedelta(hours=2, minutes=2)) is None
    assert current.integration(said["key"], now + timedelta(hours=2, minutes=2))


def test_an_old_key_is_not_kept_longer_by_another_rotation(pager: Path) -> None:
    applied(pager, GOOD.replace(f"key: {C}", f"key: {C}, old_keys: ['{'d' * 24} until 2030-01-01 09:00', '{'e' * 24} "
                                             "until 2026-01-01 09:00']"))  # fmt: skip
    soon = json.loads(ask("key", "rotate", "checkout-any", "--overlap", "1m", "--output", "json").stdout)
    late = json.loads(ask("key", "rotate", "checkout-am", "--overlap", "4w", "--output", "json").stdout)
    assert [one.split()[0] for one in soon["file"]["old_keys"]] == [hashed(C), hashed("d" * 24)]
    assert all(" until 20" in one and "2030" not in one for one in soon["file"]["old_keys"])
    assert [one.split()[0] for one in late["file"]["old_keys"]] == [hashed(A), hashed(B)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["checkout-ayn"], 'there is no integration "checkout-ayn", did you mean checkout-any?'),
        (["checkout-any", "--overlap", "soon"], '"soon" is not a duration'),
        (["checkout-any", "--overlap", "9w"], "at most 4w"),
        (["checkout-any", "--overlap", "0s"], "longer than nothing"),
    ],
)
def test_what_cannot_be_rotated_is_a_sentence(pager: Path, words: list[str], sentence: str) -> None:
    applied(pager, GOOD)
    said = ask("key", "rotate", *words)
    assert said.exit_code in {1, 2}
    assert sentence in said.output


def test_a_file_of_hashes_is_the_same_configuration(pager: Path) -> None:
    applied(pager, GOOD)
    for key in (A, B, C):
        said = ask("key", "hash", typed=f"{key}\n")
        assert said.stdout.endswith(f"key: {hashed(key)}\n")
        assert key not in said.stdout
    file = pager / "hashed.yaml"
    file.write_text(HASHED)
    assert load(file) == load(pager / "team.yaml")
    assert ask("plan", str(file)).exit_code == 0, "nothing changes"


@pytest.mark.parametrize("key", ["short", "with blanks in it, quite long", "sha256:" + "0" * 64])
def test_what_is_no_key_is_not_hashed(key: str) -> None:
    said = ask("key", "hash", "--key", key)
    assert said.exit_code == 1
    assert "this is no key" in said.output


def test_what_holds_is_shown_with_keys_as_the_file_takes_them(pager: Path) -> None:
    until = GOOD.replace(f"[{B}]", f"[{B} until 2030-01-01 09:00]")
    shown = document(load(applied(pager, until)))
    door = yaml.safe_load(shown)["integrations"]["checkout-am"]
    assert (door["key"], door["old_keys"]) == (hashed(A), [f"{hashed(B)} until 2030-01-01 09:00"])
    assert not [key for key in (A, B, C) if key in shown]
    taken = until
    for key in (A, B, C):
        taken = taken.replace(key, hashed(key))
    (pager / "again.yaml").write_text(taken)
    assert document(load(pager / "again.yaml")) == shown


def test_an_end_alone_is_a_change_of_keys(pager: Path) -> None:
    applied(pager, GOOD)
    file = pager / "team.yaml"
    file.write_text(GOOD.replace(f"[{B}]", f"[{B} until 2030-01-01 09:00]"))
    assert "~ integration checkout-am: the keys change" in ask("plan", str(file)).stdout


# Doubts

GOOD_KEY = "tocsinbuqkowxjob4e2fcppnjh2rz56b"


def warnings(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "team.yaml"
    file.write_text(text)
    said = ask("check", str(file))
    assert said.exit_code == 0, said.output
    assert not [key for key in (A, B, C, GOOD_KEY) if key in said.output]
    return [line.removeprefix("warning: ") for line in said.stderr.splitlines()]


def test_hashes_raise_no_doubt(tmp_path: Path) -> None:
    assert warnings(tmp_path, HASHED) == []


def test_a_key_that_stands_in_the_file_is_doubted(tmp_path: Path) -> None:
    [said] = warnings(tmp_path, HASHED.replace(hashed(C), GOOD_KEY))
    assert said.startswith("checkout-any has its key in the file, and whoever reads that can post alerts")


def test_several_that_stand_there_are_one_doubt_and_each_that_can_be_guessed_is_one_more(tmp_path: Path) -> None:
    plain, *weak = warnings(tmp_path, GOOD)
    assert plain.startswith("checkout-am, checkout-any have their keys in the file")
    remedy = "has only 1 different characters: make one with infra/tocsin key new"
    assert weak == [f"a key of {one} {remedy}" for one in ("checkout-am", "checkout-am", "checkout-any")]


def test_an_old_key_that_has_ended_is_doubted(tmp_path: Path) -> None:
    assert warnings(tmp_path, HASHED.replace(hashed(B), f"{hashed(B)} until 2026-01-01 09:00")) == [
        "an old key of checkout-am has ended: its line can go"
    ]


def test_a_mistake_about_a_key_does_not_repeat_it(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    for wrong in ("tocsin/not/quite/right/but/nearly", "tocsin-short", "sha256:tocsin-nearly", A):
        file.write_text(GOOD.replace(C, f'"{wrong}"'))
        said = ask("check", str(file))
        assert said.exit_code == 1
        assert wrong not in said.output

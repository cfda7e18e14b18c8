"""A configuration is stored once per change, with all its versions, exactly as it was checked."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from infra.cli import snapshot
from infra.cli.configfile import load
from tests.cli.launching import project, run, with_environment
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.calendar import Layer, Override
from tocsin.domain.config import (
    CatchAll,
    Config,
    ContactRule,
    Integration,
    ServiceUrgency,
    Target,
    TargetKind,
    Urgency,
)
from tocsin.records import from_json

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)

TEAM = """\
users:
  alice: &anybody
    name: Alice Martin
    phone: +15550100101
    notify: {high: [voice after 2m, sms], low: [sms]}
  bob: {<<: *anybody, name: Bob Okafor}
  no: {<<: *anybody, phone: "+15550100103"}
schedules:
  primary:
    time_zone: Europe/Paris
    rotation: {users: [alice, bob], turn: 12h, start: 2026-01-05T09:00}
    overrides: [{user: bob, start: 2026-07-01 18:00, end: 2026-07-02 09:00:30}]
policies:
  shop: {levels: [{notify: [schedule primary, user bob], delay: 90s}], repeat: 2}
services:
  checkout:
    name: Checkout
    policy: shop
    integrations:
      checkout-am: {source: alertmanager, key: aaaaaaaaaaaaaaaaaaaaaaaa, old_keys: [bbbbbbbbbbbbbbbbbbbbbbbb]}
      checkout-any: {source: generic, key: cccccccccccccccccccccccc, options: {title: summary}}
catch_all: {users: [bob, no], every: 1h}
"""


def config(tmp_path: Path, text: str = TEAM) -> Config:
    file = tmp_path / "team.yaml"
    file.write_text(text)
    return load(file)


def test_the_file_becomes_what_the_functions_read(tmp_path: Path) -> None:
    found = config(tmp_path)
    assert found.catch_all == CatchAll(("bob", "no"), timedelta(hours=1))
    assert found.users["bob"].name == "Bob Okafor"
    assert found.users["no"].phone == "+15550100103"
    assert found.users["alice"].phone == "+15550100101", "a number without quotes keeps its plus"
    assert found.users["alice"].rules[Urgency.HIGH] == (ContactRule("sms"), ContactRule("voice", timedelta(minutes=2)))
    primary = found.schedules["primary"]
    start = datetime.fromisoformat("2026-01-05 09:00")
    assert primary.layers == (Layer(("alice", "bob"), timedelta(hours=12), start, early=True),)
    assert primary.overrides == (
        Override("bob", datetime(2026, 7, 1, 16, tzinfo=UTC), datetime(2026, 7, 2, 7, 0, 30, tzinfo=UTC)),
    )
    [level] = found.policies["shop"].levels
    assert level.targets == (Target(TargetKind.SCHEDULE, "primary"), Target(TargetKind.USER, "bob"))
    assert (level.delay, found.policies["shop"].repeat) == (timedelta(seconds=90), 2)
    assert found.services["checkout"].urgency is ServiceUrgency.BY_SEVERITY
    assert found.integrations["checkout-any"].options == {"title": "summary"}


def test_keys_are_kept_as_hashes_only(tmp_path: Path) -> None:
    store = EmbeddedStore(":memory:")
    found = config(tmp_path)
    snapshot.apply(store, found, "carol", NOW)
    hashes = tuple(sha256(letter * 24).hexdigest() for letter in (b"a", b"b"))
    assert found.integrations["checkout-am"] == Integration("checkout-am", "checkout", "alertmanager", hashes)
    assert "aaaaaaaaaaaa" not in str(store.get("config/current"))


def test_the_first_version_is_1_and_says_who_applied_it_when(tmp_path: Path) -> None:
    store, found = EmbeddedStore(":memory:"), config(tmp_path)
    assert snapshot.apply(store, found, "carol", NOW) == snapshot.Applied(1, changed=True)
    current = store.get("config/current")
    assert current is not None
    assert current == store.get("versions/1")
    assert (current["version"], current["applied_at"], current["applied_by"]) == (1, NOW, "carol")
    assert from_json(Config, current["body"]) == found


def test_an_equal_configuration_keeps_its_version(tmp_path: Path) -> None:
    store = EmbeddedStore(":memory:")
    snapshot.apply(store, config(tmp_path), "carol", NOW)
    commented = config(tmp_path, "# a comment changes nothing\n" + TEAM)
    again = snapshot.apply(store, commented, "bob", NOW + timedelta(days=1))
    assert again == snapshot.Applied(1, changed=False)
    current = store.get("config/current")
    assert current is not None
    assert current["applied_by"] == "carol"
    assert store.get("versions/2") is None


def test_each_change_is_a_version_and_the_earlier_ones_stay(tmp_path: Path) -> None:
    store, first = EmbeddedStore(":memory:"), config(tmp_path)
    second = config(tmp_path, TEAM.replace("90s", "2m"))
    versions = [snapshot.apply(store, each, "carol", NOW).version for each in (first, second, second, first)]
    assert versions == [1, 2, 2, 3]
    bodies = [(store.get(f"versions/{version}") or {})["body"] for version in (1, 2, 3)]
    assert [from_json(Config, body) for body in bodies] == [first, second, first]
    assert store.get("config/current") == store.get("versions/3")


def test_without_an_environment_the_launcher_says_what_to_run(tmp_path: Path) -> None:
    result = run(project(tmp_path), "check", "x.yaml", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr == "tocsin: there is no environment yet: run infra/local/up once, it makes one\n"


def test_the_launcher_works_from_anywhere_through_a_link_and_beside_a_folder_of_our_name(tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    launcher = with_environment(tmp_path / "checkout")
    (tmp_path / "elsewhere" / "infra").mkdir(parents=True)
    (tmp_path / "elsewhere" / "infra" / "__init__.py").write_text("raise SystemExit('the wrong folder')")
    (tmp_path / "tocsin").symlink_to(launcher)
    result = run(tmp_path / "tocsin", "check", ROOT / "infra/local/demo.yaml", cwd=tmp_path / "elsewhere")
    [warning] = result.stderr.splitlines()
    assert (result.returncode, "have their keys in the file" in warning) == (0, True)
    assert "demo.yaml is good: 3 users, 1 schedule" in result.stdout


def test_apply_uses_the_settings_that_the_local_pager_left(tmp_path: Path) -> None:
    launcher = with_environment(tmp_path)
    file = tmp_path / "team.yaml"
    file.write_text(TEAM)
    data = tmp_path / "data"
    data.mkdir()
    settings = {"TOCSIN_EMBEDDED": str(data / "tocsin.db"), "GOOGLE_CLOUD_PROJECT": "tocsin-local"}
    (data / "settings.json").write_text(json.dumps(settings))
    first = run(launcher, "--data", data, "apply", file, cwd=tmp_path)
    assert (first.returncode, first.stdout.splitlines()[-1]) == (0, f"{file} is now version 1")
    numbers, idle = first.stderr.splitlines()
    assert numbers.startswith("New numbers, of 3 people on call in the next 14 days: infra/tocsin --data ")
    assert idle == f"No pager runs on {data}: this holds at the next infra/local/up --data {data}."
    again = run(launcher, "apply", file, "--data", data, "--output", "json", cwd=tmp_path)
    answer = json.loads(again.stdout)
    assert (answer["version"], answer["changed"], answer["files"]) == (1, False, [str(file)])
    current = EmbeddedStore(data / "tocsin.db").get("config/current")
    assert current is not None
    assert set(from_json(Config, current["body"]).users) == {"alice", "bob", "no"}


@pytest.mark.parametrize(
    ("left", "sentence"),
    [(None, "no pager has run with"), ("{", "cannot be read"), ("[]", "cannot be read")],
)
def test_without_a_pager_apply_is_one_sentence(tmp_path: Path, left: str | None, sentence: str) -> None:
    launcher = with_environment(tmp_path)
    if left is not None:
        (tmp_path / "settings.json").write_text(left)
    result = run(launcher, "apply", ROOT / "infra/local/demo.yaml", "--data", tmp_path, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_broken_file_is_not_applied(tmp_path: Path) -> None:
    launcher = with_environment(tmp_path)
    file = tmp_path / "team.yaml"
    file.write_text(TEAM.replace("90s", "90"))
    result = run(launcher, "apply", file, cwd=tmp_path, TOCSIN_EMBEDDED=str(tmp_path / "tocsin.db"))
    assert result.returncode == 1
    assert "is not a duration" in result.stderr
    assert not (tmp_path / "tocsin.db").exists()

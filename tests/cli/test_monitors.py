"""Heartbeat monitors and the canary in the configuration file: what they need, and what is refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from infra.cli import snapshot
from infra.cli.configfile import load
from infra.cli.marked import Mistakes
from tocsin.clients.embedded import EmbeddedStore
from tocsin.current import Current
from tocsin.domain.config import Canary, Config
from tocsin.wiring import now

GOOD = """\
users:
  alice: {name: Alice Martin, phone: "+15550100101", notify: {high: [sms], low: [sms]}}
  bob: {name: Bob Okafor, phone: "+15550100102", notify: {high: [sms], low: [sms]}}
  contact: {name: Test Contact, phone: "+15550100103", notify: {high: [sms], low: [sms]}}
schedules:
  primary: {time_zone: Europe/London, rotation: {users: [alice], turn: 1w, start: 2026-01-05 09:00}}
policies:
  shop: {levels: [{notify: [schedule primary], delay: 5m}]}
  canary: {levels: [{notify: [user contact], delay: 10m}]}
services:
  checkout:
    name: Checkout
    policy: shop
    integrations:
      backup: {source: heartbeat, key: aaaaaaaaaaaaaaaaaaaaaaaa, every: 5m, title: Nightly backup}
      alerts: {source: generic, key: bbbbbbbbbbbbbbbbbbbbbbbb}
  canary: {name: Canary, policy: canary, integrations: {canary: {source: generic, key: cccccccccccccccccccccccc}}}
catch_all: {users: [bob], every: 30m}
canary: {integration: canary, every: 10m, answers: true}
"""

# what is changed, into what, the line it then stands in, a part of the sentence
BROKEN = {
    "heartbeat without an interval": (
        ", every: 5m, title",
        ", title",
        15,
        '"every" is missing: how often a heartbeat is',
    ),
    "interval that is none": ("every: 5m", "every: often", 15, '"often" is not a duration'),
    "interval of nothing": ("every: 5m", "every: 0s", 15, "longer than nothing"),
    "interval of what beats not": ("bbbb}", "bbbb, every: 5m}", 16, "only a heartbeat has this"),
    "title of what beats not": ("bbbb}", "bbbb, title: Alerts}", 16, "only a heartbeat has this"),
    "canary of nothing": (
        "integration: canary",
        "integration: canari",
        19,
        'no integration "canari", did you mean canary?',
    ),
    "canary without an integration": (
        "integration: canary, ",
        "",
        19,
        'canary: "integration" is missing: the integration',
    ),
    "canary too often": ("every: 10m", "every: 5m", 19, "at least 6m"),
    "canary too seldom": ("every: 10m", "every: 2d", 19, "at most 1d"),
    "unknown field": ("answers:", "answer:", 19, 'unknown field "answer", did you mean answers?'),
    "words for yes or no": ("answers: true", "answers: often", 19, 'should be true or false, not "often"'),
    "canary for a schedule": ("[user contact]", "[schedule primary]", 19, "one level that names a user"),
    "canary with a second level": (
        "{notify: [user contact], delay: 10m}",
        "{notify: [user contact], delay: 10m}, {notify: [user contact], delay: 10m}",
        19,
        "one level",
    ),
    "canary that is repeated": ("delay: 10m}]", "delay: 10m}], repeat: 1", 19, "not repeated"),
    "canary in a hurry": ("delay: 10m", "delay: 4m", 19, "wait at least 5m"),
    "canary for the catch-all": (
        "users: [bob]",
        "users: [bob, contact]",
        19,
        '"contact" is paged for other things too',
    ),
    "canary for who is on call": ("users: [alice]", "users: [alice, contact]", 19, "a contact of its own"),
    "canary for a level of others": ("[schedule primary]", "[schedule primary, user contact]", 19, "of its own"),
    "canary of a service of others": ("integration: canary", "integration: alerts", 19, "one level that names a user"),
}


def config(tmp_path: Path, text: str = GOOD) -> Config:
    file = tmp_path / "team.yaml"
    file.write_text(text)
    return load(file)


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_is_one_line_that_says_how_to_put_it_right(tmp_path: Path, name: str) -> None:
    before, after, line, fragment = BROKEN[name]
    assert GOOD.count(before) == 1
    with pytest.raises(Mistakes) as caught:
        config(tmp_path, GOOD.replace(before, after))
    [mistake] = caught.value.mistakes
    assert mistake.line == line
    assert fragment in mistake.sentence


def test_a_monitor_has_its_interval_and_its_title(tmp_path: Path) -> None:
    backup = config(tmp_path).integrations["backup"]
    assert (backup.source, backup.every, backup.title) == ("heartbeat", timedelta(minutes=5), "Nightly backup")


def test_a_title_may_be_left_out(tmp_path: Path) -> None:
    assert config(tmp_path, GOOD.replace(", title: Nightly backup", "")).integrations["backup"].title == ""


def test_the_canary_is_what_the_file_says(tmp_path: Path) -> None:
    assert config(tmp_path).canary == Canary("canary", timedelta(minutes=10), answers=True)


def test_a_team_without_a_canary_has_none(tmp_path: Path) -> None:
    assert config(tmp_path, GOOD[: GOOD.index("canary: {integration")]).canary is None


def test_the_functions_read_what_was_applied(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "tocsin.sqlite")
    snapshot.apply(store, config(tmp_path), "test", now())
    assert Current(store.get).config(now()) == config(tmp_path)
    store.close()

"""A field that nobody asked for decides nothing: refused in the configuration, without effect at every door."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.cli.configfile import load
from infra.cli.marked import Mistakes
from tests.cli.broken import GOOD as TEAM
from tests.cli.test_ruling import RULES
from tests.hostile.doors import GOOD, PATHS, Doors, Request, signed, text
from tests.test_architecture import ROOT

DEMO = (ROOT / "infra" / "local" / "demo.yaml").read_text()
MORE = """
teams: {web: {users: [alice, bob]}}
maintenance: [{name: move, services: [checkout], start: 2026-12-01 22:00, end: 2026-12-02 02:00}]
budget: {month: 50, text: 0.012, call: 0.02}
"""
FILES = {"everything": TEAM + RULES + MORE, "the demo": DEMO}
FOREIGN = (
    "tenant_id", "tenant", "role", "is_admin", "state", "status", "id", "version", "generation", "episode",
    "answered_by", "verified_at", "opted_out", "expires_at", "hash", "__class__", "constructor", "$where",
)  # fmt: skip
FREE = {"options"}
"""Holds what a source understands: which names, the source says."""

Where = tuple[str | int, ...]


def mappings(value: Any, where: Where = ()) -> Iterator[Where]:
    """Gives the way to each mapping of a tree."""
    if isinstance(value, dict):
        yield where
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        if name not in FREE:
            yield from mappings(each, (*where, name))


def at(tree: Any, where: Where) -> Any:
    for step in where:
        tree = tree[step]
    return tree


def tree(file: str) -> Any:
    return yaml.load(FILES[file], Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts of everything


PLACES = [(file, where) for file in FILES for where in mappings(tree(file))]


@pytest.mark.parametrize(("file", "where"), PLACES, ids=str)
def test_no_part_of_the_configuration_takes_one(tmp_path: Path, file: str, where: Where) -> None:
    (tmp_path / "team.yaml").write_text(FILES[file])
    load(tmp_path / "team.yaml")
    for field in FOREIGN:
        changed = tree(file)
        at(changed, where)[field] = "admin"
        (tmp_path / "team.yaml").write_text(yaml.safe_dump(changed, sort_keys=False))
        with pytest.raises(Mistakes) as caught:
            load(tmp_path / "team.yaml")
        assert any(field in one.sentence for one in caught.value.mistakes), caught.value.mistakes


def test_every_kind_of_part_is_tried() -> None:
    assert len(PLACES) >= 40
    assert {where[0] for _, where in PLACES if where} >= {
        *("users", "teams", "schedules", "policies", "services", "rules", "maintenance", "catch_all", "budget"),
    }


OURS: dict[str, Any] = {
    **dict.fromkeys(FOREIGN, "admin"),
    "integration": "payments-alertmanager",
    "accepted_at": "2020-01-01T00:00:00Z",
    "levels": [],
    "repeat": 0,
    "suppress": True,
    "is_test": True,
    "shadow": True,
    "paused_until": "2030-01-01T00:00:00Z",
    "firing": [],
    "number": "+19005550100",
    "user": "manager",
    "notify": [],
    "policy": "canary",
    "asked": [],
    "nonce": "n",
}
"""What an event, an incident or a notification has, and no sender may say."""
SAID = {"status", "state", "id"}
"""What a sender may say to the generic source."""


DECIDED = {"action", "dedup_key", "title", "severity"}
BY_CONTENT = {"change", "alertmanager"}
"""Where labels, or all that is said, are what tells one trouble from another."""


@pytest.mark.parametrize("door", GOOD)
def test_no_alert_decides_with_one_what_its_key_decides(doors: Doors, door: str) -> None:
    known = event(doors, door, GOOD[door])
    for where in mappings(GOOD[door]):
        changed = copy.deepcopy(GOOD[door])
        part = at(changed, where)
        part.update({name: value for name, value in OURS.items() if name not in {*part, *SAID}})
        found = event(doors, door, changed)
        assert {**found, "alert": None} == {**known, "alert": None}, where
        assert found["alert"].keys() == known["alert"].keys()
        for name in DECIDED - ({"dedup_key"} if door in BY_CONTENT else set()):
            assert found["alert"].get(name) == known["alert"].get(name), (name, where)


def event(doors: Doors, door: str, body: Any) -> dict[str, Any]:
    """Give the one event that is published of a body, but for what differs each time."""
    said = doors.ask(door, Request(PATHS[door], json.dumps(body).encode()))
    assert said.published == 1, said
    [(raw,)] = doors.queue.execute("SELECT body FROM queue ORDER BY id DESC LIMIT 1").fetchall()
    found: dict[str, Any] = json.loads(raw)
    return {name: value for name, value in found.items() if name not in {"id", "accepted_at"}}


def test_a_text_is_answered_as_if_twilio_had_said_nothing_else(doors: Doors) -> None:
    """Twilio adds parameters when it likes: they are let in, and mean nothing."""
    more = [(name, str(value)) for name, value in OURS.items() if name.isidentifier() and name[0].isalpha()]
    _, code, _ = doors.page()
    stranger = text(f"ack {code}", 2**126 + 1, "+15550100199")
    assert b"Acknowledged" not in doors.ask("sms", signed("/sms", [*stranger, *more])).body
    said = doors.ask("sms", signed("/sms", [*text(f"ack {code}", 2**126 + 2), *more]))
    assert b"Acknowledged" in said.body

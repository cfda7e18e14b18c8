"""The drill: a night is written to a file and goes on somewhere else, where nothing of it is left."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from infra.cli import snapshot
from infra.cli.backup.command import restored
from infra.cli.backup.file import read, write
from infra.cli.backup.gathered import gathered
from tests.stories.cloud import Documents, Queue
from tests.stories.night import Night
from tests.stories.test_ledger import books
from tocsin.current import Current
from tocsin.domain.calendar import Kind, Override
from tocsin.domain.incident import Incident, Status
from tocsin.domain.overrides import Made
from tocsin.domain.phone import path
from tocsin.errors import Malformed


def named(night: Night, title: str) -> Incident:
    return next(one for one in night.incidents() if one.title == title)


@pytest.fixture
def applied(night: Night) -> Night:
    """Give a night whose configuration is stored, with an override."""
    world = night.world
    snapshot.apply(world.store, world.config, "carol", world.now)
    override = Override("manager", world.now, world.now + timedelta(days=1), kind=Kind.COVER, id="cover")
    snapshot.change_overrides(world.store, lambda made: (*made, Made("by-turns", override)), world.now)
    return night


def moves(night: Night, file: Path) -> None:
    """Back up, lose the documents and every task, and restore from the file alone."""
    world = night.world
    write(file, gathered(world.store, world.now), world.now, "olga")
    world.store = Documents()
    world.queue = Queue(lambda: world.now)
    _, found = read(file)
    assert restored(world.store, found) == list(found)
    assert restored(world.store, found) == []


def test_in_the_middle_of_a_night_the_escalation_goes_on_and_nobody_is_paged_twice(
    applied: Night, tmp_path: Path
) -> None:
    applied.alert("checkout is down")
    applied.phone("primary").receives("checkout is down")
    applied.passes(minutes=3)
    applied.phone("primary").rings()
    moves(applied, tmp_path / "backup")
    applied.passes(minutes=1)
    applied.phone("primary").stays_silent()
    applied.phone("secondary").stays_silent()
    applied.passes(minutes=2)
    applied.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")
    applied.passes(hours=1)
    assert applied.is_acknowledged(by="Secondary Person")
    assert books(applied).differences == ()


def test_an_answer_with_the_code_of_before_works(applied: Night, tmp_path: Path) -> None:
    applied.alert("checkout is down")
    phone = applied.phone("primary").receives("checkout is down")
    moves(applied, tmp_path / "backup")
    phone.answers("ack {code}").receives("Acknowledged")
    applied.passes(hours=1)
    assert applied.is_acknowledged(by="Primary Person")
    applied.resolves("checkout is down")
    assert applied.is_resolved()
    assert len(applied.incidents()) == 1


def test_a_call_that_was_due_is_made_and_its_key_counts(applied: Night, tmp_path: Path) -> None:
    applied.alert("checkout is down")
    applied.phone("primary").receives("checkout is down")
    moves(applied, tmp_path / "backup")
    applied.passes(minutes=3)
    applied.phone("primary").rings()
    applied.phone("secondary").stays_silent()
    applied.passes(minutes=3)
    applied.phone("secondary").receives("checkout is down").answers("resolve {code}").receives("Resolved")
    assert applied.is_resolved(by="Secondary Person")


def test_what_was_merged_or_snoozed_stays_so(applied: Night, tmp_path: Path) -> None:
    applied.alert("checkout is down")
    phone = applied.phone("primary").receives("checkout is down")
    first = phone.code
    applied.passes(minutes=2)
    phone.has_had_enough()
    applied.alert("cart is slow")
    applied.passes(minutes=1)
    phone.receives("cart is slow").answers(f"merge {{code}} {first}").receives("Merged")
    phone.answers(f"snooze {first} 1h").receives("Snoozed")
    second = named(applied, "cart is slow")
    moves(applied, tmp_path / "backup")
    assert named(applied, "cart is slow").merged_into == second.merged_into != ""
    applied.passes(minutes=55)
    phone.stays_silent()
    applied.passes(minutes=6)
    phone.receives("checkout is down").answers(f"resolve {first}").receives("Resolved")
    assert named(applied, "checkout is down").status is Status.RESOLVED


def test_an_answer_that_was_taken_before_is_not_taken_again_for_a_later_page(applied: Night, tmp_path: Path) -> None:
    applied.alert("checkout is down")
    applied.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    moves(applied, tmp_path / "backup")
    applied.passes(minutes=2)
    applied.alert("cart is slow")
    applied.passes(minutes=3)
    applied.phone("primary").receives("cart is slow").rings()
    assert named(applied, "cart is slow").status is Status.TRIGGERED
    applied.passes(minutes=2)
    applied.phone("secondary").receives("cart is slow").answers("ack").receives("Acknowledged")


def test_an_alert_that_was_accepted_and_waits_is_routed_there(applied: Night, tmp_path: Path) -> None:
    applied.world.queue.topic_down = True
    applied.alert("checkout is down")
    moves(applied, tmp_path / "backup")
    applied.passes(minutes=2)
    applied.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_the_configuration_holds_there_with_its_overrides(applied: Night, tmp_path: Path) -> None:
    world = applied.world
    before = Current(world.store.get).config(world.now)
    moves(applied, tmp_path / "backup")
    assert Current(world.store.get).config(world.now) == before
    assert [one.override.id for one in snapshot.overrides(world.store)] == ["cover"]
    changed = replace(world.config, retention=timedelta(days=30))
    assert snapshot.apply(world.store, changed, "carol", world.now).version == 2


def test_what_is_known_of_phones_and_monitors_is_known_there(applied: Night, tmp_path: Path) -> None:
    applied.beats()
    applied.alert("checkout is down")
    applied.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    store = applied.world.store
    [(monitor, _)] = store.query("heartbeats")
    paths = (path("+15550100101"), f"heartbeats/{monitor}")
    before = [store.get(one) for one in paths]
    assert all(before)
    moves(applied, tmp_path / "backup")
    assert [applied.world.store.get(one) for one in paths] == before


def test_the_configuration_is_written_last_so_that_nothing_goes_out_before_all_is_there(applied: Night) -> None:
    applied.alert("checkout is down")
    applied.phone("primary").receives("checkout is down")
    kinds = [path.partition("/")[0] for path in gathered(applied.world.store, applied.world.now)]
    assert kinds[-3:] == ["incidents", "versions", "config"]
    assert "config" not in kinds[:-1]


@pytest.mark.parametrize("damage", ["changed", "cut", "without its end", "empty", "another file"])
def test_a_file_that_is_not_whole_is_refused(applied: Night, tmp_path: Path, damage: str) -> None:
    file = tmp_path / "backup"
    write(file, gathered(applied.world.store, applied.world.now), applied.world.now, "olga")
    text = file.read_text()
    lines = text.splitlines(keepends=True)
    file.write_text(
        {
            "changed": text.replace("+15550100101", "+15550100109"),
            "cut": "".join([*lines[:2], *lines[3:]]),
            "without its end": "".join(lines[:-1]),
            "empty": "",
            "another file": "users: {}\nteams: {}\n",
        }[damage]
    )
    with pytest.raises(Malformed, match=r"is no backup|was changed or cut"):
        read(file)


def test_a_file_of_a_newer_version_is_left_to_that_version(applied: Night, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    write(file, gathered(applied.world.store, applied.world.now), applied.world.now, "olga")
    head, *rest = file.read_text().splitlines(keepends=True)
    newer = json.loads(head)
    newer["schema"]["Incident"] += 1
    file.write_text("".join([json.dumps(newer) + "\n", *rest]))
    with pytest.raises(Malformed, match="made by a newer Tocsin"):
        read(file)

"""What an entry of the audit says of who did what, and what changed by it."""

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from tests.domain.examples import MINUTE, NOW, config, incident
from tocsin.domain.audit import LONGEST, Entry, Kind, action, entry
from tocsin.domain.escalation import page_next
from tocsin.domain.incident import acknowledge, joined, note, snooze
from tocsin.domain.orders import Said

SAID = Said("Ada Adams", "by text", NOW, "ada", organisation="Shop", login="olga")
OPEN = page_next(incident(), config(), NOW)


def test_an_entry_says_who_it_was_through_which_door_and_when() -> None:
    made = entry(Kind.DENIED, "asked", "keys/1", SAID, NOW)
    assert made == Entry(NOW, Kind.DENIED, "asked", "keys/1", "Ada Adams", "ada", "Shop", "by text", "olga")
    assert (made.before, made.after, made.count) == ({}, {}, 1)
    assert (made.seq, made.prev, made.prev_expires_at, made.hash, made.expires_at) == (0, "", None, "", None)


def test_an_action_tells_the_lines_it_added_and_the_fields_it_changed() -> None:
    told = action(SAID, OPEN, acknowledge(OPEN, "Ada Adams", NOW, "by text"), NOW + MINUTE)
    assert (told.at, told.kind, told.what, told.about) == (NOW + MINUTE, Kind.ACTION, "acknowledged", "incidents/i1")
    assert told.before == {"status": "triggered", "answered_by": ""}
    assert told.after == {"status": "acknowledged", "answered_by": "Ada Adams", "said": told.after["said"]}
    assert "Ada Adams" in told.after["said"]


def test_of_several_lines_each_is_told_and_those_of_before_are_not() -> None:
    twice = note(note(OPEN, "Ada", "first", NOW), "Ada", "second", NOW)
    told = action(SAID, OPEN, twice, NOW)
    assert told.what == "note, note"
    assert told.after["said"].index("first") < told.after["said"].index("; ") < told.after["said"].index("second")
    assert action(SAID, OPEN, replace(OPEN, priority="P1"), NOW).what == "changed"


def test_times_and_those_who_were_asked_are_told_as_they_are_read() -> None:
    asked = replace(OPEN, asked=("ada", "bram"))
    told = action(
        SAID, asked, snooze(joined(asked, "ada", "Ada", NOW, "by text"), "Ada", NOW + MINUTE, NOW, "by text"), NOW
    )
    assert (told.before["asked"], told.after["asked"]) == ("ada, bram", "bram")
    assert (told.before["snoozed_until"], told.after["snoozed_until"]) == ("", f"{NOW + MINUTE:%Y-%m-%d %H:%M:%S} UTC")


@pytest.mark.parametrize(
    "name",
    ["status", "urgency", "priority", "level", "answered_by", "snoozed_until", "asked", "passed_to", "merged_into"],
)
def test_whatever_an_order_can_change_is_told_from_what_to_what(name: str) -> None:
    other: dict[str, Any] = {name: "another"}
    changed = replace(OPEN, **other)
    told = action(SAID, OPEN, changed, NOW)
    assert set(told.before) == {name}
    assert (told.after[name], told.after["said"]) == ("another", "")


def test_a_long_value_is_cut() -> None:
    told = action(SAID, OPEN, replace(OPEN, priority="x" * LONGEST + "y"), NOW)
    assert told.after["priority"] == "x" * LONGEST
    assert LONGEST == 500


def test_the_name_is_that_of_the_instant_in_whatever_zone_it_is_told() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    assert entry(Kind.ACCESS, "a", "b", SAID, there).id == entry(Kind.ACCESS, "a", "b", SAID, NOW).id
    before = entry(Kind.ACCESS, "a", "b", SAID, NOW, {"one": "1", "two": "2"})
    assert before.id == entry(Kind.ACCESS, "a", "b", SAID, NOW, {"two": "2", "one": "1"}).id


def test_the_names_of_entries_that_were_written_stay_what_they_were() -> None:
    """A chain is a chain of these: another spelling of the same entry would break every one that is kept."""
    made = entry(Kind.ACTION, "acknowledged", "incidents/i1", SAID, NOW, {"status": "triggered"}, {"said": "ünder"})
    assert made.id == "d077ca31a0cd661dedb9ef375422200d3142dedecd66cece14d1aaf2da348e41"

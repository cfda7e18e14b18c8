"""Whatever is done to one entry of the chain is found, and the entry is named."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.domain.examples import HOUR, MINUTE, NOW, config, incident
from tocsin.domain.audit import LONGEST, Entry, Kind, action, entry, organisation
from tocsin.domain.chain import LATE, Flaw, Head, link, sealed, verify
from tocsin.domain.config import Team
from tocsin.domain.incident import note
from tocsin.domain.orders import Said

SAID = Said("Ada", "by text", NOW, "ada", organisation="Shop", login="olga")
NUMBER = 8
KEPT = 400 * 24 * HOUR


def written(number: int, **changes: Any) -> Entry:
    made = entry(
        Kind.ACTION, f"act {number}", f"incidents/{number}", SAID, NOW + number * MINUTE, {"a": "b"}, {"a": "c"}
    )
    return replace(made, expires_at=made.at + KEPT, **changes)


def chain(number: int = NUMBER) -> tuple[dict[str, Entry], Head]:
    """Give a chain that was sealed in three times."""
    entries, head = {one.id: one for one in map(written, range(number))}, Head()
    done: dict[str, Entry] = {}
    names = list(entries)
    for part in (names[:3], names[3:4], names[4:]):
        placed, head = sealed({name: entries[name] for name in part}, head)
        done |= placed
    return done, head


def found(entries: Mapping[str, Entry], head: Head, **more: Any) -> list[str]:
    return [flaw.entry for flaw in verify(entries, head, NOW + HOUR, **more)]


def test_a_chain_nobody_touched_is_whole_in_whatever_order_it_is_read() -> None:
    entries, head = chain()
    assert [one.seq for one in entries.values()] == list(range(1, NUMBER + 1))
    assert found(entries, head) == found(dict(reversed(entries.items())), head) == []
    assert found({}, Head()) == []


@pytest.mark.parametrize("name", [each.name for each in fields(Entry)])
@pytest.mark.parametrize("number", range(NUMBER))
def test_a_change_of_any_field_of_any_entry_names_it(name: str, number: int) -> None:
    entries, head = chain()
    identity, one = list(entries.items())[number]
    value = getattr(one, name)
    other: Any = {"a": "z"} if isinstance(value, Mapping) else "forged"
    other = value + 1 if isinstance(value, int) else other
    if name in {"at", "expires_at", "prev_expires_at"}:
        other = (value or NOW) + MINUTE
    entries[identity] = replace(one, **{name: other})
    assert identity in found(entries, head)


@pytest.mark.parametrize("number", range(NUMBER))
def test_the_removal_of_any_entry_says_which_place_is_empty(number: int) -> None:
    entries, head = chain()
    identity = list(entries)[number]
    del entries[identity]
    [flaw] = verify(entries, head, NOW + HOUR)
    assert flaw.sentence.startswith(f"entry {number + 1} is missing")


@pytest.mark.parametrize("seq", range(NUMBER + 2))
def test_an_entry_that_was_put_in_anywhere_is_named(seq: int) -> None:
    entries, head = chain()
    before = next((one.hash for one in entries.values() if one.seq == seq - 1), "")
    forged = written(99, seq=seq, prev=before, at=NOW)
    forged = replace(forged, hash=link(forged.id, forged)) if seq else forged
    assert forged.id in found(entries | {forged.id: forged}, head)


@pytest.mark.parametrize("number", range(NUMBER))
def test_one_that_takes_the_place_of_another_is_betrayed_by_the_next_or_by_the_head(number: int) -> None:
    entries, head = chain()
    identity, one = list(entries.items())[number]
    forged = replace(one, by="Mallory")
    forged = replace(forged, hash=link(forged.id, forged))
    del entries[identity]
    entries[forged.id] = forged
    following = next((name for name, each in entries.items() if each.seq == number + 2), forged.id)
    assert found(entries, head) == [following]


@pytest.mark.parametrize("first", range(NUMBER - 1))
def test_two_that_changed_places_are_named(first: int) -> None:
    entries, head = chain()
    (one, a), (other, b) = list(entries.items())[first : first + 2]
    place = ("seq", "prev", "prev_expires_at", "hash")
    entries[one] = replace(a, **{name: getattr(b, name) for name in place})
    entries[other] = replace(b, **{name: getattr(a, name) for name in place})
    assert {one, other} <= set(found(entries, head))


@pytest.mark.parametrize("kept", range(NUMBER))
def test_a_tail_that_was_cut_off_is_missed_even_where_the_head_was_moved_back_by_whoever_knows_a_logged_one(
    kept: int,
) -> None:
    entries, head = chain()
    left = {name: one for name, one in entries.items() if one.seq <= kept}
    assert verify(left, head, NOW + HOUR)[0].sentence.endswith("missing at the end")
    ends = next((Head(one.seq, one.hash, one.expires_at) for one in left.values() if one.seq == kept), Head())
    assert found(left, ends) == []
    assert verify(left, ends, NOW + HOUR, head.hash) == (
        Flaw("", f"the chain does not hold {head.hash}, which was its head: it was rebuilt or cut"),
    )


def test_what_waits_for_its_seal_has_some_minutes() -> None:
    entries, head = chain()
    fresh = written(60)
    assert found(entries | {fresh.id: fresh}, head) == []
    assert 10 * MINUTE == LATE
    [flaw] = verify(entries | {fresh.id: fresh}, head, fresh.at + LATE)
    told = 'the entry ("act 60" of 2026-11-21 03:14:00 UTC) was not sealed: no sweep comes, or it is newer than it says'
    assert flaw == Flaw(fresh.id, told)


def test_what_is_sealed_together_stands_in_the_order_of_its_times_and_then_of_its_names() -> None:
    same = [written(3, what=f"act {number}") for number in range(5)]
    placed, _ = sealed({one.id: one for one in (*same, written(2), written(1))}, Head())
    in_order = sorted(placed.values(), key=lambda one: one.seq)
    assert [one.what for one in in_order[:2]] == ["act 1", "act 2"]
    assert [one.id for one in in_order[2:]] == sorted(one.id for one in same)


def test_the_hash_of_a_place_is_what_it_always_was() -> None:
    """Chains are kept for a year and longer: computed otherwise, all of them would look forged."""
    first = link("a", written(1, seq=1))
    second = written(2, seq=2, prev=first, prev_expires_at=NOW.astimezone(ZoneInfo("Asia/Tokyo")))
    assert first == "5fb2b2eeb634fa858d65fd83f55abb2925589f11c301d5376a28f38e891b73b3"
    assert link("b", second) == "3e66a596b83277803a532c0b8ac1bde29d13217580e2fddab2703745712f2336"


def test_two_entries_in_one_place_are_told_as_that() -> None:
    entries, head = chain()
    forged = written(99, seq=4, prev=next(one.prev for one in entries.values() if one.seq == 4))
    forged = replace(forged, hash=link(forged.id, forged))
    said = [flaw.sentence for flaw in verify(entries | {forged.id: forged}, head, NOW + HOUR)]
    assert 'entry 4 ("act 99" of 2026-11-21 03:53:00 UTC) was inserted: its place is taken' in said


def test_the_oldest_may_go_when_their_time_is_over_and_no_others() -> None:
    entries, head = chain()
    left = {name: one for name, one in entries.items() if one.seq > 3}
    last = next(one for one in entries.values() if one.seq == 3)
    assert last.expires_at
    assert [flaw.sentence[:25] for flaw in verify(left, head, last.expires_at - MINUTE)] == [
        "entries 1 to 3 are missin"
    ]
    assert verify(left, head, last.expires_at) == ()


def test_a_long_note_is_kept_whole_and_nothing_longer() -> None:
    before = incident()
    told = action(SAID, before, note(before, "Ada", "x" * 2 * LONGEST, NOW), NOW)
    assert len(told.after["said"]) == LONGEST
    assert (told.what, told.before) == ("note", {})


def test_whose_somebody_is_is_said_of_them_or_of_their_team() -> None:
    known = config(
        teams={"web": Team("web", ("ada", "bram"), "Agency"), "shop": Team("shop", ("bram", "carla"), "Shop")}
    )
    users = {**known.users, "ada": replace(known.users["ada"], organisation="Hosting")}
    known = replace(known, users=users)
    assert [organisation(known, one) for one in ("ada", "bram", "carla", "dana", "nobody")] == [
        *("Hosting", "Agency", "Shop", "", ""),
    ]


def test_the_name_of_an_entry_is_what_it_says_and_not_where_it_stands() -> None:
    one = written(1)
    assert replace(one, seq=7, prev="x", hash="y", prev_expires_at=NOW).id == one.id
    assert replace(one, at=one.at + timedelta(microseconds=1)).id != one.id

"""What means something else there is carried over by its meaning, or said to be different."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from infra.cli.importing.export import saved
from infra.cli.importing.move import LONGEST, Names
from infra.cli.importing.railszones import RAILS
from infra.cli.importing.times import instant, span, wall
from infra.cli.importing.turns import last_hand_off
from tests.cli.moving import EXPORTS, moved, parsed, told
from tocsin.domain.keys import digest

WEEK = timedelta(weeks=1)


def imported(product: str, path: str, number: int = 0, **changed: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Import a recorded export of which one object is changed."""
    export = saved(EXPORTS / product)
    export.answers[path][number].update(changed)
    text, entries = moved(product, export)
    return parsed(text), entries


def test_the_layer_that_pagerduty_lists_first_wins_and_so_stands_last() -> None:
    file, _ = imported("pagerduty", "users")
    layers = file["schedules"]["shop-everybody"]["layers"]
    assert [each["name"] for each in layers] == ["Always", "Nights", "Office hours", "Weekend"]


def test_pagerdutys_delays_are_those_of_the_levels_to_the_minute() -> None:
    file, _ = imported("pagerduty", "users")
    assert [each["delay"] for each in file["policies"]["shop"]["levels"]] == ["7m", "30m", "90m"]
    assert file["policies"]["shop"]["repeat"] == "2"


def test_opsgenies_delays_since_the_beginning_become_delays_since_the_level_before() -> None:
    file, _ = imported("opsgenie", "users")
    levels = file["policies"]["platform-escalation"]["levels"]
    assert [each["delay"] for each in levels] == ["7m", "15m", "13m"]  # 0, 7 and 22 minutes, again after 13
    assert levels[1]["notify"] == ["schedule two-at-once", "schedule two-at-once-2", "user anna-schmidt"]


def test_a_pagerduty_layer_that_begins_later_keeps_its_turn() -> None:
    """Office hours turn daily from 5 January, Sam first: 1 April is 86 turns on, so that Sam is first there too."""
    file, entries = imported("pagerduty", "users")
    office = file["schedules"]["shop-everybody"]["layers"][2]
    assert (office["users"], office["start"]) == (["sam-lee-psam001", "alice-martin"], "2026-04-01 09:00")
    assert not [why for why in told(entries, "different", "shop-everybody") if "Office" in why]


def test_a_pagerduty_layer_that_begins_within_a_turn_says_so() -> None:
    export = saved(EXPORTS / "pagerduty")
    export.answers["schedules"][1]["schedule_layers"][1]["start"] = "2026-04-02T12:00:00+01:00"
    text, entries = moved("pagerduty", export)
    office = parsed(text)["schedules"]["shop-everybody"]["layers"][2]
    assert (office["users"], office["start"]) == (["alice-martin", "sam-lee-psam001"], "2026-04-02 09:00")
    assert any("not on 2026-04-02 12:00:00" in why for why in told(entries, "different", "shop-everybody"))


def test_a_lone_layer_that_has_yet_to_begin_has_nobody_before_as_there() -> None:
    export = saved(EXPORTS / "pagerduty")
    layer = export.answers["schedules"][0]["schedule_layers"][0]
    layer["start"] = layer["rotation_virtual_start"] = "2026-06-01T09:00:00+01:00"
    schedule = parsed(moved("pagerduty", export)[0])["schedules"]["shop-primary"]
    assert [each["start"] for each in schedule["layers"]] == ["2026-06-01 09:00"]
    assert "rotation" not in schedule


def whose(users: tuple[str, ...], start: datetime, turn: timedelta, at: datetime) -> str:
    """Name whose turn it is, by counting."""
    return users[(at - start) // turn % len(users)]


@settings(deadline=None)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001 - wall-clock times
    st.sampled_from([timedelta(hours=12), timedelta(days=1), WEEK, 2 * WEEK]),
    st.integers(1, 4),
    st.timedeltas(timedelta(days=-900), timedelta(days=900)),
    st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata"]),
)
def test_a_rotation_goes_on_from_another_hand_off_with_the_same_people(
    start: datetime, turn: timedelta, number: int, later: timedelta, zone: str
) -> None:
    users = tuple("abcd"[:number])
    counted_from = instant(start, zone)
    assume(wall(counted_from, zone) == start)
    phase = last_hand_off(counted_from, turn, users, counted_from + later, zone)
    before = wall(counted_from + later, zone) - phase.start
    assert timedelta(0) <= before < turn
    for by in range(-3, 4):
        at = phase.start + by * turn + turn / 2
        assert whose(phase.users, phase.start, turn, at) == whose(users, start, turn, at)


def test_turns_that_keep_no_time_of_day_are_counted_in_elapsed_time() -> None:
    counted_from = datetime(2026, 3, 28, 12, tzinfo=UTC)
    phase = last_hand_off(
        counted_from, timedelta(hours=36), ("a", "b"), counted_from + timedelta(hours=37), "Europe/London"
    )
    assert (phase.start, phase.users) == (datetime(2026, 3, 30, 1), ("b", "a"))  # noqa: DTZ001 - the clock went forward


@pytest.mark.parametrize(
    ("rule", "urgency"),
    [
        ({"type": "constant", "urgency": "high"}, "high"),
        ({"type": "constant", "urgency": "low"}, "low"),
        ({"type": "constant", "urgency": "severity_based"}, "by_severity"),
    ],
)
def test_pagerdutys_urgencies_have_a_word_here(rule: dict[str, Any], urgency: str) -> None:
    file, entries = imported("pagerduty", "services", 1, incident_urgency_rule=rule, support_hours=None)
    assert file["services"]["search"]["urgency"] == urgency
    assert not told(entries, "decide", "search")


@pytest.mark.parametrize(("key", "is_kept"), [("a" * 32, True), ("a" * 20, True), ("short", False), (None, False)])
def test_a_key_is_kept_where_it_can_be_and_a_new_one_is_reported(key: str | None, *, is_kept: bool) -> None:
    door = {"id": "I", "type": "events_api_v2_inbound_integration", "name": "Events", "integration_key": key}
    file, entries = imported("pagerduty", "services", 1, integrations=[door])
    written = file["services"]["search"]["integrations"]["search-events"]["key"]
    assert (written == f"sha256:{digest(key or '')}") is is_kept
    said = told(entries, "different", "search")
    assert any("has a new key" in why for why in said) is not is_kept
    assert any("shown only here: new-key-" in why for why in said) is not is_kept
    assert written.startswith("sha256:")


def test_a_key_that_stands_twice_is_kept_once() -> None:
    export = saved(EXPORTS / "pagerduty")
    services = export.answers["services"]
    services[1]["integrations"][0]["integration_key"] = services[0]["integrations"][0]["integration_key"]
    text, entries = moved("pagerduty", export)
    assert "0123456789abcdef0123456789abcdef" not in text
    assert text.count(digest("0123456789abcdef0123456789abcdef")) == 1
    assert any("its key cannot be kept" in why for why in told(entries, "different", "search"))


def test_a_rotation_with_somebody_unknown_is_left_out_and_never_shortened() -> None:
    export = saved(EXPORTS / "pagerduty")
    export.answers["schedules"][0]["schedule_layers"][0]["users"][1]["user"]["id"] = "PNOBODY"
    text, entries = moved("pagerduty", export)
    assert "shop-primary" not in parsed(text)["schedules"]
    assert "names the user PNOBODY, who is not in the export" in told(entries, "decide", "shop-primary")


@pytest.mark.parametrize(
    ("changed", "fragment"),
    [
        ({"frequency": "daily", "interval": 3, "duration": 86400, "by_day": None}, "leaves a part of each turn empty"),
        ({"frequency": "weekly", "interval": 2, "duration": 28800, "by_day": ["MO"]}, "some days of some weeks"),
        ({"frequency": "daily", "interval": 1, "duration": 90000, "by_day": None}, "two turns overlap"),
        ({"frequency": "monthly", "interval": 1, "duration": 86400}, "comes back by the month"),
        ({"frequency": "daily", "interval": 1, "duration": 3601, "by_day": None}, "its hours are to the second"),
    ],
)
def test_a_shift_of_oncall_that_the_file_cannot_say_is_a_decision(changed: dict[str, Any], fragment: str) -> None:
    file, entries = imported("grafana-oncall", "on_call_shifts", 1, **changed)
    assert any(fragment in why for why in told(entries, "decide", "deep"))
    assert "Office" not in [layer["name"] for layer in file["schedules"]["deep"].get("layers", [])]


def test_a_team_without_members_is_no_target_of_a_policy() -> None:
    export = saved(EXPORTS / "grafana-oncall")
    for user in export.answers["users"]:
        user["teams"] = None
    text, entries = moved("grafana-oncall", export)
    file = parsed(text)
    assert "teams" not in file
    assert file["policies"]["quiet"]["levels"] == [{"notify": ["user astrid"], "delay": "30m"}]
    assert "pages the team ops, which has no members in the export" in told(entries, "decide", "quiet")


def test_a_schedule_of_pagerdutys_newer_kind_is_a_decision() -> None:
    reference = {"id": "SNEW", "type": "schedule_v3_reference", "summary": "New kind"}
    export = saved(EXPORTS / "pagerduty")
    export.answers["schedules"].append(reference)
    _, entries = moved("pagerduty", export)
    assert "it is a schedule of the newer kind" in told(entries, "decide", "new-kind")[0]


def test_a_user_whom_nothing_pages_and_who_has_no_phone_is_left_out() -> None:
    file, entries = imported("pagerduty", "users")
    assert "vera-viewer" not in file["users"]
    assert told(entries, "left_out", "vera-viewer") == ["has no phone, and nothing would page this user"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.uuids().map(str), st.text(max_size=80)), unique_by=lambda pair: pair[0], max_size=12))
def test_names_are_unique_and_can_stand_in_the_file(titles: list[tuple[str, str]]) -> None:
    names, turned = Names(), Names()
    names.give("user", titles)
    turned.give("user", reversed(titles))
    given_ = [names.of("user", identity) or "" for identity, _ in titles]
    assert len(set(given_)) == len(given_)
    assert all(0 < len(name) <= LONGEST and name[0] not in "-_" and name.isascii() for name in given_)
    assert given_ == [turned.of("user", identity) for identity, _ in titles]


@settings(deadline=None)
@given(st.integers(1, 10_000_000))
def test_a_length_is_written_exactly(seconds: int) -> None:
    written = span(timedelta(seconds=seconds))
    size = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[written[-1]]
    assert int(written[:-1]) * size == seconds


def test_every_zone_of_rails_is_one_of_the_iana() -> None:
    assert set(RAILS.values()) <= available_timezones()

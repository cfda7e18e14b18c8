"""A plan says what changes: in the configuration, on the wall of each schedule, and for the pages of last month."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.cli.configfile import load
from infra.cli.planning import told
from infra.cli.planning.plan import between
from infra.cli.planning.repaged import repaged
from infra.cli.planning.shifted import alone, shifted
from infra.cli.rehearsal import Silent
from tests.cli.broken import GOOD
from tests.cli.test_calendar import OFFICE, ROTATION
from tests.cli.test_oncall import apply, tocsin
from tocsin import desk
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.calendar import Hours, Layer, Override, Schedule
from tocsin.domain.config import CatchAll, Config, Level, Policy, Service, Target, TargetKind, User
from tocsin.domain.people import choose
from tocsin.domain.schedule import on_call
from tocsin.escalate import Timer, escalate
from tocsin.moment import Moment
from tocsin.route import route

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEB = "teams: {web: {users: [alice, bob]}}\n"
OVERRIDE = "{user: bob, start: 2026-07-01 18:00, end: 2026-07-02 09:00}"


@pytest.fixture
def team(tmp_path: Path) -> Path:
    return tmp_path / "team.yaml"


def said(team: Path, before: str, after: str) -> list[str]:
    """Plan one text against another and give the lines."""
    configs = []
    for text in (before, after):
        team.write_text(text)
        configs.append(load(team))
    plan = between(configs[0], configs[1], NOW, "version 7")
    return click.unstyle(told.text(told.values(plan))).splitlines()


def test_a_configuration_against_itself_changes_nothing(team: Path) -> None:
    assert said(team, GOOD, "# another comment\n" + GOOD) == ["nothing changes against version 7"]


def test_who_is_on_call_is_told_interval_by_interval_on_the_wall_of_the_schedule(team: Path) -> None:
    taken = "{user: alice, start: 2026-07-07 02:00, end: 2026-07-07 09:00}"
    swapped = GOOD.replace(OVERRIDE, taken).replace("turn: 1w, start: 2026-01-05", "turn: 1w, start: 2025-12-29")
    lines = said(team, GOOD, swapped)
    assert lines[lines.index("  primary (Europe/London)") :] == [
        "  primary (Europe/London)",
        "    Wed 2026-07-01 13:00 to Mon 2026-07-06 09:00: Alice Martin instead of Bob Okafor",
        "    Mon 2026-07-06 09:00 to Tue 2026-07-07 02:00: Bob Okafor instead of Alice Martin",
        "    Tue 2026-07-07 09:00 to Mon 2026-07-13 09:00: Bob Okafor instead of Alice Martin",
        "    Mon 2026-07-13 09:00 to Wed 2026-07-15 13:00: Alice Martin instead of Bob Okafor",
    ]


def test_an_override_of_one_night_is_one_line_with_its_day_once(team: Path) -> None:
    night = f"{OVERRIDE}\n      - {{user: alice, start: 2026-07-07 02:00, end: 2026-07-07 09:00}}"
    before = GOOD.replace("[alice, bob], turn", "[bob], turn")
    assert said(team, before, before.replace(OVERRIDE, night))[2:] == [
        "On call in the next 14 days:",
        "  primary (Europe/London)",
        "    Tue 2026-07-07 02:00 to 09:00: Alice Martin instead of Bob Okafor",
    ]


def test_what_is_added_removed_and_changed_is_named(team: Path) -> None:
    after = (
        GOOD.replace("delay: 5m", "delay: 90s")
        .replace("    urgency: high\n", "")
        .replace("cccccccccccccccccccccccc", "dddddddddddddddddddddddd")
        .replace(
            "  bob: {name",
            "  carol: {name: Carol, phone: '+15550100103', notify: {high: [sms], low: [sms]}}\n  bob: {name",
        )
        .replace("catch_all:", "  search: {name: Search, policy: shop}\ncatch_all:")
    )
    assert said(team, GOOD, after)[1:] == [
        "  + user carol",
        "  ~ policy shop: levels[1].delay from 5m to 90s",
        "  ~ service checkout: urgency from high to by_severity",
        "  + service search",
        "  ~ integration checkout-any: the keys change",
    ]
    assert "  - service search" in said(team, after, GOOD)


def test_whom_a_level_pages_instead_is_told_where_it_names_others(team: Path) -> None:
    rotation = "rotation: {users: [bob, alice], turn: 1w, start: 2026-01-05 09:00}"
    two = GOOD.replace("policies:\n", f"  second:\n    time_zone: UTC\n    {rotation}\npolicies:\n")
    other = two.replace("[schedule primary]", "[schedule second]").replace("[user bob]", "[team web]") + WEB
    lines = said(team, two, other)
    at = lines.index("Paged in the next 14 days, where a level names others (UTC):")
    assert lines[at + 1 :] == [
        "  checkout, level 1",
        "    Wed 2026-07-01 12:00 to Mon 2026-07-06 08:00: Alice Martin instead of Bob Okafor",
        "    Mon 2026-07-06 09:00 to Mon 2026-07-13 08:00: Bob Okafor instead of Alice Martin",
        "    Mon 2026-07-13 09:00 to Wed 2026-07-15 12:00: Alice Martin instead of Bob Okafor",
        "  checkout, level 2",
        "    Wed 2026-07-01 12:00 to Wed 2026-07-15 12:00: Alice Martin, Bob Okafor instead of Bob Okafor",
    ], "from 08:00 to 09:00 UTC on Mondays both have the same person"


def test_a_schedule_that_is_only_called_otherwise_pages_nobody_else(team: Path) -> None:
    renamed = GOOD.replace("  primary:\n", "  first:\n").replace("[schedule primary]", "[schedule first]")
    lines = said(team, GOOD, renamed)
    assert "  + schedule first" in lines
    assert not any("instead of" in line for line in lines)


def test_a_level_that_goes_pages_nobody_instead(team: Path) -> None:
    lines = said(team, GOOD, GOOD.replace("      - {notify: [user bob], delay: 10m}\n", ""))
    assert lines[-2:] == [
        "  checkout, level 2",
        "    Wed 2026-07-01 12:00 to Wed 2026-07-15 12:00: nobody instead of Bob Okafor",
    ]


def test_gaps_appear_and_vanish(team: Path) -> None:
    office = GOOD.replace(ROTATION, OFFICE).replace(f"      - {OVERRIDE}\n", "").replace("    overrides:\n", "")
    lines = said(team, GOOD, office)
    first = lines.index("10 gaps appear:")
    assert lines[first + 1] == "  primary: Wed 2026-07-01 17:30 to Thu 2026-07-02 09:00 Europe/London"
    assert len(lines) == first + 11
    assert "10 gaps vanish" in said(team, office, GOOD)


def test_a_service_that_only_the_catch_all_answers_for_is_named(team: Path) -> None:
    office = GOOD.replace(ROTATION, OFFICE)
    nobody = office.replace("      - {notify: [user bob], delay: 10m}\n", "")
    assert "Nobody but the catch-all is paged:" not in said(team, GOOD, office), "level 2 has somebody"
    lines = said(team, GOOD, nobody)
    assert "  ~ policy shop: levels without {notify: [user bob], delay: 10m}" in lines
    at = lines.index("Nobody but the catch-all is paged:")
    assert lines[at + 1 : at + 3] == [
        "  for checkout: Wed 2026-07-01 16:30 to 17:00 UTC",
        "  for checkout: Thu 2026-07-02 16:30 to Fri 2026-07-03 08:00 UTC",
    ], "bob has Wednesday night"
    assert "Nobody but the catch-all is paged:" not in said(team, nobody, nobody.replace("5m", "6m")), "no worse"


LAYERS = st.builds(
    Layer,
    users=st.lists(st.sampled_from(["alice", "bob"]), min_size=1, max_size=2).map(tuple),
    turn=st.sampled_from([5 * HOUR, DAY, 3 * DAY]),
    start=st.sampled_from([datetime(2026, 6, 1, 9), datetime(2026, 7, 2, 1)]),  # noqa: DTZ001 - wall clock
    only=st.sampled_from([(), (Hours((0, 2, 4), datetime.min.time(), datetime(2026, 1, 1, 9).time()),)]),  # noqa: DTZ001
)
OVERRIDES = st.builds(
    lambda user, hours, length: Override(user, NOW + hours * HOUR, NOW + (hours + length) * HOUR),
    st.sampled_from(["alice", "carol"]),
    st.integers(-20, 80),
    st.integers(1, 30),
)
SCHEDULES = st.builds(
    Schedule,
    id=st.just("shop"),
    time_zone=st.sampled_from(["UTC", "Asia/Kolkata"]),
    layers=st.lists(LAYERS, min_size=1, max_size=2).map(tuple),
    overrides=st.lists(OVERRIDES, max_size=2).map(tuple),
)
USERS = {name: User(name, name, "+15550100101", {}) for name in ("alice", "bob", "carol")}


def config(schedule: Schedule) -> Config:
    level = Level((Target(TargetKind.SCHEDULE, "shop"),), HOUR)
    services = {"shop": Service("shop", "Shop", "shop")}
    policies = {"shop": Policy("shop", (level,))}
    return Config(CatchAll(("carol",)), USERS, {"shop": schedule}, policies, services, {})


@settings(deadline=None, max_examples=60)
@given(SCHEDULES, SCHEDULES)
def test_at_every_half_hour_the_plan_says_what_the_calendar_says(before: Schedule, after: Schedule) -> None:
    end = NOW + 4 * DAY
    changes = list(shifted(config(before), config(after), NOW, end))
    lonely = list(alone(config(before), config(after), NOW, end))
    for number in range(4 * 48):
        at = NOW + number * HOUR / 2
        was, will = on_call(before, at), on_call(after, at)
        found = [(each.before, each.after) for each in changes if each.start <= at < each.until]
        expected = (was and was.user, will and will.user)
        assert found == ([expected] if expected[0] != expected[1] else [])
        targets = [Target(TargetKind.SCHEDULE, "shop")]
        is_worse = choose(config(before), targets, at) and not choose(config(after), targets, at)
        assert any(each.start <= at < each.until for each in lonely) == bool(is_worse)
    assert all(one.until <= other.start for one, other in pairwise(changes))


def raised(store: EmbeddedStore, found: Config, at: datetime, key: str, severity: Severity = Severity.CRITICAL) -> str:
    """Route an alert at a time, page its first level, and give the incident."""
    ids = iter(f"{number:032x}" for number in range(hash(key) % 1000 * 1000, 10**9))
    moment = Moment(at, found, lambda: next(ids))
    alert = Alert(Action.TRIGGER, key, f"{key} is down", severity)
    route(Event(moment.new_id(), at, "checkout-am", "checkout", alert), store, Silent(), moment)
    [(identity, _)] = store.query("incidents", ("opened_at", "==", at))
    return identity


def test_the_pages_of_last_month_are_decided_again_by_both(team: Path) -> None:
    team.write_text(GOOD)
    before = load(team)
    team.write_text(GOOD.replace(OVERRIDE, OVERRIDE.replace("bob", "alice")))
    after = load(team)
    store = EmbeddedStore(":memory:")
    raised(store, before, NOW - 40 * DAY, "long ago")
    raised(store, before, NOW - DAY, "yesterday")
    night = NOW + 8 * HOUR
    identity = raised(store, before, night, "by night")
    escalate(Timer(identity, 1, 1), store, Silent(), Moment(night + HOUR, before, lambda: "0" * 32))
    found = repaged(store, before, after, NOW - 30 * DAY)
    assert (found.pages, found.cut) == (3, False)
    assert [(each.title, each.page, each.before, each.after) for each in found.moved] == [
        ("by night is down", 1, ("bob",), ("alice",))
    ]
    assert repaged(store, before, before, NOW - 30 * DAY).moved == ()


def test_a_page_after_an_acknowledgement_that_ended_is_one_of_the_first_level_again(team: Path) -> None:
    timed = GOOD.replace("    urgency: high\n", "    urgency: high\n    acknowledgement_timeout: 30m\n")
    team.write_text(timed)
    before, store, at = load(team), EmbeddedStore(":memory:"), NOW - DAY
    identity = raised(store, before, at, "it")
    held = desk.acknowledged(store, identity, "bob", at + HOUR / 60)
    assert held
    escalate(Timer(identity, held.generation, held.level), store, Silent(), Moment(at + HOUR, before, lambda: "0" * 32))
    team.write_text(timed.replace("[schedule primary], delay", "[user alice], delay"))
    found = repaged(store, before, load(team), NOW - 2 * DAY)
    assert [(each.page, each.before, each.after) for each in found.moved] == [
        (1, ("bob",), ("alice",)),
        (2, ("bob",), ("alice",)),
    ]


def test_an_alert_whose_door_leads_elsewhere_goes_to_that_service_and_without_a_door_to_nobody(team: Path) -> None:
    team.write_text(GOOD)
    before, store = load(team), EmbeddedStore(":memory:")
    raised(store, before, NOW - DAY, "a door")
    moved = GOOD[: GOOD.index("      checkout-am")] + GOOD[GOOD.index("      checkout-any") :]
    team.write_text(moved)
    [gone] = repaged(store, before, load(team), NOW - 2 * DAY).moved
    assert (gone.before, gone.after) == (("bob",), ())
    door = "    integrations: {checkout-am: {source: alertmanager, key: aaaaaaaaaaaaaaaaaaaaaaaa}}\n"
    team.write_text(
        moved.replace("catch_all:", f"  search:\n    name: Search\n    policy: alice\n{door}catch_all:").replace(
            "policies:\n", "policies:\n  alice: {levels: [{notify: [user alice], delay: 5m}]}\n"
        )
    )
    [other] = repaged(store, before, load(team), NOW - 2 * DAY).moved
    assert (other.before, other.after) == (("bob",), ("alice",))


def test_plan_exits_with_2_if_something_changes_0_if_nothing_does_and_1_for_mistakes(pager: Path) -> None:
    apply(pager, GOOD)
    team = pager / "team.yaml"
    same = tocsin(pager, "plan", "team.yaml")
    assert (same.returncode, same.stdout) == (0, "nothing changes against version 2\n")
    team.write_text(GOOD.replace("delay: 5m", "delay: 6m"))
    other = tocsin(pager, "plan", "team.yaml", "--output", "json")
    found = json.loads(other.stdout)
    assert (other.returncode, found["changes"], found["against"]) == (2, True, "version 2")
    assert found["differences"] == [
        {
            "section": "policies",
            "name": "shop",
            "what": "changed",
            "path": "levels[1].delay",
            "before": "5m",
            "after": "6m",
        }
    ]
    assert found["repaged"] == {"pages": 0, "moved": [], "cut": False}
    team.write_text(GOOD.replace("delay: 5m", "delay: 6"))
    assert tocsin(pager, "plan", "team.yaml").returncode == 1
    assert tocsin(pager, "plan", "--nonsense").returncode == 1, "wrong usage must not look like a change"


def test_plan_against_a_file_needs_no_pager(tmp_path: Path, pager: Path) -> None:
    (tmp_path / "old.yaml").write_text(GOOD)
    (tmp_path / "new.yaml").write_text(GOOD.replace("repeat: 2", "repeat: 3"))
    (pager / ".tocsin" / "settings.json").unlink()
    result = tocsin(pager, "plan", str(tmp_path / "new.yaml"), "--against", str(tmp_path / "old.yaml"))
    assert (result.returncode, result.stdout.splitlines()[1:]) == (2, ["  ~ policy shop: repeat from 2 to 3"])

"""What a calendar program reads is who is on call: read back by another library, and asked at any instant."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from tests.domain.test_schedule import clock, utc
from tocsin.domain import feed as rules
from tocsin.domain.calendar import ANYBODY, Hours, Kind, Layer, Override, Schedule
from tocsin.domain.config import CatchAll, Config, User
from tocsin.domain.feed import AHEAD, BACK, Feed, Secret
from tocsin.domain.ical import Entry, written
from tocsin.domain.schedule import on_call

NOW = utc("2026-11-22 03:14")
CHANGED = utc("2026-11-20 10:00")
DAY = timedelta(days=1)
HOURS = Hours((0, 1, 2, 3, 4), clock("2026-01-01 09:00").time(), clock("2026-01-01 17:30").time())
START = clock("2026-01-05 09:00")
PLANS = {
    "weekly": (Layer(("alice", "bob", "carol"), timedelta(weeks=1), START),),
    "alone": (Layer(("alice",), timedelta(weeks=1), START),),
    "always": (Layer(("alice",), timedelta(weeks=1), clock("2028-01-03 09:00"), early=True),),
    "split": (
        Layer(("alice", "bob"), timedelta(weeks=8), START),
        Layer(("carol",), timedelta(days=1), START, only=(HOURS,), off=(clock("2026-11-23 00:00").date(),)),
    ),
    "office": (Layer(("bob", "carol"), timedelta(hours=12), START, only=(HOURS,)),),
    "over": (Layer(("alice", "bob"), timedelta(days=1), START, end=clock("2026-12-01 09:00")),),
}
OVERRIDES = (
    Override("carol", utc("2026-11-01 18:00"), utc("2026-11-02 18:00")),
    Override(
        "bob", utc("2026-12-24 18:00"), utc("2026-12-27 06:00"), ANYBODY, Kind.COVER, why="it is, after all; Xmas"
    ),
)


def team(*overrides: Override, zone: str = "Europe/London") -> Config:
    users = {name: User(name, f"{name.title()} Müller, Dr.; \\o/", "+15550100101", {}) for name in NAMES}
    plans = {name: Schedule(name, zone, layers, overrides) for name, layers in PLANS.items()}
    return Config(CatchAll(("carol",)), users, plans, {}, {}, {})


NAMES = ("alice", "bob", "carol")
TEAMS = {zone: team(*OVERRIDES, zone=zone) for zone in ("Europe/London", "America/New_York", "Australia/Lord_Howe")}


def events(text: str) -> list[dict[str, Any]]:
    """Read a feed as a calendar program does."""
    found: list[Any] = Calendar.from_ical(text).walk("VEVENT")
    names = ("uid", "summary", "description")
    return [
        {
            **{name: str(each[name]) for name in names},
            "start": each.start,
            "end": each.end,
            "at": each["last-modified"].dt,
        }
        for each in found
    ]


def schedule_feed(config: Config, plan: str, now: datetime = NOW) -> str:
    return rules.calendar(config, Feed(rules.Kind.SCHEDULE, plan), CHANGED, now)


@pytest.mark.parametrize("plan", PLANS)
@settings(max_examples=60, deadline=None)
@given(zone=st.sampled_from(sorted(TEAMS)), seconds=st.integers(0, int((BACK + AHEAD).total_seconds()) - 1))
def test_a_feed_says_of_any_instant_who_is_on_call(plan: str, zone: str, seconds: int) -> None:
    config = TEAMS[zone]
    at = NOW.replace(hour=0, minute=0) - BACK + timedelta(seconds=seconds)
    said = [each["summary"] for each in read(zone, plan) if each["start"] <= at < each["end"]]
    shift = on_call(config.schedules[plan], at)
    assert said == ([f"{config.users[shift.user].name} on call: {plan}"] if shift else [])


READ: dict[tuple[str, str], list[dict[str, Any]]] = {}


def read(zone: str, plan: str) -> list[dict[str, Any]]:
    if (zone, plan) not in READ:
        READ[zone, plan] = events(schedule_feed(TEAMS[zone], plan))
    return READ[zone, plan]


@pytest.mark.parametrize("user", NAMES)
def test_the_feed_of_a_user_holds_his_shifts_of_every_schedule_and_nobody_elses(user: str) -> None:
    config = TEAMS["Europe/London"]
    his = events(rules.calendar(config, Feed(rules.Kind.USER, user), CHANGED, NOW))
    of_schedules = [each for plan in PLANS for each in read("Europe/London", plan)]
    named = [each for each in of_schedules if each["summary"].startswith(config.users[user].name)]
    assert {each["uid"] for each in his} == {each["uid"] for each in named}
    assert [each["start"] for each in his] == sorted(each["start"] for each in his)
    assert all(each["summary"].startswith("On call: ") for each in his)


@pytest.mark.parametrize("plan", sorted(PLANS.keys() - {"always"}))
@settings(max_examples=25, deadline=None)
@given(days=st.integers(1, 100))
def test_a_shift_is_the_same_event_on_whatever_day_it_is_asked_for(plan: str, days: int) -> None:
    config = TEAMS["Europe/London"]
    today = {each["uid"]: each for each in read("Europe/London", plan)}
    later = {each["uid"]: each for each in events(schedule_feed(config, plan, NOW + days * DAY))}
    edge = NOW.replace(hour=0, minute=0) + AHEAD
    over = NOW.replace(hour=0, minute=0) + days * DAY - BACK
    ours = {uid: each["start"] for uid, each in today.items() if each["end"] > over}
    theirs = {uid: each["start"] for uid, each in later.items() if each["start"] < edge}
    assert ours == theirs
    assert {uid: today[uid]["end"] for uid in ours if today[uid]["end"] < edge} == {
        uid: later[uid]["end"] for uid in ours if today[uid]["end"] < edge
    }


def test_every_event_has_an_id_of_its_own() -> None:
    uids = [each["uid"] for plan in PLANS for each in read("Europe/London", plan)]
    assert len(uids) > 500
    assert len(set(uids)) == len(uids)


def test_a_layer_that_was_always_there_begins_where_the_feed_does() -> None:
    [event] = events(schedule_feed(team(), "always"))
    assert (event["start"], event["end"]) == (utc("2026-10-23 00:00"), utc("2027-05-21 00:00"))


def test_names_reasons_and_times_are_read_as_they_were_written() -> None:
    found = [each for each in read("Europe/London", "weekly") if "cover" in each["description"]]
    assert {each["summary"] for each in found} == {"Bob Müller, Dr.; \\o/ on call: weekly"}
    assert found[0]["description"] == "By cover until 2026-12-27 06:00 Europe/London: it is, after all; Xmas."
    assert {each["at"] for each in found} == {CHANGED}
    head: Any = Calendar.from_ical(schedule_feed(team(), "weekly"))
    assert (str(head["x-wr-calname"]), head["refresh-interval"].dt) == ("On call: weekly", timedelta(hours=1))


@given(
    st.text(max_size=300).map(lambda text: "".join(one for one in text if one.isprintable())),
    st.text(alphabet="äß;,\\n🚨x", max_size=300),
)
@settings(deadline=None)
def test_whatever_a_name_holds_is_folded_escaped_and_read_back(summary: str, description: str) -> None:
    text = written("x", [Entry("1@tocsin", NOW, NOW + DAY, summary, description)], CHANGED, DAY)
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert all(len(line.encode()) <= 75 and "\n" not in line for line in lines)
    [event] = events(text)
    assert (event["summary"], event["description"]) == (summary, description)


def test_a_line_break_in_a_name_is_no_line_of_the_calendar() -> None:
    text = written("x", [Entry("1@tocsin", NOW, NOW + DAY, "a\r\nEND:VEVENT\x07", "b")], CHANGED, DAY)
    [event] = events(text)
    assert event["summary"] == "a\nEND:VEVENT"


def test_every_feed_has_a_key_of_its_own_and_one_can_be_renewed_alone() -> None:
    secret = Secret("0f" * 16)
    feeds = [Feed(kind, name) for kind in rules.Kind for name in ("alice", "bob", "primary")]
    keys = {each: rules.key(secret, each) for each in feeds}
    assert len(set(keys.values())) == len(feeds)
    assert all(len(one) == 32 for one in keys.values())
    renewed = secret.renew(feeds[0])
    assert [each for each in feeds if rules.key(renewed, each) != keys[each]] == [feeds[0]]
    assert not rules.opens(keys[feeds[0]], renewed, feeds[0])
    assert rules.opens(keys[feeds[1]], renewed, feeds[1])
    again = renewed.renew(feeds[0]).renew(feeds[1])
    assert again.renewed == {feeds[0].name: 2, feeds[1].name: 1}
    assert len({rules.key(each, feeds[0]) for each in (secret, renewed, again)}) == 3
    assert {rules.key(Secret("f0" * 16), each) for each in feeds}.isdisjoint(keys.values())


@pytest.mark.parametrize(
    ("kind", "name", "known"),
    [
        (rules.Kind.SCHEDULE, "weekly", True),
        (rules.Kind.USER, "alice", True),
        (rules.Kind.SCHEDULE, "alice", False),
        (rules.Kind.USER, "weekly", False),
    ],
)
def test_a_schedule_is_no_user(kind: rules.Kind, name: str, known: bool) -> None:  # noqa: FBT001
    assert rules.known(team(), Feed(kind, name)) is known


def test_a_key_is_not_its_secret_nor_a_plain_digest_of_the_name() -> None:
    feed = Feed(rules.Kind.USER, "alice")
    assert rules.key(Secret("0f" * 16), feed) not in {hashlib.sha256(b"user/alice/0").hexdigest()[:32], "0f" * 16}


@pytest.mark.parametrize(
    "path", ["", "user/alice", "user/alice/.ics", f"team/alice/{'0' * 32}.ics", f"user/alice/{'0' * 31}.ics",
             f"user/alice/{'0' * 32}", f"user/alice/{'G' * 32}.ics", f"user//{'0' * 32}.ics",
             f"user/a/b/{'0' * 32}.ics", f"user/alice/{'0' * 32}.ics\n", f"user/alice/{'٠' * 32}.ics"],
)  # fmt: skip
def test_what_is_no_path_of_a_feed_names_none(path: str) -> None:
    assert rules.asked_for(path) is None


def test_a_feed_is_where_it_says() -> None:
    secret, feed = Secret("0f" * 16), Feed(rules.Kind.SCHEDULE, "checkout-primary")
    assert rules.asked_for(rules.where(secret, feed)) == (feed, rules.key(secret, feed))


def test_a_day_long_the_feed_is_the_same_to_the_letter() -> None:
    morning, evening = (datetime(2026, 11, 22, hour, 59, tzinfo=UTC) for hour in (0, 23))
    assert schedule_feed(team(), "weekly", morning) == schedule_feed(team(), "weekly", evening)
    assert schedule_feed(team(), "weekly", morning) != schedule_feed(team(), "weekly", evening + DAY)

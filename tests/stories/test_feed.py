"""Who reads a calendar: whoever knows its URL, and nobody else; asked again, it is only sent when it has changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import flask
import pytest
from werkzeug.test import EnvironBuilder

from infra.cli import snapshot
from tests.stories.cloud import Documents
from tocsin import door, feed
from tocsin.current import Current
from tocsin.denials import Denials
from tocsin.domain.calendar import Override
from tocsin.domain.config import Config
from tocsin.domain.feed import PATH, Feed, Kind, Secret, where
from tocsin.domain.overrides import Made
from tocsin.records import to_document

NOW = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
SECRET = Secret("0f" * 16)
SHOP = Feed(Kind.SCHEDULE, "shop")


class Subscriber:
    """A calendar program at the door; time goes on between two questions by more than a configuration is cached."""

    def __init__(self, config: Config) -> None:
        self.store = Documents()
        self.store.spoils(PATH, **to_document(SECRET))
        snapshot.apply(self.store, config, "test", NOW)
        self.current = Current(self.store.get)
        self.now = NOW

        self.denials = Denials(
            lambda path, data: self.store.transact(lambda tx: tx.create(path, data)), lambda: self.now
        )

    def asks(
        self, path: str = where(SECRET, SHOP), tag: str = "", method: str = "GET"
    ) -> tuple[str, int, Mapping[str, str]]:
        self.now += timedelta(seconds=10)
        headers = [("If-None-Match", tag)] if tag else []
        builder = EnvironBuilder(f"/calendar/{path}", method=method, headers=headers)
        asked = flask.Request(builder.get_environ())
        return door.fetched(
            asked, "calendar", lambda below: feed.feed(below, self.store, self.current, self.now), self.denials
        )


@pytest.fixture
def program(team: Config) -> Subscriber:
    return Subscriber(team)


def test_whoever_knows_the_url_gets_the_calendar(program: Subscriber) -> None:
    text, status, headers = program.asks()
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "SUMMARY:Primary Person on call: shop" in text


def test_an_unchanged_calendar_is_not_sent_again_and_a_changed_one_is(program: Subscriber, team: Config) -> None:
    text, _, headers = program.asks()
    for tag in (headers["ETag"], f"W/{headers['ETag']}", f'"other", {headers["ETag"]}', "*"):
        assert program.asks(tag=tag)[:2] == ("", 304)
    assert program.asks(tag='"other"')[1] == 200
    override = Override("secondary", NOW, NOW + timedelta(hours=5))
    snapshot.change_overrides(program.store, lambda made: (*made, Made("shop", override)), NOW + timedelta(hours=1))
    changed, status, _ = program.asks(tag=headers["ETag"])
    assert status == 200
    assert "LAST-MODIFIED:20261122T031400Z" in text
    assert "LAST-MODIFIED:20261122T041400Z" in changed
    assert "SUMMARY:Secondary Person on call: shop" in changed
    snapshot.apply(program.store, replace(team, canary=None, services={}), "test", NOW + timedelta(hours=2))
    assert "LAST-MODIFIED:20261122T051400Z" in program.asks()[0]


STRANGE = {
    "another key": "schedule/shop/" + "0" * 32 + ".ics",
    "the key of a user of that name": where(SECRET, SHOP).replace(SHOP.name, Feed(Kind.USER, "primary").name),
    "a schedule that is not there": where(SECRET, Feed(Kind.SCHEDULE, "nowhere")),
    "somebody who is not there": where(SECRET, Feed(Kind.USER, "nobody")),
    "no key": "schedule/shop",
    "nothing": "",
    "a key cut short": where(SECRET, SHOP)[:-5] + ".ics",
}


@pytest.mark.parametrize("case", STRANGE)
def test_a_stranger_learns_not_even_which_names_there_are(program: Subscriber, case: str) -> None:
    assert program.asks(STRANGE[case])[:2] == ("There is no such calendar.", 404)


def test_whoever_tries_urls_is_counted_and_cannot_make_it_write(program: Subscriber) -> None:
    for _ in range(13):
        program.asks(STRANGE["another key"])  # ten seconds each
    told = [one for _, one in program.store.query("audit", order_by="at") if one["kind"] == "denied"]
    assert [(one["what"], one["about"]) for one in told] == [
        ("a calendar URL that opens nothing", "functions/calendar")
    ] * 3
    assert [one["count"] for one in told] == [1, 6, 6]


def test_before_there_is_a_secret_no_key_opens_anything(program: Subscriber) -> None:
    program.store = Documents()
    assert program.asks()[1] == 404


def test_a_calendar_is_only_read(program: Subscriber) -> None:
    said, status, headers = program.asks(method="POST")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")
    assert "GET" in said
    assert program.asks(method="HEAD")[1] == 200


def test_while_the_documents_are_away_it_asks_again_later(program: Subscriber) -> None:
    program.store.away = True
    _, status, headers = program.asks()
    assert (status, headers["Retry-After"]) == (503, "60")


def test_a_zone_that_this_machine_does_not_know_is_no_empty_calendar(program: Subscriber, team: Config) -> None:
    plan = replace(team.schedules["shop"], time_zone="Moon/Tranquility")
    snapshot.apply(program.store, replace(team, schedules={**team.schedules, "shop": plan}), "test", NOW)
    assert program.asks()[1] == 503
    assert program.asks(where(SECRET, Feed(Kind.USER, "secondary")))[1] == 503
